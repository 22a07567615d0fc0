#include "tests/sim/ledger_watch.hpp"

#include <algorithm>
#include <utility>

#include "core/ledger/account.hpp"
#include "core/ledger/right.hpp"
#include "core/ledger/txn.hpp"

namespace tally::sim {
namespace {

using ledger::AccountKind;
using ledger::TxnKind;

std::int64_t number(AccountKind kind) {
  return static_cast<std::int64_t>(kind);
}

bool is_kind(const MirrorTxn& txn, TxnKind kind) {
  return txn.kind == static_cast<std::int64_t>(kind);
}

bool is_sale(const MirrorTxn& txn) {
  return is_kind(txn, TxnKind::kAccrual) || is_kind(txn, TxnKind::kRedemption);
}

std::string of_member(std::int64_t id, const MirrorMember& member) {
  return "member " + std::to_string(id) + ": available " + std::to_string(member.available) +
         ", held " + std::to_string(member.held) + ", pending " + std::to_string(member.pending) +
         ", debt " + std::to_string(member.debt) + ", risk " + std::to_string(member.risk) +
         ", in lots " + std::to_string(member.in_lots) + ", in rights " +
         std::to_string(member.in_rights);
}

}  // namespace

MemberId LedgerWatch::owner_of(const std::string& card_token) const {
  const auto at = cards_.find(card_token);
  return at == cards_.end() ? MemberId{} : at->second;
}

void LedgerWatch::on_opened(const std::string& path) {
  tap_.attach(path);
  LedgerMirror read;
  read.load(tap_);
  if (opened_before_ && !restored_) {
    // What a commit left in doubt may be there; nothing that was committed may be missing.
    for (const auto& [id, member] : mirror_.members()) {
      if (!read.members().contains(id)) {
        verdict_.violated("I5", "the OA lost a committed member");
      }
    }
    const std::string lost = read.lacks(mirror_);
    if (!lost.empty()) {
      verdict_.violated("I5", "the OA lost committed " + lost);
    }
  }
  for (const auto& [stream, head] : read.heads()) {
    ever_stored_[stream] = std::max(ever_stored_[stream], head);
  }
  if (restored_) {
    forgive_lost(read);
  }
  read.mark_posted(truth_);
  mirror_ = std::move(read);
  opened_before_ = true;
  restored_ = false;
}

Seq LedgerWatch::ever_stored(StreamId stream) const {
  const auto at = ever_stored_.find(stream);
  return at == ever_stored_.end() ? Seq{} : at->second;
}

void LedgerWatch::on_restored() {
  restored_ = true;
}

// What a back-up does not have is not at the OA until it comes again; a right that it does not know
// of may be spent nevertheless, on points that the member may have been granted a second time.
void LedgerWatch::forgive_lost(const LedgerMirror& restored) {
  truth_.on_ledger_restored();
  for (const auto& [id, right] : mirror_.rights()) {
    if (restored.right(id) == nullptr) {
      truth_.allow_exposure(Points{right.granted});
    }
  }
  std::erase_if(cards_,
                [&](const auto& card) { return !restored.members().contains(card.second.value); });
}

void LedgerWatch::recount() {
  LedgerMirror read;
  read.load(tap_);
  const std::string difference = mirror_.difference(read);
  if (!difference.empty()) {
    verdict_.violated("I7", "what was written and what is read differ in: " + difference);
  }
}

void LedgerWatch::on_committed() {
  Touched touched;
  for (const RowChange& change : tap_.take()) {
    mirror_.take(change, touched);
  }
  judge(touched);
}

void LedgerWatch::judge(const Touched& touched) {
  judge_sums(touched);
  judge_raws(touched);
  for (const std::int64_t id : touched.txns) {
    judge_txn(*mirror_.txn(id));
  }
  for (const std::int64_t id : touched.txns) {
    const MirrorTxn& txn = *mirror_.txn(id);
    if (const Fact* fact = txn.record ? truth_.find(*txn.record) : nullptr; fact != nullptr) {
      judge_pairs(*fact);
    }
  }
  for (const std::int64_t id : touched.originals) {
    const MirrorTxn* txn = mirror_.txn(id);
    if (txn != nullptr && is_sale(*txn) && txn->whole() != txn->cancelled + txn->left) {
      verdict_.violated("I8",
                        "transaction " + std::to_string(id) + " of " + std::to_string(txn->points) +
                            " points has " + std::to_string(txn->cancelled) + " cancelled and " +
                            std::to_string(txn->left) + " left to cancel");
    }
  }
  judge_rights(touched);
}

void LedgerWatch::judge_sums(const Touched& touched) {
  if (mirror_.sum_of_all() != 0) {
    verdict_.violated("I1", "all accounts sum to " + std::to_string(mirror_.sum_of_all()));
  }
  for (const std::string& wrong : touched.wrong_lots) {
    verdict_.violated("I7", wrong);
  }
  for (const std::int64_t id : touched.members) {
    const auto found = mirror_.members().find(id);
    if (found == mirror_.members().end()) {
      continue;
    }
    const MirrorMember& member = found->second;
    if (member.available < 0 || member.held < 0 || member.pending < 0 || member.debt > 0 ||
        member.risk > 0) {
      verdict_.violated("I2", of_member(id, member));
    }
    const bool agrees = member.in_lots == member.available &&
                        mirror_.folded({number(AccountKind::kAvailable), id}) == member.available &&
                        mirror_.folded({number(AccountKind::kPending), id}) == member.pending &&
                        mirror_.folded({number(AccountKind::kDebt), id}) == member.debt;
    if (!agrees || !mirror_.lots_agree(id)) {
      verdict_.violated("I7", "lots, balance and transfers differ: " + of_member(id, member));
    }
  }
  for (const auto& account : touched.accounts) {
    const auto kind = static_cast<AccountKind>(account.first);
    const bool is_members = kind == AccountKind::kAvailable || kind == AccountKind::kEscrow ||
                            kind == AccountKind::kPending || kind == AccountKind::kDebt;
    if (is_members) {
      continue;
    }
    if (mirror_.balance(account) != mirror_.folded(account)) {
      verdict_.violated("I7",
                        std::string(ledger::name_of(kind)) + " of " +
                            std::to_string(account.second) + ": the balance is " +
                            std::to_string(mirror_.balance(account)) + ", the transfers say " +
                            std::to_string(mirror_.folded(account)));
    }
  }
  const std::int64_t exposure = -mirror_.balance_of_kind(number(AccountKind::kRisk));
  if (exposure > exposure_reached_) {
    exposure_reached_ = exposure;
    if (exposure > truth_.exposure_bound().value) {
      verdict_.violated("I4",
                        "RISK is " + std::to_string(exposure) + ", the faults of this run allow " +
                            std::to_string(truth_.exposure_bound().value));
    }
  }
}

bool LedgerWatch::holds(StreamId stream, const StreamPosition& position) const {
  const auto raws = mirror_.raws_at(stream, position.seq);
  return std::any_of(
      raws.begin(), raws.end(), [&](const MirrorRaw* raw) { return raw->mac == position.mac; });
}

bool LedgerWatch::has_predecessor(const MirrorRaw& raw, const Fact& fact) {
  const StreamId stream{raw.id.terminal, raw.id.incarnation};
  if (fact.kind == record::RecordKind::kGap) {
    return true;  // It stands for what nobody can read any more.
  }
  if (raw.id.seq.value == 1) {
    return raw.prev_mac == Mac{};
  }
  const auto before = mirror_.raws_at(stream, Seq{raw.id.seq.value - 1});
  return std::any_of(before.begin(), before.end(), [&](const MirrorRaw* candidate) {
    const Fact* known = truth_.find(candidate->id);
    return candidate->mac == raw.prev_mac ||
           (known != nullptr && known->kind == record::RecordKind::kGap);
  });
}

void LedgerWatch::judge_raws(const Touched& touched) {
  for (const std::int64_t no : touched.raws) {
    const MirrorRaw& raw = *mirror_.raw(no);
    const StreamId stream{raw.id.terminal, raw.id.incarnation};
    ever_stored_[stream] = std::max(ever_stored_[stream], raw.id.seq);
    const auto here = mirror_.raws_at(stream, raw.id.seq);
    const auto equal = std::count_if(here.begin(), here.end(), [&](const MirrorRaw* other) {
      return other->id.boot == raw.id.boot && other->mac == raw.mac;
    });
    if (equal > 1) {
      verdict_.violated("I9", "the OA stored a record twice: " + name_of(raw.id));
    }
    Fact* fact = truth_.find(raw.id);
    if (fact == nullptr || fact->mac != raw.mac) {
      verdict_.violated("I6", "the OA took a record that no terminal made: " + name_of(raw.id));
      continue;
    }
    if (!has_predecessor(raw, *fact)) {
      verdict_.violated("I9", "the OA took a record before its predecessor: " + name_of(raw.id));
    }
    fact->aside = mirror_.is_quarantined(no);
    fact->posted = mirror_.posted(raw.id) > 0;
    if (fact->posted == fact->aside) {
      verdict_.violated("I5",
                        name_of(raw.id) + (fact->posted ? " is posted and in quarantine"
                                                        : " was taken and neither posted nor put "
                                                          "aside"));
    }
  }
  for (const std::int64_t no : touched.freed) {
    const MirrorRaw* raw = mirror_.raw(no);
    Fact* fact = raw == nullptr ? nullptr : truth_.find(raw->id);
    if (fact != nullptr) {
      fact->aside = mirror_.is_quarantined(no);
      fact->posted = mirror_.posted(raw->id) > 0;
      if (fact->posted == fact->aside) {
        verdict_.violated("I5", "left quarantine without being posted: " + name_of(raw->id));
      }
    }
  }
}

void LedgerWatch::judge_txn(const MirrorTxn& txn) {
  if (txn.record) {
    if (mirror_.posted(*txn.record) > 1) {
      verdict_.violated("I5", "posted twice: " + name_of(*txn.record));
    }
    Fact* fact = truth_.find(*txn.record);
    if (fact == nullptr || fact->mac != txn.mac) {
      verdict_.violated("I6", "posted what no terminal made: " + name_of(*txn.record));
      return;
    }
    judge_record(txn, *fact);
  }
  if (txn.is_cancellation() && mirror_.txn(txn.about) != nullptr) {
    judge_cancellation(txn);
  }
}

void LedgerWatch::judge_record(const MirrorTxn& txn, Fact& fact) {
  if (txn.kind != static_cast<std::int64_t>(fact.kind)) {
    verdict_.violated("I5", "posted as another kind: " + name_of(fact.id));
  }
  if (!is_sale(txn)) {
    return;
  }
  const std::int64_t points =
      is_kind(txn, TxnKind::kAccrual) ? fact.points.value : -fact.points.value;
  if (txn.points != points) {
    verdict_.violated("I5",
                      name_of(fact.id) + " of " + std::to_string(points) +
                          " points was posted with " + std::to_string(txn.points));
  }
  const MemberId owner = owner_of(fact.card_token);
  if (owner && fact.funding.empty() && txn.member != owner.value) {
    verdict_.violated("I5", name_of(fact.id) + " was posted to another member");
  }
}

bool LedgerWatch::names(const MirrorTxn& cancellation, const MirrorTxn& original) {
  const MirrorTxn* by = cancellation.record || cancellation.cause == 0
                            ? &cancellation
                            : mirror_.txn(cancellation.cause);
  const Fact* fact = by == nullptr || !by->record ? nullptr : truth_.find(*by->record);
  if (fact == nullptr || !original.record) {
    return false;
  }
  const bool whole_sale = fact->reversal && !fact->original && fact->sale == original.sale;
  return whole_sale || fact->original == original.record;
}

void LedgerWatch::judge_cancellation(const MirrorTxn& txn) {
  const MirrorTxn& original = *mirror_.txn(txn.about);
  if (original.cancelled > original.whole()) {
    verdict_.violated("I8",
                      "transaction " + std::to_string(original.id) + " of " +
                          std::to_string(original.points) + " points is cancelled by " +
                          std::to_string(original.cancelled));
  }
  if (is_sale(original) && (txn.points > 0) == (original.points > 0) && txn.points != 0) {
    verdict_.violated("I8", "a cancellation goes the same way as what it cancels");
  }
  if (is_sale(original) && !names(txn, original)) {
    verdict_.violated("I8",
                      "transaction " + std::to_string(original.id) +
                          " is cancelled by a record that does not name it");
  }
}

// Whichever of the two came first.
void LedgerWatch::judge_pairs(const Fact& fact) {
  for (const RecordId& cancellation : truth_.naming(fact.id)) {
    judge_pair(cancellation, fact.id);
  }
  if (fact.original) {
    judge_pair(fact.id, *fact.original);
  }
  const bool is_undone_sale = fact.reversal && !fact.original;
  for (const RecordId& other : truth_.of_sale(fact.sale)) {
    if (is_undone_sale) {
      judge_pair(fact.id, other);
    } else if (const Fact& by = *truth_.find(other); by.reversal && !by.original) {
      judge_pair(other, fact.id);
    }
  }
}

void LedgerWatch::judge_pair(const RecordId& cancellation, const RecordId& original) {
  const MirrorTxn* by = mirror_.txn_of(cancellation);
  const MirrorTxn* of = mirror_.txn_of(original);
  if (by != nullptr && of != nullptr && is_sale(*of) && by->store == of->store &&
      !mirror_.cancels(*by, *of)) {
    verdict_.violated(
        "I8", name_of(original) + " stands although " + name_of(cancellation) + " cancels it");
  }
}

void LedgerWatch::judge_number(std::int64_t id, const MirrorRight& right) {
  const auto [at, is_new] = numbers_given_.try_emplace(id, right.member, right.sale);
  if (!is_new && at->second != std::pair(right.member, right.sale)) {
    verdict_.violated("I3", "the number of right " + std::to_string(id) + " was given out twice");
  }
}

void LedgerWatch::judge_rights(const Touched& touched) {
  constexpr auto kGranted = static_cast<std::int64_t>(ledger::RightState::kGranted);
  for (const std::int64_t id : touched.rights) {
    const MirrorRight& right = *mirror_.right(id);
    judge_number(id, right);
    const std::int64_t escrow = mirror_.folded({number(AccountKind::kEscrow), id});
    if (right.state == kGranted && right.kind == 1 && mirror_.holds_of_sale(right.sale) > 1) {
      verdict_.violated("I3", "a second hold for one sale: right " + std::to_string(id));
    }
    if (right.used < 0 || right.used > right.granted) {
      verdict_.violated("I3",
                        "right " + std::to_string(id) + ": used " + std::to_string(right.used) +
                            " of " + std::to_string(right.granted));
    }
    if (escrow < 0 || escrow != right.in_lots) {
      verdict_.violated("I7",
                        "right " + std::to_string(id) + " holds " + std::to_string(right.in_lots) +
                            " points, the transfers say " + std::to_string(escrow));
    }
    if (right.state == kGranted && right.kind == 1 && escrow != right.granted - right.used) {
      verdict_.violated("I3",
                        "right " + std::to_string(id) + " of " + std::to_string(right.granted) +
                            " points is covered by " + std::to_string(escrow));
    }
  }
}

// Whatever the chain says of a record whose MAC is right, it may be refused only for want of its
// predecessor.
void LedgerWatch::judge_refusal(const link::RecordRefusal& refusal) {
  if (refusal.reason != link::RefusalReason::kBadChain) {
    return;
  }
  const auto& made = truth_.at(refusal.stream, refusal.seq);
  const bool lacks_one = std::any_of(made.begin(), made.end(), [&](const RecordId& id) {
    const Fact& fact = *truth_.find(id);
    return !holds(refusal.stream, {Seq{refusal.seq.value - 1}, fact.prev_mac});
  });
  if (!lacks_one) {
    verdict_.violated("I5",
                      "the OA refused seq " + std::to_string(refusal.seq.value) + " of terminal " +
                          std::to_string(refusal.stream.terminal.value) +
                          " although it has what that one follows");
  }
}

void LedgerWatch::on_told(const link::Message& message) {
  const auto check = [&](StreamId stream, const StreamPosition& position, const char* word) {
    if (position.seq && !holds(stream, position)) {
      verdict_.violated(
          "I9",
          std::string("the OA says ") + word +
              " of a record it has not stored: " + std::to_string(stream.terminal.value) + "-" +
              std::to_string(stream.incarnation.value) + "-" + std::to_string(position.seq.value));
    }
  };
  if (const auto* received = std::get_if<link::Received>(&message)) {
    for (const StreamMark& mark : received->positions) {
      check(mark.stream, mark.position, "RECEIVED");
    }
  } else if (const auto* applied = std::get_if<link::Applied>(&message)) {
    for (const link::AppliedStatement& statement : applied->statements) {
      check(statement.stream, statement.position, "APPLIED");
      truth_.on_applied_said(statement.stream, statement.position);
    }
  } else if (const auto* refusal = std::get_if<link::RecordRefusal>(&message)) {
    judge_refusal(*refusal);
  } else if (const auto* block = std::get_if<link::NumberBlock>(&message)) {
    for (const link::NumberBlock& before : blocks_told_) {
      if (block->first < before.first + before.count &&
          before.first < block->first + block->count) {
        verdict_.violated(
            "I5", "member number " + std::to_string(block->first) + " was given to tills twice");
      }
    }
    blocks_told_.push_back(*block);
  }
}

void LedgerWatch::check_end() {
  recount();
  const std::string open = mirror_.open_rights(truth_);
  if (!open.empty()) {
    verdict_.violated("I3", open);
  }
}

}  // namespace tally::sim
