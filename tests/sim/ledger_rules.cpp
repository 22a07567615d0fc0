#include "tests/sim/ledger_rules.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/assert.hpp"
#include "core/ledger/account.hpp"
#include "core/ledger/txn.hpp"

#include "tests/sim/booking.hpp"
#include "tests/sim/cancellation_rules.hpp"
#include "tests/sim/granted_rights.hpp"

namespace tally::sim {
namespace {

using ledger::AccountKind;
using ledger::TransferCode;
using ledger::TxnKind;

class Rules {
 public:
  Rules(const program::Program& program, Truth& truth, Verdict& verdict)
      : program_(program), truth_(truth), verdict_(verdict) {}

  void read(storage::Db& db);
  void check_owed(storage::Db& db);

 private:
  using BucketKey = std::pair<std::int64_t, std::int64_t>;  ///< Expiry, issuer.
  struct Bucket {
    std::int64_t lot = 0;  ///< Of the points that are in it now.
    std::int64_t points = 0;
  };

  void broken(const char* invariant, const Booking& booking, const std::string& text) {
    sim::broken(verdict_, invariant, booking, text);
  }
  void judge(Booking& booking);
  void judge_bill(const Booking& booking);
  void judge_leg(const Booking& booking, const Leg& leg);
  void take_from_available(const Booking& booking, const Leg& leg);
  void take_from_right(const Booking& booking, const Leg& leg);
  void judge_paid(const Booking& booking);
  void repay(const Leg& leg, std::int64_t member);

  const program::Program& program_;
  Truth& truth_;
  Verdict& verdict_;
  std::map<std::int64_t, Booking> bookings_;
  std::map<std::int64_t, std::map<BucketKey, Bucket>> lots_;          ///< By member.
  std::map<std::int64_t, std::map<BucketKey, std::int64_t>> rights_;  ///< What each holds.
  std::map<std::int64_t, std::deque<std::int64_t>> at_risk_;          ///< By member, oldest first.
  GrantedRights granted_;
  CancellationRules cancellations_{bookings_, truth_, verdict_};
  std::set<SaleId> settled_;
};

void Rules::read(storage::Db& db) {
  granted_.read(db, verdict_);
  if (verdict_.any()) {
    return;
  }
  read_bookings(db, [this](Booking booking) {
    Booking& kept = bookings_.emplace(booking.id, std::move(booking)).first->second;
    judge(kept);
    kept.legs.clear();
    return !verdict_.any();
  });
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
    cancellations_.judge(booking);
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
    unknown += granted_.not_granted(booking, leg, part);
  }
  if (from_suspense != unknown) {
    broken("I4",
           booking,
           "rights that nobody granted pay for " + std::to_string(unknown) + " points, " +
               std::to_string(from_suspense) + " are in SUSPENSE");
  }
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
  rules.read(db);
  if (!verdict.any()) {
    rules.check_owed(db);
  }
}

}  // namespace tally::sim
