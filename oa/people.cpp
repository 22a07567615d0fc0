#include "oa/people.hpp"

#include <string>
#include <utility>

#include "core/base/try.hpp"
#include "core/ledger/rules.hpp"
#include "core/member/number_block.hpp"
#include "core/member/sealed_fields.hpp"

#include "storage/office_store.hpp"

namespace tally::oa {
namespace {

Result<member::PersonalFields> open_fields(const DeviceRegistry& registry,
                                           const record::Enrolment& body,
                                           const std::string& card) {
  TALLY_TRY_ASSIGN(
      const Bytes text,
      registry.open_sealed(as_bytes(node::kEnrolmentSeal), as_bytes(card), body.sealed_fields));
  return member::personal_fields_from(as_text(text));
}

}  // namespace

Status People::enrolled(MemberId member, const record::Record& record, WallTime now) {
  const auto& body = std::get<record::Enrolment>(record.business);
  const std::string& card = ledger::card_of_enrolment(record);
  const std::string till = "terminal " + std::to_string(record.header.id.terminal.value);
  storage::OfficeStore rows(store_.db());
  TALLY_TRY(rows.log(now, till, "enrol", member, ""));
  if (body.sealed_fields.empty()) {
    return {};
  }
  const Result<member::PersonalFields> fields = open_fields(registry_, body, card);
  if (!fields) {
    return rows.log(now, till, "enrol_unreadable", member, fields.error().what);
  }
  storage::PersonRow person;
  if (!fields->phone.empty()) {
    person.phone_hash = vault_.phone_hash(fields->phone);
    TALLY_TRY_ASSIGN(const bool taken, rows.phone_is_taken(person.phone_hash));
    if (taken) {
      person.phone_hash.clear();  // The same person twice, perhaps: somebody has to look.
      TALLY_TRY(rows.log(now, till, "enrol_phone_taken", member, ""));
    }
  }
  const SealedPerson sealed = vault_.seal_person(member, {fields->name, fields->phone}, random_);
  person.member = member;
  person.sealed = sealed.sealed;
  person.wrapped_key = sealed.wrapped_key;
  person.number = member::is_till_number(body.member_number) ? body.member_number : card;
  person.language = fields->language == "en" ? "en" : "zh-CN";
  person.phone_tail =
      fields->phone.size() < 4 ? "" : fields->phone.substr(fields->phone.size() - 4);
  TALLY_TRY_ASSIGN(const bool number_taken, rows.number_is_taken(person.number));
  if (number_taken) {
    person.number = card;  // A number given twice: the card alone tells them apart.
    TALLY_TRY(rows.log(now, till, "enrol_number_taken", member, ""));
  }
  return rows.put_person(person);
}

}  // namespace tally::oa
