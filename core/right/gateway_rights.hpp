// Everything a gateway holds to approve redemptions by itself when the OA cannot be asked in time:
// leases, budgets, slices out at its terminals, and the sales that were let through
// (docs/formats/right.md, ADR 8, ADR 27). Pure: events in as calls; take_changes() says what
// belongs into the next commit. The order that never changes:
//
//   authorise → take_changes → commit → deliver → answer
//
// deliver() judges again what the commit may have outlasted. Nothing that a call changed may be
// told to anybody before its commit: no answer, no slice, no return, no Hello. When a commit fails,
// make the object anew from the rows on disk, as at a start.
//
// Frozen: a gateway that started may stand on a disk that was put back to an older state. Until
// confirm() it approves nothing, cuts nothing, takes no grant and states no return. Records are
// facts and are taken at any time. Not thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "core/right/budget_book.hpp"
#include "core/right/exposure.hpp"
#include "core/right/lease_book.hpp"
#include "core/right/member_uses.hpp"
#include "core/right/sale_answers.hpp"

namespace tally::right {

struct GatewayRightsConfig {
  GatewayId gateway;
  StoreId store;
  BootId boot;
  crypto::PublicKey oa_key{};
  OfflineLimits limits;
  Duration margin{60'000};  ///< Off every lifetime: clocks drift.
};

/// What a gateway says of its rights when it connects to the OA.
struct Holdings {
  Epoch epoch;
  RightId watermark;      ///< A grant of this epoch at or under it that is not live is not here,
                          ///< and never will be.
  RightId newest_budget;  ///< Of this epoch.
  std::vector<RightId> live;
};

/// A redemption or a reversal that a terminal's stream brought.
struct ClosingRecord {
  RecordId id;
  LocalAsk sale;  ///< As the record tells it.
  std::vector<record::FundingLeg> legs;
  BusinessDay day;

  StreamId stream() const { return {id.terminal, id.incarnation}; }
};

class GatewayRights {
 public:
  GatewayRights(GatewayRightsConfig config, const RightRows& rows);

  /// The OA confirmed what this gateway's journal ends with, or a hardware counter proved the disk.
  void confirm(const Moment& now);
  bool frozen() const { return frozen_; }

  TakeOutcome take(const SignedGrant& signed_grant, const Moment& now);

  /// A terminal asks, and the OA cannot be asked or is too slow. `attempt` says the same member and
  /// points. An approval is on its way to disk; it is answered with deliver().
  SpendVerdict authorise(const LocalAsk& ask, const Attempt& attempt, BootTime now);
  /// What may be answered for a sale whose approval is on disk, now and whenever it is asked again.
  /// Anything but an approval is no answer: the terminal hears that nobody could be asked.
  SpendVerdict deliver(const SaleId& sale, BootTime now) const;
  /// Whether the sale was answered here: then the OA is never asked about it.
  bool answers_for(const SaleId& sale) const;
  /// The OA's word for a right here, to go with an answer; nullptr when it is not here.
  const SignedGrant* grant_of(const record::FundingLeg& leg) const;

  CutResult cut_slice(const SliceAsk& ask, BootTime now);
  /// `received` is how far the terminal's stream is here.
  bool give_back(StreamId stream, const SliceReturn& statement, Seq received);
  /// A terminal's Hello: its boot, its journal's head, and how far its stream is here.
  void on_terminal_hello(StreamId stream, BootId boot, Seq head, Seq received);

  /// The stream brought a redemption or reversal, for the first time, whose MAC only the OA can
  /// check. Goes into the commit of the record. False when it spends more than its slices.
  bool on_record(const ClosingRecord& record);
  /// Everything the stream brought up to `seq` was given to on_record().
  void on_received(StreamId stream, Seq seq) { budgets_.received(stream, seq); }
  void on_applied(StreamId stream, Seq seq);
  /// The sale is at the OA, though not in its terminal's stream (a branch, a claim).
  void on_sale_at_oa(const SaleId& sale);

  /// The OA would like a lease back. False when it is not open here.
  bool recall(const RightKey& lease) { return leases_.close(lease); }
  /// Closes what is past its deadline. To be called now and then.
  void tick(BootTime now);
  std::vector<ReturnStatement> returns() const;
  /// The OA settled the return, or says that the lease has ended.
  bool on_return_settled(const RightKey& lease);
  /// A newer epoch ends every right of older ones. False when it is not newer.
  bool fence(Epoch epoch);

  Holdings holdings() const;
  Exposure exposure() const;
  /// The changes since the last call.
  RightChanges take_changes();

  const LeaseBook& leases() const { return leases_; }
  const BudgetBook& budgets() const { return budgets_; }

 private:
  TakeOutcome take_new(const SignedGrant& signed_grant, const Moment& now);
  const SignedGrant* live_grant(const RightKey& right) const;
  void settled(const ApprovalRow& approval);

  GatewayRightsConfig config_;
  HolderRow holder_;
  bool holder_changed_ = false;
  bool frozen_ = true;
  LeaseBook leases_;
  BudgetBook budgets_;
  SaleAnswers answers_;
  MemberUses uses_;
};

}  // namespace tally::right
