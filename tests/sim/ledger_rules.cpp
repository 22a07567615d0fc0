#include "tests/sim/ledger_rules.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/base/assert.hpp"
#include "core/ledger/account.hpp"
#include "core/ledger/txn.hpp"

#include "tests/sim/day_rules.hpp"

namespace tally::sim {
namespace {

using ledger::AccountKind;
using ledger::TransferCode;
using ledger::TxnKind;

struct Leg {
  AccountKind from{};
  std::int64_t from_owner = 0;
  AccountKind to{};
  std::int64_t to_owner = 0;
  std::int64_t points = 0;
  TransferCode code{};
  std::int64_t expires_on = 0;
  std::int64_t issuer = 0;
  std::int64_t lot = 0;
};

/// What a redemption was paid from and gives back to when it is cancelled.
struct Part {
  AccountKind kind{};
  std::int64_t owner = 0;  ///< Store of RISK and SUSPENSE; issuer of a lot.
  std::int64_t expires_on = 0;
  std::int64_t points = 0;
};

struct Booking {
  std::int64_t id = 0;
  std::int64_t member = 0;
  TxnKind kind{};
  std::optional<RecordId> record;
  SaleId sale;
  std::int64_t posted_on = 0;  ///< The day it was in the office.
  std::int64_t points = 0;
  std::int64_t bill = 0;
  std::int64_t discount = 0;
  std::int64_t about = 0;
  std::int64_t cause = 0;
  std::int64_t returned = 0;
  std::int64_t left = 0;
  std::vector<Part> parts;
  std::vector<Leg> legs;
};

/// Shares of `whole`, none above its weight: rounded down, the rest one each to those with the
/// largest remainder, of equal ones to the first.
std::vector<std::int64_t> shares(std::int64_t whole, const std::vector<Part>& parts) {
  std::int64_t total = 0;
  for (const Part& part : parts) {
    total += part.points;
  }
  std::vector<std::int64_t> out;
  std::vector<std::pair<std::int64_t, std::size_t>> by_remainder;
  std::int64_t given = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    out.push_back(total == 0 ? 0 : whole * parts[i].points / total);
    given += out.back();
    by_remainder.emplace_back(total == 0 ? 0 : -(whole * parts[i].points % total), i);
  }
  std::sort(by_remainder.begin(), by_remainder.end());
  for (std::size_t i = 0; given < whole && i < by_remainder.size(); ++i, ++given) {
    ++out[by_remainder[i].second];
  }
  return out;
}

/// What the ledger says of a right, and what redemptions have spent of it so far.
struct Grant {
  std::int64_t kind = 0;
  std::int64_t holder = 0;
  std::int64_t member = 0;
  SaleId sale;
  std::int64_t granted = 0;
  std::int64_t used = 0;
};

class Rules {
 public:
  Rules(const program::Program& program, Truth& truth, Verdict& verdict)
      : program_(program), truth_(truth), verdict_(verdict) {}

  void read_rights(storage::Db& db);
  void read_lost_rights(storage::Db& db);
  void read(storage::Db& db);
  void check_owed(storage::Db& db);

 private:
  using BucketKey = std::pair<std::int64_t, std::int64_t>;  ///< Expiry, issuer.
  struct Bucket {
    std::int64_t lot = 0;  ///< Of the points that are in it now.
    std::int64_t points = 0;
  };

  void broken(const char* invariant, const Booking& booking, const std::string& text) {
    verdict_.violated(invariant, "transaction " + std::to_string(booking.id) + ": " + text);
  }
  void judge(Booking& booking);
  void judge_bill(const Booking& booking);
  void judge_leg(const Booking& booking, const Leg& leg);
  void take_from_available(const Booking& booking, const Leg& leg);
  void take_from_right(const Booking& booking, const Leg& leg);
  void judge_paid(const Booking& booking);
  std::int64_t not_granted(const Booking& booking,
                           const record::FundingLeg& leg,
                           std::int64_t points);
  void judge_cancellation(const Booking& booking);
  void judge_given_back(const Booking& booking, Booking& original, std::int64_t covered);
  std::int64_t claimed(const Booking& booking, Booking& original);
  void repay(const Leg& leg, std::int64_t member);

  const program::Program& program_;
  Truth& truth_;
  Verdict& verdict_;
  std::map<std::int64_t, Booking> bookings_;
  std::map<std::int64_t, std::map<BucketKey, Bucket>> lots_;          ///< By member.
  std::map<std::int64_t, std::map<BucketKey, std::int64_t>> rights_;  ///< What each holds.
  std::map<std::int64_t, std::deque<std::int64_t>> at_risk_;          ///< By member, oldest first.
  /// A hold that an OA granted and lost with its ledger is no unknown one.
  bool is_lost(std::uint64_t right) const {
    return std::any_of(lost_rights_.begin(), lost_rights_.end(), [&](const auto& range) {
      return range.first <= right && right <= range.second;
    });
  }

  std::map<std::uint64_t, Grant> grants_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> lost_rights_;
  std::set<SaleId> settled_;
};

void Rules::read_rights(storage::Db& db) {
  auto rows =
      db.prepare("SELECT id, sale, kind, holder, member, granted FROM right_row ORDER BY id");
  TALLY_ASSERT(rows.has_value());
  std::set<SaleId> held;
  for (;;) {
    const auto there = rows->step();
    if (!there || !*there) {
      return;
    }
    Grant& grant = grants_[rows->uint64(0)];
    grant.kind = rows->int64(2);
    grant.holder = rows->int64(3);
    grant.member = rows->int64(4);
    grant.granted = rows->int64(5);
    const auto sale = rows->array<16>(1);
    grant.sale = sale ? SaleId{*sale} : SaleId{};
    if (sale && !held.insert(grant.sale).second) {
      verdict_.violated("I3", "one sale has two holds: right " + std::to_string(rows->uint64(0)));
      return;
    }
  }
}

void Rules::read_lost_rights(storage::Db& db) {
  auto rows = db.prepare("SELECT right_first, right_last FROM restored");
  TALLY_ASSERT(rows.has_value());
  while (rows->step().value_or(false)) {
    lost_rights_.emplace_back(rows->uint64(0), rows->uint64(1));
  }
}

void Rules::read(storage::Db& db) {
  auto legs = db.prepare(
      "SELECT from_kind, from_owner, to_kind, to_owner, points, code, expires_on, issuer, lot, txn "
      "FROM transfer ORDER BY txn, leg");
  auto rows = db.prepare(
      "SELECT id, member, kind, terminal, incarnation, boot, seq, sale, posted_us, points, "
      "bill_minor, discount_minor, about, cause FROM txn ORDER BY id");
  TALLY_ASSERT(legs.has_value() && rows.has_value());
  bool leg_there = legs->step().value_or(false);
  while (!verdict_.any() && rows->step().value_or(false)) {
    Booking booking;
    booking.id = rows->int64(0);
    booking.member = rows->int64(1);
    booking.kind = static_cast<TxnKind>(rows->int64(2));
    if (!rows->is_null(3)) {
      booking.record = RecordId{TerminalId{rows->uint32(3)},
                                Incarnation{rows->uint32(4)},
                                BootId{rows->uint64(5)},
                                Seq{rows->uint64(6)}};
    }
    if (const auto sale = rows->array<16>(7)) {
      booking.sale = SaleId{*sale};
    }
    booking.posted_on = calendar_day(WallTime{rows->int64(8)});
    booking.points = rows->int64(9);
    booking.bill = rows->int64(10);
    booking.discount = rows->int64(11);
    booking.about = rows->int64(12);
    booking.cause = rows->int64(13);
    for (; leg_there && legs->int64(9) == booking.id; leg_there = legs->step().value_or(false)) {
      booking.legs.push_back({static_cast<AccountKind>(legs->int64(0)),
                              legs->int64(1),
                              static_cast<AccountKind>(legs->int64(2)),
                              legs->int64(3),
                              legs->int64(4),
                              static_cast<TransferCode>(legs->int64(5)),
                              legs->int64(6),
                              legs->int64(7),
                              legs->int64(8)});
    }
    Booking& kept = bookings_.emplace(booking.id, std::move(booking)).first->second;
    judge(kept);
    kept.legs.clear();
  }
}

void Rules::judge(Booking& booking) {
  if (booking.kind == TxnKind::kHold && settled_.contains(booking.sale)) {
    broken("I3", booking, "a hold for a sale that was settled before");
  }
  if (booking.record && booking.sale) {
    settled_.insert(booking.sale);
  }
  if (booking.kind == TxnKind::kAccrual || booking.kind == TxnKind::kRedemption) {
    booking.left = std::abs(booking.points);
    judge_bill(booking);
    judge_paid(booking);
  }
  if (booking.about != 0 && bookings_.contains(booking.about)) {
    judge_cancellation(booking);
  }
  for (const Leg& leg : booking.legs) {
    judge_leg(booking, leg);
    if (booking.kind == TxnKind::kRedemption && leg.to == AccountKind::kRedeemed) {
      const bool lot = leg.from == AccountKind::kAvailable || leg.from == AccountKind::kEscrow;
      booking.parts.push_back({lot ? AccountKind::kAvailable : leg.from,
                               lot ? leg.issuer : leg.from_owner,
                               lot ? leg.expires_on : 0,
                               leg.points});
      if (leg.from == AccountKind::kRisk) {
        at_risk_[booking.member].push_back(booking.id);
      }
    }
    if (leg.code == TransferCode::kRepayRisk) {
      repay(leg, booking.member);
    }
  }
}

// The office and the till agree on what a bill earns and what points are worth.
void Rules::judge_bill(const Booking& booking) {
  if (booking.kind == TxnKind::kAccrual) {
    const std::int64_t earned =
        booking.bill / program_.earn_step.minor_units * program_.earn_points.value;
    if (booking.points != earned) {
      broken("I5",
             booking,
             "a bill of " + std::to_string(booking.bill) + " earns " + std::to_string(earned) +
                 " points, not " + std::to_string(booking.points));
    }
    return;
  }
  const std::int64_t worth =
      -booking.points / program_.redeem_step.value * program_.redeem_step_worth.minor_units;
  if (worth != booking.discount ||
      booking.discount * 100 > booking.bill * program_.bill_share_percent) {
    broken("I5",
           booking,
           std::to_string(-booking.points) + " points took " + std::to_string(booking.discount) +
               " off a bill of " + std::to_string(booking.bill));
  }
}

// What was earned or redeemed moved in whole, and a right that nobody granted costs no member.
void Rules::judge_paid(const Booking& booking) {
  std::int64_t moved = 0;
  std::int64_t from_suspense = 0;
  for (const Leg& leg : booking.legs) {
    const bool main = leg.code == TransferCode::kAccrual || leg.code == TransferCode::kRedemption;
    moved += main ? leg.points : 0;
    from_suspense += main && leg.from == AccountKind::kSuspense ? leg.points : 0;
  }
  if (moved != std::abs(booking.points)) {
    broken("I7",
           booking,
           std::to_string(moved) + " points moved of " + std::to_string(std::abs(booking.points)));
  }
  const Fact* fact = booking.record ? truth_.find(*booking.record) : nullptr;
  if (fact == nullptr || booking.kind != TxnKind::kRedemption) {
    return;
  }
  std::int64_t unknown = 0;
  std::int64_t open = -booking.points;
  for (const record::FundingLeg& leg : fact->funding) {
    const std::int64_t part = std::min(leg.points.value, open);
    open -= part;
    unknown += not_granted(booking, leg, part);
  }
  if (from_suspense != unknown) {
    broken("I4",
           booking,
           "rights that nobody granted pay for " + std::to_string(unknown) + " points, " +
               std::to_string(from_suspense) + " are in SUSPENSE");
  }
}

/// How many of the points no right covers that the OA gave this sale, nor one that it gave and
/// lost.
std::int64_t Rules::not_granted(const Booking& booking,
                                const record::FundingLeg& leg,
                                std::int64_t points) {
  const auto at = grants_.find(leg.right.value);
  if (at == grants_.end()) {
    return leg.kind == RightKind::kHold && is_lost(leg.right.value) ? 0 : points;
  }
  Grant& grant = at->second;
  const bool fits = grant.kind == static_cast<std::int64_t>(leg.kind) &&
                    grant.member == booking.member && grant.sale == booking.sale &&
                    grant.holder == static_cast<std::int64_t>(booking.record->terminal.value);
  const std::int64_t covered = fits ? std::min(points, grant.granted - grant.used) : 0;
  grant.used += covered;
  return points - covered;
}

void Rules::judge_leg(const Booking& booking, const Leg& leg) {
  if (leg.from == AccountKind::kAvailable) {
    take_from_available(booking, leg);
  }
  if (leg.from == AccountKind::kEscrow) {
    take_from_right(booking, leg);
  }
  if (leg.to == AccountKind::kEscrow) {
    rights_[leg.to_owner][{leg.expires_on, leg.issuer}] += leg.points;
  }
  if (leg.to == AccountKind::kAvailable) {
    Bucket& bucket = lots_[leg.to_owner][{leg.expires_on, leg.issuer}];
    bucket.lot = bucket.points > 0 ? bucket.lot : leg.lot;
    bucket.points += leg.points;
  }
  if (leg.code == TransferCode::kAccrual && leg.issuer != leg.from_owner) {
    broken("I7", booking, "points of one store went into a lot of another");
  }
}

void Rules::take_from_available(const Booking& booking, const Leg& leg) {
  auto& buckets = lots_[leg.from_owner];
  Bucket& bucket = buckets[{leg.expires_on, leg.issuer}];
  const std::pair spent{leg.expires_on, bucket.lot};
  bucket.points -= leg.points;
  if (bucket.points < 0) {
    broken("I7", booking, "a lot gave more than it had");
  }
  const bool in_order = leg.code == TransferCode::kRedemption || leg.code == TransferCode::kHold ||
                        leg.code == TransferCode::kRepayRisk ||
                        leg.code == TransferCode::kRepayDebt;
  for (const auto& [key, other] : buckets) {
    if (in_order && other.points > 0 && std::pair{key.first, other.lot} < spent) {
      broken("I7",
             booking,
             "a lot that expires on day " + std::to_string(leg.expires_on) +
                 " was spent before an older one, of day " + std::to_string(key.first));
      return;
    }
  }
}

// A leg names the lot the points go on to: the one they were held from, or, when they come back
// after its last day, the one of the grace. A right gives what expires first before the rest.
void Rules::take_from_right(const Booking& booking, const Leg& leg) {
  auto& held = rights_[leg.from_owner];
  const bool comes_back = leg.code == TransferCode::kRelease;
  const auto at = std::find_if(held.begin(), held.end(), [&](const auto& lot) {
    const auto [expires_on, issuer] = lot.first;
    const std::int64_t lands_on = comes_back && expires_on < booking.posted_on
                                      ? booking.posted_on + program_.refund_grace_days
                                      : expires_on;
    return issuer == leg.issuer && lands_on == leg.expires_on && lot.second >= leg.points;
  });
  if (at == held.end()) {
    broken("I7",
           booking,
           "right " + std::to_string(leg.from_owner) + " gave points of a lot it does not hold");
    return;
  }
  at->second -= leg.points;
}

void Rules::repay(const Leg& leg, std::int64_t member) {
  auto& waiting = at_risk_[member];
  while (!waiting.empty()) {
    std::vector<Part>& parts = bookings_.at(waiting.front()).parts;
    const auto open = std::find_if(parts.begin(), parts.end(), [](const Part& part) {
      return part.kind == AccountKind::kRisk;
    });
    if (open == parts.end()) {
      waiting.pop_front();
      continue;
    }
    open->points -= leg.points;
    if (open->points == 0) {
      parts.erase(open);
    }
    parts.push_back({AccountKind::kAvailable, leg.issuer, leg.expires_on, leg.points});
    return;
  }
}

std::int64_t Rules::claimed(const Booking& booking, Booking& original) {
  const auto cause = bookings_.find(booking.cause);
  const std::optional<RecordId> record =
      booking.record || cause == bookings_.end() ? booking.record : cause->second.record;
  const Fact* fact = record ? truth_.find(*record) : nullptr;
  const std::int64_t whole = std::abs(original.points);
  if (fact == nullptr || fact->kind != record::RecordKind::kRefund ||
      fact->returned.minor_units == 0 || original.bill <= 0) {
    return whole;
  }
  const std::int64_t before = whole * original.returned / original.bill;
  original.returned += std::min(fact->returned.minor_units, original.bill);
  return whole * original.returned / original.bill - before;
}

void Rules::judge_cancellation(const Booking& booking) {
  Booking& original = bookings_.at(booking.about);
  if (original.kind != TxnKind::kAccrual && original.kind != TxnKind::kRedemption) {
    return;
  }
  const bool by_record = booking.kind == TxnKind::kVoid || booking.kind == TxnKind::kRefund ||
                         booking.kind == TxnKind::kReversal;
  if (!by_record) {
    return;
  }
  const std::int64_t wanted = claimed(booking, original);
  const std::int64_t covered = std::min(wanted, original.left);
  std::int64_t moved = 0;
  std::int64_t excess = 0;
  for (const Leg& leg : booking.legs) {
    excess += leg.code == TransferCode::kExcess ? leg.points : 0;
    moved += leg.code == TransferCode::kCancelAccrual || leg.code == TransferCode::kCancelRedemption
                 ? leg.points
                 : 0;
  }
  if (std::abs(booking.points) != covered || moved != covered || excess != wanted - covered) {
    broken("I8",
           booking,
           "of transaction " + std::to_string(original.id) + " with " +
               std::to_string(original.left) + " points left, " + std::to_string(wanted) +
               " were to be cancelled; " + std::to_string(moved) + " were, and " +
               std::to_string(excess) + " went to SUSPENSE");
  }
  original.left -= covered;
  if (original.kind == TxnKind::kRedemption) {
    judge_given_back(booking, original, covered);
  }
}

void Rules::judge_given_back(const Booking& booking, Booking& original, std::int64_t covered) {
  using Place = std::tuple<AccountKind, std::int64_t, std::int64_t>;
  std::map<Place, std::int64_t> due;
  const std::vector<std::int64_t> parts = shares(covered, original.parts);
  const auto place_of = [&](AccountKind kind, std::int64_t owner, std::int64_t expires_on) {
    return Place{kind, owner, expires_on < booking.posted_on ? 0 : expires_on};
  };
  bool any_expired = false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Part& part = original.parts[i];
    any_expired = any_expired ||
                  (part.kind == AccountKind::kAvailable && part.expires_on < booking.posted_on);
    due[place_of(part.kind, part.owner, part.expires_on)] += parts[i];
    part.points -= parts[i];
  }
  std::erase_if(original.parts, [](const Part& part) { return part.points == 0; });
  std::erase_if(due, [](const auto& entry) { return entry.second == 0; });
  std::map<Place, std::int64_t> given;
  for (const Leg& leg : booking.legs) {
    if (leg.code == TransferCode::kCancelRedemption) {
      const bool lot = leg.to == AccountKind::kAvailable;
      given[place_of(leg.to, lot ? leg.issuer : leg.to_owner, lot ? leg.expires_on : 0)] +=
          leg.points;
    }
  }
  if (!any_expired && given != due) {
    const auto listed = [](const std::map<Place, std::int64_t>& places) {
      std::string text;
      for (const auto& [place, points] : places) {
        const auto& [kind, owner, expires_on] = place;
        text += " " + std::to_string(points) + " of " + std::string(ledger::name_of(kind)) + "/" +
                std::to_string(owner) + "/" + std::to_string(expires_on);
      }
      return text;
    };
    broken("I8",
           booking,
           "the points of transaction " + std::to_string(original.id) +
               " did not go back where they came from; due:" + listed(due) +
               ", given:" + listed(given));
  }
}

// With points available nothing that is owed stays open.
void Rules::check_owed(storage::Db& db) {
  auto rows = db.prepare(
      "SELECT id, available, risk, debt FROM member WHERE available > 0 AND (risk < 0 OR debt < "
      "0)");
  TALLY_ASSERT(rows.has_value());
  if (rows->step().value_or(false)) {
    verdict_.violated("I4",
                      "member " + std::to_string(rows->int64(0)) + " has " +
                          std::to_string(rows->int64(1)) + " points available, and RISK " +
                          std::to_string(rows->int64(2)) + ", DEBT " +
                          std::to_string(rows->int64(3)) + " open");
  }
}

}  // namespace

void check_ledger_rules(storage::Db& db,
                        const program::Program& program,
                        Truth& truth,
                        Verdict& verdict) {
  Rules rules(program, truth, verdict);
  rules.read_rights(db);
  rules.read_lost_rights(db);
  rules.read(db);
  if (!verdict.any()) {
    rules.check_owed(db);
  }
}

}  // namespace tally::sim
