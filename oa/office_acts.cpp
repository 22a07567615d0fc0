#include "oa/office_acts.hpp"

#include <utility>

#include "core/base/try.hpp"
#include "core/crypto/mac.hpp"
#include "core/member/card_number.hpp"
#include "core/node/oa_office.hpp"

#include "storage/office_store.hpp"

namespace tally::oa {
namespace {

using ledger::ActOutcome;
using ledger::OfficeAct;
using storage::ActState;
using storage::OfficeActRow;

constexpr int kNumberTriesMax = 64;
constexpr std::size_t kQueueStep = 64;
constexpr std::int64_t kDayUs = 86'400'000'000;

/// Rolls back unless the work came to an end that is to be kept.
template <class Work>
Result<ActAnswer> in_transaction(storage::LedgerStore& store, const Work& work) {
  TALLY_TRY(store.begin());
  Result<ActAnswer> answer = work();
  const bool keep = answer && (answer->outcome == ActOutcome::kDone ||
                               answer->outcome == ActOutcome::kNeedsChecker);
  if (!keep) {
    store.rollback();
    return answer;
  }
  TALLY_TRY(store.commit());
  return answer;
}

/// Everything the maker asked for; the checker and the number of a card made for it are not.
Bytes hash_of(const OfficeAct& act) {
  std::string text;
  const auto add = [&](const std::string& part) {
    text += std::to_string(part.size()) + ":" + part;
  };
  for (const std::int64_t number : {static_cast<std::int64_t>(act.kind),
                                    act.member.value,
                                    act.other.value,
                                    act.points.value,
                                    std::int64_t{act.expires_on.days},
                                    std::int64_t{act.issuer.value},
                                    static_cast<std::int64_t>(act.to),
                                    static_cast<std::int64_t>(act.card_state),
                                    act.quarantine,
                                    static_cast<std::int64_t>(act.decision)}) {
    add(std::to_string(number));
  }
  for (const std::string& part : {act.card, act.new_card, act.reason, act.maker}) {
    add(part);
  }
  const crypto::Digest digest = crypto::sha256(as_bytes(text));
  return Bytes(digest.begin(), digest.end());
}

/// The answer an act has by now.
ActAnswer answer_of(const OfficeActRow& row) {
  switch (row.state) {
    case ActState::kOpen:
      return {ActOutcome::kNeedsChecker, row.number};
    case ActState::kDone:
      return {ActOutcome::kDone, row.number};
    case ActState::kDeclined:
      break;
  }
  return {ActOutcome::kActDecided, row.number};
}

std::string log_word(const OfficeAct& act, const char* step) {
  return std::string(ledger::name_of(act.kind)) + step;
}

}  // namespace

Result<ActAnswer> ActDesk::ask(OfficeAct act,
                               const std::string& idempotency_key,
                               const ledger::Policy& policy,
                               const ledger::LedgerTime& time) {
  TALLY_TRY_ASSIGN(const ActAnswer answer, in_transaction(store_, [&] {
                     return ask_in_transaction(act, idempotency_key, policy, time);
                   }));
  TALLY_TRY(finish_moves(answer, time));
  return answer;
}

Result<ActAnswer> ActDesk::ask_in_transaction(OfficeAct& act,
                                              const std::string& key,
                                              const ledger::Policy& policy,
                                              const ledger::LedgerTime& time) {
  storage::OfficeStore rows(store_.db());
  storage::OfficeActs acts(store_.db());
  const Bytes hash = hash_of(act);
  TALLY_TRY_ASSIGN(const auto known, rows.request(key));
  if (known) {
    if (known->body_hash != hash || known->act == 0) {
      return ActAnswer{ActOutcome::kKeyReused, 0};
    }
    TALLY_TRY_ASSIGN(const auto first, acts.find(known->act));
    return first ? answer_of(*first) : ActAnswer{ActOutcome::kNoSuchAct, 0};
  }
  if (act.kind == ledger::OfficeActKind::kReplaceCard && act.new_card.empty()) {
    TALLY_TRY_ASSIGN(const ActOutcome numbered, number_card(act));
    if (numbered != ActOutcome::kDone) {
      return ActAnswer{numbered, 0};
    }
  }
  TALLY_TRY_ASSIGN(const Points today,
                   acts.unchecked_points(act.maker, WallTime{time.now.us - kDayUs}));
  OfficeActRow row;
  TALLY_TRY_ASSIGN(row.number, acts.next_number());
  TALLY_TRY_ASSIGN(const ledger::OfficeResult result,
                   node::perform_office_act(store_, act, row.number, today, policy, time));
  if (result.outcome != ActOutcome::kDone && result.outcome != ActOutcome::kNeedsChecker) {
    return ActAnswer{result.outcome, 0};
  }
  const bool done = result.outcome == ActOutcome::kDone;
  row.state = done ? ActState::kDone : ActState::kOpen;
  row.act = act;
  row.made_at = time.now;
  row.txn = result.txn;
  TALLY_TRY(acts.put(row));
  TALLY_TRY(rows.put_request(key, {hash, act.member, row.number}, time.now));
  TALLY_TRY(
      rows.log(time.now, act.maker, log_word(act, done ? "" : "_asked"), act.member, act.reason));
  return ActAnswer{result.outcome, row.number};
}

Result<ActAnswer> ActDesk::approve(std::int64_t act,
                                   const std::string& checker,
                                   const ledger::Policy& policy,
                                   const ledger::LedgerTime& time) {
  TALLY_TRY_ASSIGN(const ActAnswer answer, in_transaction(store_, [&] {
                     return approve_in_transaction(act, checker, policy, time);
                   }));
  TALLY_TRY(finish_moves(answer, time));
  return answer;
}

Result<ActAnswer> ActDesk::approve_in_transaction(std::int64_t number,
                                                  const std::string& checker,
                                                  const ledger::Policy& policy,
                                                  const ledger::LedgerTime& time) {
  storage::OfficeActs acts(store_.db());
  TALLY_TRY_ASSIGN(auto row, acts.find(number));
  if (!row) {
    return ActAnswer{ActOutcome::kNoSuchAct, 0};
  }
  if (row->state != ActState::kOpen) {
    const bool repeat = row->state == ActState::kDone && row->act.checker == checker;
    return ActAnswer{repeat ? ActOutcome::kDone : ActOutcome::kActDecided, number};
  }
  if (checker.empty()) {
    return ActAnswer{ActOutcome::kNoMaker, number};
  }
  row->act.checker = checker;
  TALLY_TRY_ASSIGN(const ledger::OfficeResult result,
                   node::perform_office_act(store_, row->act, number, Points{0}, policy, time));
  if (result.outcome != ActOutcome::kDone) {
    return ActAnswer{result.outcome, number};
  }
  row->state = ActState::kDone;
  row->checked_at = time.now;
  row->txn = result.txn;
  TALLY_TRY(acts.end(*row));
  storage::OfficeStore rows(store_.db());
  TALLY_TRY(rows.log(
      time.now, checker, log_word(row->act, "_approved"), row->act.member, row->act.reason));
  return ActAnswer{ActOutcome::kDone, number};
}

Result<ActAnswer> ActDesk::decline(std::int64_t number,
                                   const std::string& user,
                                   const ledger::LedgerTime& time) {
  return in_transaction(store_, [&]() -> Result<ActAnswer> {
    storage::OfficeActs acts(store_.db());
    TALLY_TRY_ASSIGN(auto row, acts.find(number));
    if (!row) {
      return ActAnswer{ActOutcome::kNoSuchAct, 0};
    }
    if (row->state != ActState::kOpen) {
      const bool repeat = row->state == ActState::kDeclined && row->act.checker == user;
      return ActAnswer{repeat ? ActOutcome::kDone : ActOutcome::kActDecided, number};
    }
    if (user.empty()) {
      return ActAnswer{ActOutcome::kNoMaker, number};
    }
    row->state = ActState::kDeclined;
    row->act.checker = user;
    row->checked_at = time.now;
    TALLY_TRY(acts.end(*row));
    storage::OfficeStore rows(store_.db());
    TALLY_TRY(rows.log(
        time.now, user, log_word(row->act, "_declined"), row->act.member, row->act.reason));
    return ActAnswer{ActOutcome::kDone, number};
  });
}

/// Takes the next serial for good, so that no enrolment comes upon it.
Result<ActOutcome> ActDesk::number_card(OfficeAct& act) {
  for (int attempt = 0; attempt < kNumberTriesMax; ++attempt) {
    TALLY_TRY_ASSIGN(ledger::WorkingSet numbers, store_.read({}));
    const Result<std::string> number =
        member::make_card_number(static_cast<std::uint64_t>(numbers.next_member().value));
    if (!number) {
      return ActOutcome::kNumbersUsedUp;
    }
    TALLY_TRY(store_.write(numbers, {}));
    ledger::ReadPlan plan;
    plan.cards.insert(*number);
    TALLY_TRY_ASSIGN(const ledger::WorkingSet cards, store_.read(std::move(plan)));
    if (!cards.member_of_card(*number)) {
      act.new_card = *number;
      return ActOutcome::kDone;
    }
  }
  return ActOutcome::kNumbersUsedUp;
}

Status ActDesk::finish_moves(const ActAnswer& answer, const ledger::LedgerTime& time) {
  if (answer.outcome == ActOutcome::kDone) {
    TALLY_TRY(run_queue(time));
  }
  return {};
}

Result<bool> ActDesk::run_queue(const ledger::LedgerTime& time) {
  TALLY_TRY(store_.begin());
  const Result<std::size_t> done = node::run_office_queue(store_, kQueueStep, time);
  if (!done || *done == 0) {
    store_.rollback();
    return done ? Result<bool>(false) : Result<bool>(Error(done.error()));
  }
  TALLY_TRY(store_.commit());
  return true;
}

}  // namespace tally::oa
