#include "tests/sim/day_rules.hpp"

#include <optional>
#include <string>

#include "core/base/assert.hpp"
#include "core/ledger/account.hpp"
#include "core/ledger/txn.hpp"

namespace tally::sim {
namespace {

using ledger::AccountKind;
using ledger::TransferCode;
using ledger::TxnKind;

constexpr std::int64_t kUsPerDay = std::int64_t{86'400} * 1'000'000;

/// A till's clock is wrong when its day lies further back, or further ahead (docs/adr/0007).
constexpr std::int64_t kLateDaysMax = 400;
constexpr std::int64_t kAheadDaysMax = 1;
/// A lot is swept this many days after its last one.
constexpr std::int64_t kSweptAfterDays = 2;

bool is_leap(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

std::int64_t days_of_month(std::int64_t year, std::int64_t month) {
  if (month == 2) {
    return is_leap(year) ? 29 : 28;
  }
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

std::int64_t last_day_of_points(const program::Program& program,
                                std::int64_t earned_on,
                                std::int64_t posted_on) {
  const bool is_wrong =
      earned_on < posted_on - kLateDaysMax || earned_on > posted_on + kAheadDaysMax;
  return end_of_month((is_wrong ? posted_on : earned_on) + program.lot_life_days);
}

/// One leg with what its transaction says.
struct Entry {
  std::int64_t txn = 0;
  TxnKind kind{};
  std::optional<RecordId> record;
  std::int64_t business_day = 0;
  std::int64_t posted_on = 0;
  AccountKind to{};
  TransferCode code{};
  std::int64_t expires_on = 0;
};

class DayRules {
 public:
  DayRules(const program::Program& program, Truth& truth, Verdict& verdict)
      : program_(program), truth_(truth), verdict_(verdict) {}

  void judge(const Entry& entry);

 private:
  void broken(const char* invariant, const Entry& entry, const std::string& text) {
    verdict_.violated(invariant, "transaction " + std::to_string(entry.txn) + ": " + text);
  }
  void judge_record(const Entry& entry, const Fact& fact);

  const program::Program& program_;
  Truth& truth_;
  Verdict& verdict_;
};

void DayRules::judge(const Entry& entry) {
  const Fact* fact = entry.record ? truth_.find(*entry.record) : nullptr;
  if (fact != nullptr) {
    judge_record(entry, *fact);
  }
  // What the office does by itself happens on its own day.
  const bool is_offices = entry.kind == TxnKind::kHold || entry.kind == TxnKind::kRelease ||
                          entry.kind == TxnKind::kVest || entry.kind == TxnKind::kExpire ||
                          entry.kind == TxnKind::kCorrection || entry.kind == TxnKind::kAdjustment;
  if (is_offices && entry.business_day != entry.posted_on) {
    broken("I7",
           entry,
           "done on day " + std::to_string(entry.posted_on) + " and booked on day " +
               std::to_string(entry.business_day));
  }
  if (entry.code == TransferCode::kExpiry && entry.expires_on > entry.posted_on - kSweptAfterDays) {
    broken("I7",
           entry,
           "points that may be spent until day " + std::to_string(entry.expires_on) +
               " were swept on day " + std::to_string(entry.posted_on));
  }
  const bool comes_back =
      entry.code == TransferCode::kCancelRedemption || entry.code == TransferCode::kRelease;
  if (comes_back && entry.to == AccountKind::kAvailable && entry.expires_on < entry.posted_on) {
    broken("I7",
           entry,
           "points came back on day " + std::to_string(entry.posted_on) + " into a lot of day " +
               std::to_string(entry.expires_on));
  }
}

void DayRules::judge_record(const Entry& entry, const Fact& fact) {
  if (entry.business_day != fact.business_day.days) {
    broken("I7", entry, "booked on another day than " + name_of(fact.id) + " says");
  }
  // Also what still waits knows the lot it is meant for.
  if (entry.code != TransferCode::kAccrual) {
    return;
  }
  const std::int64_t due = last_day_of_points(program_, fact.business_day.days, entry.posted_on);
  if (entry.expires_on != due) {
    broken("I7",
           entry,
           "points of day " + std::to_string(fact.business_day.days) + ", posted on day " +
               std::to_string(entry.posted_on) + ", expire on day " +
               std::to_string(entry.expires_on) + " instead of " + std::to_string(due));
  }
}

}  // namespace

std::int64_t calendar_day(WallTime at) {
  return (at.us + kOfficeAheadS * 1'000'000) / kUsPerDay;
}

// Year by year from 1970: slow and plain.
std::int64_t end_of_month(std::int64_t day) {
  std::int64_t year = 1970;
  for (; day >= (is_leap(year) ? 366 : 365); ++year) {
    day -= is_leap(year) ? 366 : 365;
  }
  std::int64_t end = -1;
  for (std::int64_t month = 1; end < day; ++month) {
    end += days_of_month(year, month);
  }
  std::int64_t before = 0;
  for (std::int64_t past = 1970; past < year; ++past) {
    before += is_leap(past) ? 366 : 365;
  }
  return before + end;
}

void check_day_rules(storage::Db& db,
                     const program::Program& program,
                     Truth& truth,
                     Verdict& verdict) {
  auto rows = db.prepare(
      "SELECT t.id, t.kind, t.terminal, t.incarnation, t.boot, t.seq, t.business_day, "
      "t.posted_us, l.to_kind, l.code, l.expires_on "
      "FROM txn t JOIN transfer l ON l.shard = t.shard AND l.txn = t.id ORDER BY t.id");
  TALLY_ASSERT(rows.has_value());
  DayRules rules(program, truth, verdict);
  while (!verdict.any() && rows->step().value_or(false)) {
    Entry entry;
    entry.txn = rows->int64(0);
    entry.kind = static_cast<TxnKind>(rows->int64(1));
    if (!rows->is_null(2)) {
      entry.record = RecordId{TerminalId{rows->uint32(2)},
                              Incarnation{rows->uint32(3)},
                              BootId{rows->uint64(4)},
                              Seq{rows->uint64(5)}};
    }
    entry.business_day = rows->int64(6);
    entry.posted_on = calendar_day(WallTime{rows->int64(7)});
    entry.to = static_cast<AccountKind>(rows->int64(8));
    entry.code = static_cast<TransferCode>(rows->int64(9));
    entry.expires_on = rows->int64(10);
    rules.judge(entry);
  }
}

void check_swept(storage::Db& db, WallTime now, Verdict& verdict) {
  auto rows = db.prepare("SELECT member, expires_on, points FROM lot ORDER BY expires_on");
  TALLY_ASSERT(rows.has_value());
  const std::int64_t today = calendar_day(now);
  if (rows->step().value_or(false) && rows->int64(1) <= today - kSweptAfterDays) {
    verdict.violated("I7",
                     "member " + std::to_string(rows->int64(0)) + " still has " +
                         std::to_string(rows->int64(2)) + " points that expired on day " +
                         std::to_string(rows->int64(1)) + ", today is day " +
                         std::to_string(today));
  }
}

}  // namespace tally::sim
