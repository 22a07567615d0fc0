#include "storage/office_store.hpp"

#include "core/base/try.hpp"

namespace tally::storage {

Status OfficeStore::put_person(const PersonRow& person) {
  TALLY_TRY_ASSIGN(Statement insert,
                   db_.prepare("INSERT INTO person(member, sealed, wrapped_key, number, language, "
                               "phone_tail, phone_hash, frozen_reason, frozen_us) "
                               "VALUES(?,?,?,?,?,?,?,'',0)"));
  insert.bind_all(person.member,
                  ByteView(person.sealed),
                  ByteView(person.wrapped_key),
                  person.number,
                  person.language,
                  person.phone_tail);
  if (person.phone_hash.empty()) {
    insert.bind_null(7);
  } else {
    insert.bind(7, ByteView(person.phone_hash));
  }
  return insert.run();
}

Result<bool> OfficeStore::phone_is_taken(ByteView phone_hash) {
  TALLY_TRY_ASSIGN(Statement row, db_.prepare("SELECT 1 FROM person WHERE phone_hash = ?"));
  row.bind_all(phone_hash);
  return row.step();
}

Result<bool> OfficeStore::number_is_taken(std::string_view number) {
  TALLY_TRY_ASSIGN(Statement row, db_.prepare("SELECT 1 FROM person WHERE number = ?"));
  row.bind_all(number);
  return row.step();
}

Result<std::optional<OfficeRequest>> OfficeStore::request(std::string_view key) {
  TALLY_TRY_ASSIGN(Statement row,
                   db_.prepare("SELECT body_hash, member, act FROM office_request WHERE key = ?"));
  row.bind_all(key);
  TALLY_TRY_ASSIGN(const bool found, row.step());
  if (!found) {
    return std::optional<OfficeRequest>{};
  }
  const ByteView hash = row.blob(0);
  return std::optional(
      OfficeRequest{Bytes(hash.begin(), hash.end()), MemberId{row.int64(1)}, row.int64(2)});
}

Status OfficeStore::put_request(std::string_view key, const OfficeRequest& request, WallTime at) {
  TALLY_TRY_ASSIGN(Statement insert,
                   db_.prepare("INSERT INTO office_request(key, body_hash, member, at_us, act) "
                               "VALUES(?,?,?,?,?)"));
  return insert.run_with(key, ByteView(request.body_hash), request.member, at.us, request.act);
}

Status OfficeStore::put_frozen(MemberId member, std::string_view reason, WallTime at) {
  TALLY_TRY_ASSIGN(
      Statement update,
      db_.prepare("UPDATE person SET frozen_reason = ?, frozen_us = ? WHERE member = ?"));
  return update.run_with(reason, reason.empty() ? std::int64_t{0} : at.us, member);
}

Result<bool> OfficeStore::is_erased(MemberId member) {
  TALLY_TRY_ASSIGN(Statement row, db_.prepare("SELECT 1 FROM erasure WHERE member = ?"));
  row.bind_all(member);
  return row.step();
}

Status OfficeStore::erase(MemberId member,
                          std::string_view user,
                          std::string_view reason,
                          WallTime at) {
  TALLY_TRY_ASSIGN(Statement person, db_.prepare("DELETE FROM person WHERE member = ?"));
  TALLY_TRY(person.run_with(member));
  // The hash of what a form said of the person could be found by trying.
  TALLY_TRY_ASSIGN(Statement request,
                   db_.prepare("UPDATE office_request SET body_hash = zeroblob(32) "
                               "WHERE member = ? AND act = 0"));
  TALLY_TRY(request.run_with(member));
  TALLY_TRY_ASSIGN(Statement insert,
                   db_.prepare("INSERT INTO erasure(member, at_us, user, reason) VALUES(?,?,?,?)"));
  return insert.run_with(member, at.us, user, reason);
}

Status OfficeStore::log(WallTime at,
                        std::string_view user,
                        std::string_view action,
                        MemberId member,
                        std::string_view reason) {
  TALLY_TRY_ASSIGN(Statement insert,
                   db_.prepare("INSERT INTO audit_log(at_us, user, action, member, reason) "
                               "VALUES(?,?,?,?,?)"));
  return insert.run_with(at.us, user, action, member, reason);
}

}  // namespace tally::storage
