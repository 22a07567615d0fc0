// The simulated OA's office: people come to be enrolled, lose a card, ask to be erased.
#include "core/node/oa_office.hpp"

#include <iterator>
#include <utility>

#include "core/base/try.hpp"
#include "core/ledger/posting.hpp"

#include "storage/member_erasure.hpp"
#include "tests/sim/oa_host.hpp"

namespace tally::sim {
namespace {

constexpr int kOpeningLots = 4;

}  // namespace

void OaHost::at_office(std::function<Status()> work) {
  if (running()) {
    const Status done = work();
    if (done) {
      return;
    }
    ledger_failed(done.error());
  }
  world_.clockwork.after(between(10'000, 60'000),
                         [this, work = std::move(work)] { at_office(work); });
}

void OaHost::do_at_office(OfficeWork work) {
  at_office([this, work = std::move(work)]() -> Status {
    TALLY_TRY((this->*work.how)(work));
    if (book_in_ledger_ == book_.size()) {
      ++book_in_ledger_;
    }
    book_.push_back(work);
    return {};
  });
}

// After a restore: what was done since the back-up is in no journal. In the old order, because a
// card is replaced after it was given out.
void OaHost::do_again(std::size_t at, std::uint64_t number) {
  if (number != done_again_ || at == book_.size()) {
    return;
  }
  at_office([this, at, number]() -> Status {
    if (number != done_again_) {
      return {};
    }
    const OfficeWork work = book_[at];
    TALLY_TRY((this->*work.how)(work));
    book_in_ledger_ = at + 1;
    world_.clockwork.after(between(100, 10'000), [this, at, number] { do_again(at + 1, number); });
    return {};
  });
}

void OaHost::enrol(const std::string& card) {
  do_at_office({&OaHost::enrol_now, card, {}});
}

void OaHost::erase(const std::string& card) {
  do_at_office({&OaHost::erase_now, card, {}});
}

void OaHost::replace_card(const std::string& card, const std::string& new_card) {
  do_at_office({&OaHost::replace_card_now, card, new_card});
}

// Points of several stores and months from before, so that there is an order to spend them in; some
// of them are over today or tomorrow.
Status OaHost::give_opening(MemberId member, const ledger::LedgerTime& time) {
  const auto issuer = std::next(
      gateways_.begin(), static_cast<std::ptrdiff_t>(world_.clockwork.index(gateways_.size())));
  const std::int64_t days = world_.clockwork.chance(20) ? between(-1, 1) : 60 + 30 * between(0, 4);
  ledger::LotRef lot;
  lot.issuer = StoreId{issuer->second->gateway().value};
  lot.expires_on = BusinessDay{static_cast<std::int32_t>(time.today.days + days)};
  const Points points{between(20, 400)};
  ledger::ReadPlan plan;
  plan.members.insert(member);
  TALLY_TRY(store_->begin());
  TALLY_TRY_ASSIGN(ledger::WorkingSet set, store_->read(std::move(plan)));
  ledger::Txn txn;
  txn.kind = ledger::TxnKind::kAdjustment;
  txn.member = member;
  txn.business_day = time.today;
  txn.happened_at = time.now;
  txn.posted_at = time.now;
  txn.points = points;
  ledger::Posting posting(set, std::move(txn));
  posting.credit(ledger::issuance(lot.issuer), lot, points, ledger::TransferCode::kAdjustment);
  posting.settle();
  posting.finish();
  TALLY_TRY(store_->write(set, {}));
  TALLY_TRY(store_->commit());
  world_.ledger.on_committed();
  return {};
}

Status OaHost::enrol_now(const OfficeWork& work) {
  const std::string& card = work.card;
  const ledger::LedgerTime time = node_->ledger_time(now());
  ledger::ReadPlan plan;
  plan.cards.insert(card);
  TALLY_TRY(store_->begin());
  TALLY_TRY_ASSIGN(ledger::WorkingSet set, store_->read(std::move(plan)));
  MemberId member = set.member_of_card(card);
  const bool is_new = !member;
  if (is_new) {  // Else the commit that left us in doubt was there after all.
    member = ledger::enrol(set, {card, "会员*", 0}, time);
    TALLY_TRY(store_->write(set, {}));
    TALLY_TRY_ASSIGN(const std::size_t posted,
                     node::post_waiting(*store_, card, node_->policy(), time));
    note("enrols a card that " + std::to_string(posted) + " records waited for");
  }
  TALLY_TRY(store_->commit());
  world_.ledger.on_enrolled(card, member);
  world_.ledger.on_committed();
  for (int lots = is_new && !gateways_.empty() ? kOpeningLots : 0; lots > 0; --lots) {
    TALLY_TRY(give_opening(member, time));
  }
  return {};
}

Status OaHost::erase_now(const OfficeWork& work) {
  ledger::ReadPlan plan;
  plan.cards.insert(work.card);
  TALLY_TRY(store_->begin());
  TALLY_TRY_ASSIGN(ledger::WorkingSet set, store_->read(std::move(plan)));
  const MemberId member = set.member_of_card(work.card);
  if (member) {
    TALLY_TRY(
        storage::erase_member(*store_, member, "li", "asked by letter", node_->ledger_time(now())));
    note("erases member " + std::to_string(member.value));
  }
  TALLY_TRY(store_->commit());
  world_.ledger.on_committed();
  return store_->db().checkpoint();
}

Status OaHost::replace_card_now(const OfficeWork& work) {
  ledger::ReadPlan plan;
  plan.cards = {work.card, work.new_card};
  TALLY_TRY(store_->begin());
  TALLY_TRY_ASSIGN(ledger::WorkingSet set, store_->read(std::move(plan)));
  ledger::OfficeAct act;
  act.kind = ledger::OfficeActKind::kReplaceCard;
  act.member = set.member_of_card(work.card);
  act.card = work.card;
  act.new_card = work.new_card;
  act.card_state = ledger::CardState::kLost;
  act.reason = "lost";
  act.maker = "li";
  if (act.member) {
    const ledger::LedgerTime time = node_->ledger_time(now());
    TALLY_TRY(node::perform_office_act(*store_, act, 0, Points{}, node_->policy(), time));
    world_.ledger.on_enrolled(work.new_card, act.member);
    note("replaces a card of member " + std::to_string(act.member.value));
  }
  TALLY_TRY(store_->commit());
  world_.ledger.on_committed();
  return {};
}

}  // namespace tally::sim
