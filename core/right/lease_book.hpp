// The leases a gateway holds: one row each, what was spent of it, which sales still have to arrive
// at the OA, and its return (docs/formats/right.md).
//
//   OPEN ──close──▶ CLOSED ──the OA settled the return──▶ erased
//     └───────────────fence (a newer epoch)──────────────▶ erased
//
// A lease closes by recall, at its deadline, when it is used up, and with kUsesMax sales that are
// not known to be at the OA: no return names more. Nobody spends a closed lease. Part of
// GatewayRights, which decides when anything may be spent at all.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "core/right/lifetimes.hpp"
#include "core/right/limits.hpp"
#include "core/right/right_rows.hpp"

namespace tally::right {

/// Sales of one lease that may wait for the OA.
inline constexpr std::size_t kUsesMax = 16;

/// What became of a grant that arrived. In order of precedence.
enum class TakeOutcome : std::uint8_t {
  kTaken = 1,
  kMalformed = 2,
  kForeign = 3,          ///< For another gateway or store.
  kFrozen = 4,           ///< This disk may be an old one: a grant erased since could come back.
  kForged = 5,           ///< Not signed by the OA.
  kOldEpoch = 6,         ///< Fenced.
  kKnown = 7,            ///< The same again; nothing changes.
  kConflict = 8,         ///< The id of a live right, with other contents.
  kLate = 9,             ///< At or under the watermark and not live: it never comes back.
  kMemberHasLease = 10,  ///< An open one; the watermark passes this one, the OA takes it back.
  kFull = 11,            ///< No more fit; likewise.
};

/// What a gateway says of a lease it has closed.
struct ReturnStatement {
  RightKey lease;
  Points unspent;             ///< Of the grant, gross.
  std::vector<SaleId> sales;  ///< Approved under it and not known to be at the OA.
  bool operator==(const ReturnStatement&) const = default;
};

class LeaseBook {
 public:
  static constexpr std::size_t kLeasesMax = 16'384;

  LeaseBook(const std::vector<LeaseRow>& rows,
            const std::vector<ApprovalRow>& approvals,
            Duration margin);

  const LeaseRow* find(const RightKey& lease) const { return table_.find(lease); }
  const std::map<RightKey, LeaseRow>& rows() const { return table_.rows(); }

  /// Keeps a grant that is verified and new.
  TakeOutcome take(const SignedGrant& lease, const Moment& now);

  /// Decrements the member's open lease and puts the sale on its list, or says why not.
  SpendVerdict spend(const SaleId& sale,
                     const Attempt& attempt,
                     OfflineLimits limits,
                     const MemberSoFar& so_far,
                     BootTime now);

  bool may_spend(const RightKey& lease, BootTime now) const;

  /// A sale is at the OA: no return has to name it.
  void sale_settled(const RightKey& lease, const SaleId& sale);

  /// False when there is no such open lease.
  bool close(const RightKey& lease);
  void close_past_deadline(BootTime now);

  /// Of every closed lease, to be said until the OA has settled it.
  std::vector<ReturnStatement> returns() const;
  /// The OA ended the lease. False when it is not here.
  bool erase(const RightKey& lease);

  /// Ends all leases of epochs before `epoch`.
  void fence(Epoch epoch);
  /// The deadlines of leases of earlier boots.
  void resume(const Moment& now);

  /// What may still be spent.
  Points unspent() const;

  RowChanges<RightKey, LeaseRow> take_changes() { return table_.take_changes(); }

 private:
  const LeaseRow* open_lease_of(MemberId member) const;

  RowTable<RightKey, LeaseRow> table_;
  std::map<MemberId, RightKey> open_;
  std::map<RightKey, std::set<SaleId>> waiting_;  ///< Sales not known to be at the OA.
  Lifetimes lifetimes_;
};

}  // namespace tally::right
