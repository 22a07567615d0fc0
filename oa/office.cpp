#include "oa/office.hpp"

#include <utility>

#include "core/base/try.hpp"
#include "core/ledger/posting.hpp"
#include "core/member/card_number.hpp"
#include "core/node/oa_node.hpp"

#include "oa/masking.hpp"
#include "storage/member_erasure.hpp"
#include "storage/office_store.hpp"

namespace tally::oa {
namespace {

constexpr int kNumberTriesMax = 64;

Bytes hash_of(const EnrolForm& form) {
  const crypto::Digest digest =
      crypto::sha256(as_bytes(form.name + "\n" + form.phone + "\n" + form.language));
  return Bytes(digest.begin(), digest.end());
}

/// Rolls back unless the work came to its end.
template <class T, class Work>
Result<T> in_transaction(storage::LedgerStore& store, const Work& work) {
  TALLY_TRY(store.begin());
  Result<T> result = work();
  if (!result) {
    store.rollback();
    return result;
  }
  TALLY_TRY(store.commit());
  return result;
}

}  // namespace

Result<EnrolResult> Office::enrol(const EnrolForm& form,
                                  const Clerk& clerk,
                                  const ledger::Policy& policy,
                                  const ledger::LedgerTime& time) {
  return in_transaction<EnrolResult>(
      store_, [&] { return enrol_in_transaction(form, clerk, policy, time); });
}

Result<EnrolResult> Office::enrol_in_transaction(const EnrolForm& form,
                                                 const Clerk& clerk,
                                                 const ledger::Policy& policy,
                                                 const ledger::LedgerTime& time) {
  storage::OfficeStore rows(store_.db());
  const Bytes body_hash = hash_of(form);
  if (!form.idempotency_key.empty()) {
    TALLY_TRY_ASSIGN(const auto known, rows.request(form.idempotency_key));
    if (known) {
      return known->body_hash == body_hash ? EnrolResult{OfficeOutcome::kDone, known->member}
                                           : EnrolResult{OfficeOutcome::kConflict, MemberId{}};
    }
  }
  Bytes phone_hash;
  if (!form.phone.empty()) {
    phone_hash = vault_.phone_hash(form.phone);
    TALLY_TRY_ASSIGN(const bool taken, rows.phone_is_taken(phone_hash));
    if (taken) {
      return EnrolResult{OfficeOutcome::kPhoneTaken, MemberId{}};
    }
  }
  // The number of the member is the serial of the card, unless a till gave that number out already.
  ledger::EnrolRequest request;
  request.masked_name = mask_name(form.name);
  for (int attempt = 0; attempt < kNumberTriesMax; ++attempt) {
    ledger::ReadPlan peek;
    TALLY_TRY_ASSIGN(const ledger::WorkingSet counted, store_.read(peek));
    const auto serial = static_cast<std::uint64_t>(counted.counters().member + 1 + attempt);
    const Result<std::string> number = member::make_card_number(serial);
    if (!number) {
      return EnrolResult{OfficeOutcome::kNumbersUsedUp, MemberId{}};
    }
    request.card_token = *number;
    ledger::ReadPlan plan;
    plan.cards.insert(request.card_token);
    TALLY_TRY_ASSIGN(ledger::WorkingSet set, store_.read(std::move(plan)));
    const MemberId member = ledger::enrol(set, request, time);
    if (!member) {
      continue;
    }
    ledger::Txn txn;
    txn.kind = ledger::TxnKind::kEnrolment;
    txn.result = ledger::TxnResult::kNoted;
    txn.member = member;
    txn.business_day = time.today;
    txn.happened_at = time.now;
    txn.posted_at = time.now;
    ledger::Posting(set, std::move(txn)).finish();
    TALLY_TRY(store_.write(set, {}));

    const SealedPerson sealed = vault_.seal_person(member, {form.name, form.phone}, random_);
    storage::PersonRow person;
    person.member = member;
    person.sealed = sealed.sealed;
    person.wrapped_key = sealed.wrapped_key;
    person.number = request.card_token;
    person.language = form.language;
    person.phone_tail = form.phone.size() < 4 ? "" : form.phone.substr(form.phone.size() - 4);
    person.phone_hash = phone_hash;
    TALLY_TRY(rows.put_person(person));
    if (!form.idempotency_key.empty()) {
      TALLY_TRY(rows.put_request(form.idempotency_key, {body_hash, member, 0}, time.now));
    }
    TALLY_TRY(rows.log(time.now, clerk.user, "enrol", member, ""));
    TALLY_TRY(node::post_waiting(store_, request.card_token, policy, time));
    return EnrolResult{OfficeOutcome::kDone, member};
  }
  return EnrolResult{OfficeOutcome::kNumbersUsedUp, MemberId{}};
}

Result<OfficeOutcome> Office::set_frozen(MemberId member,
                                         bool frozen,
                                         const std::string& reason,
                                         const Clerk& clerk,
                                         const ledger::LedgerTime& time) {
  return in_transaction<OfficeOutcome>(store_, [&]() -> Result<OfficeOutcome> {
    ledger::ReadPlan plan;
    plan.members.insert(member);
    TALLY_TRY_ASSIGN(ledger::WorkingSet set, store_.read(std::move(plan)));
    ledger::MemberEntry* entry = set.member(member);
    if (entry == nullptr) {
      return OfficeOutcome::kNotFound;
    }
    const auto wanted = frozen ? ledger::MemberState::kFrozen : ledger::MemberState::kActive;
    if (entry->row.state == wanted) {
      return OfficeOutcome::kConflict;
    }
    entry->row.state = wanted;
    set.touch(*entry);
    TALLY_TRY(store_.write(set, {}));
    storage::OfficeStore rows(store_.db());
    TALLY_TRY(rows.put_frozen(member, frozen ? reason : "", time.now));
    TALLY_TRY(rows.log(time.now, clerk.user, frozen ? "freeze" : "clear", member, reason));
    return OfficeOutcome::kDone;
  });
}

Result<OfficeOutcome> Office::erase(MemberId member,
                                    const std::string& reason,
                                    const Clerk& clerk,
                                    const ledger::LedgerTime& time) {
  TALLY_TRY_ASSIGN(const storage::ErasureOutcome outcome,
                   in_transaction<storage::ErasureOutcome>(store_, [&] {
                     return storage::erase_member(store_, member, clerk.user, reason, time);
                   }));
  switch (outcome) {
    case storage::ErasureOutcome::kNoMember:
      return OfficeOutcome::kNotFound;
    case storage::ErasureOutcome::kBefore:
      return OfficeOutcome::kConflict;
    case storage::ErasureOutcome::kDone:
      break;
  }
  TALLY_TRY(store_.db().checkpoint());  // Out of the log as well.
  return OfficeOutcome::kDone;
}

Result<OfficeOutcome> Office::note_reveal(MemberId member,
                                          const std::string& reason,
                                          const Clerk& clerk,
                                          const ledger::LedgerTime& time) {
  return in_transaction<OfficeOutcome>(store_, [&]() -> Result<OfficeOutcome> {
    ledger::ReadPlan plan;
    plan.members.insert(member);
    TALLY_TRY_ASSIGN(ledger::WorkingSet set, store_.read(std::move(plan)));
    if (set.member(member) == nullptr) {
      return OfficeOutcome::kNotFound;
    }
    storage::OfficeStore rows(store_.db());
    TALLY_TRY(rows.log(time.now, clerk.user, "reveal", member, reason));
    return OfficeOutcome::kDone;
  });
}

}  // namespace tally::oa
