#include "tools/demo_data/person_files.hpp"

#include <string>

#include "core/base/try.hpp"
#include "core/crypto/sealed_value.hpp"
#include "core/ledger/rules.hpp"

#include "storage/office_store.hpp"
#include "tools/demo_data/people.hpp"

namespace tally::tools::demo {

// Purposes and layout are those of the OA's vault (docs/formats/ledger.md, "Secrets"); the test of
// this class opens a row with that.
PersonFiles::PersonFiles(storage::LedgerStore& store,
                         const crypto::Key256& master_key,
                         std::uint64_t seed,
                         std::uint32_t members_max,
                         crypto::RandomSource& random)
    : store_(store),
      person_keys_(crypto::derive_key(master_key, "tallystick oa person keys v1")),
      phones_(crypto::derive_key(master_key, "tallystick oa phones v1")),
      seed_(seed),
      random_(random),
      members_(members_max) {}

Status PersonFiles::enrolled(MemberId member, const record::Record& record, WallTime now) {
  const std::string& card = ledger::card_of_enrolment(record);
  const std::uint32_t index = index_of_card(card);
  members_.at(index) = member;
  const Person person = person_of(seed_, index);
  ByteArray<8> associated{};
  store_be(static_cast<std::uint64_t>(member.value), associated.data());
  crypto::Key256 own{};
  random_.fill(own);
  storage::PersonRow row;
  row.member = member;
  row.sealed =
      crypto::seal_value(own, associated, as_bytes(person.name + "\n" + person.phone), random_);
  row.wrapped_key = crypto::seal_value(person_keys_, associated, own, random_);
  row.number = card;
  row.language = "zh-CN";
  row.phone_tail = person.phone.substr(person.phone.size() - 4);
  const crypto::Digest hash = crypto::hmac_sha256(phones_, as_bytes(person.phone));
  row.phone_hash.assign(hash.begin(), hash.end());
  storage::OfficeStore rows(store_.db());
  TALLY_TRY(rows.log(
      now, "terminal " + std::to_string(record.header.id.terminal.value), "enrol", member, ""));
  return rows.put_person(row);
}

}  // namespace tally::tools::demo
