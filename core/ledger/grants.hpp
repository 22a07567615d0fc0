// Rights granted ahead of time to a store's gateway (ADR 8, ADR 26): leases, which set points of
// one member aside for one store, and budgets, which set nothing aside and only bound what the
// store may let through for everybody else. Pure rules on a working set, like those of rules.hpp:
// nothing is durable, and nothing may be sent, before the store has written the set.
//
// Granting is safe without an answer: a lost grant parks points and loses none. Taking back is not:
// a lease ends by its holder's word, once every sale that was approved under it is settled here, or
// by fencing its holder's epoch; a budget by being used up, or by fencing. No time-out gives back.
#pragma once

#include <cstdint>
#include <vector>

#include "core/ledger/policy.hpp"
#include "core/ledger/working_set.hpp"

namespace tally::ledger {

/// The gateway that is to hold a right, in the epoch in which it may.
struct Holder {
  GatewayId gateway;
  StoreId store;
  Epoch epoch;
};

/// Answers in order of precedence. Values are those of logs and metrics.
enum class GrantOutcome : std::uint8_t {
  kGranted = 1,
  kUnknownMember = 2,  ///< Nobody, or merged into another.
  kMemberFrozen = 3,
  kHeldElsewhere = 4,   ///< Another gateway of the store has the member's lease, or an older epoch.
  kTooManyStores = 5,   ///< The member has leases in as many stores as allowed.
  kNothingToGrant = 6,  ///< Too little is left of the member's share, or of the store's limit.
};

struct GrantResult {
  GrantOutcome outcome = GrantOutcome::kNothingToGrant;
  RightId right;  ///< When granted; an equal ask gets the same again.
};

struct LeaseRequest {
  Holder holder;
  MemberId member;
  Points points;  ///< Wanted; the grant is this much or less.
};

void plan_lease(ReadPlan& plan, const LeaseRequest& request);
/// AVAILABLE → ESCROW of a new lease. It takes lots that outlive the lease and the days its records
/// may need to arrive, soonest expiry first. While the member has a lease in this store, asking
/// again gives that one, however much of it is used.
GrantResult grant_lease(WorkingSet& set,
                        const LeaseRequest& request,
                        const Policy& policy,
                        const LedgerTime& time);

struct BudgetRequest {
  Holder holder;
  RightId newest;  ///< The newest budget the gateway has of this epoch; none: it has none.
};

void plan_budget(ReadPlan& plan, const BudgetRequest& request);
/// Grants the store's gateway as much as its limit leaves. When the gateway does not have the
/// newest open one, that one is the answer: the grant was lost on the way. No account moves: a
/// budget is a bound on what may become RISK, not points of anybody.
GrantResult grant_budget(WorkingSet& set,
                         const BudgetRequest& request,
                         const Policy& policy,
                         const LedgerTime& time);

/// What a gateway says when it has closed a lease.
struct ReturnStatement {
  Holder holder;
  RightId right;
  Points unspent;             ///< What it did not approve. A cross-check, not the proof.
  std::vector<SaleId> sales;  ///< Approved under it, and not known to it to be settled.
};

enum class ReturnOutcome : std::uint8_t {
  kReturned = 1,
  kWaits = 2,    ///< A sale is not settled: to be said again later.
  kEnded = 3,    ///< It had ended before.
  kRefused = 4,  ///< No such lease of this holder, or more unspent than was granted.
};

void plan_return(ReadPlan& plan, const ReturnStatement& statement);
/// ESCROW → AVAILABLE, into the lots it came from (returned_to()); → SUSPENSE of the store when
/// more was used than the holder says it approved (settle_return()).
ReturnOutcome return_lease(WorkingSet& set,
                           const ReturnStatement& statement,
                           const Policy& policy,
                           const LedgerTime& time);

void plan_fence(ReadPlan& plan, RightId right);
/// Ends a right whose holder can no longer be asked: a lease's rest goes back to its member. Uses
/// that arrive later are taken from the member, then they are RISK of the store, up to what was
/// granted; so much stays open in the store's exposure. False when it had ended before.
bool fence_right(WorkingSet& set, RightId right, const Policy& policy, const LedgerTime& time);

/// How often a member came to a store in the time that is looked at.
struct Visits {
  StoreId store;
  std::uint32_t count = 0;
};

struct LeaseSize {
  StoreId store;
  Points points;
  bool operator==(const LeaseSize&) const = default;
};

/// In which stores a member should have leases, and of how much: the most visited ones (of equal
/// ones the lower number), the allowed share of `points` divided by visits, none below the minimum.
/// `points` are available and leased ones together; nothing is in the answer that was visited
/// never.
std::vector<LeaseSize> size_leases(Points points,
                                   std::vector<Visits> visits,
                                   const OfflinePolicy& policy);

}  // namespace tally::ledger
