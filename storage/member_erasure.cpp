#include "storage/member_erasure.hpp"

#include <utility>
#include <vector>

#include "core/base/crc32c.hpp"
#include "core/base/try.hpp"
#include "core/codec/record_codec.hpp"

#include "storage/ledger_schema.hpp"
#include "storage/office_store.hpp"

namespace tally::storage {
namespace {

/// The member, and everybody who was merged into it, over as many merges as there were.
Result<std::vector<MemberId>> same_person(Db& db, MemberId member) {
  TALLY_TRY_ASSIGN(Statement row,
                   db.prepare("WITH RECURSIVE same(id) AS (VALUES(?1) UNION "
                              "SELECT m.id FROM member m JOIN same ON m.alias_of = same.id "
                              "WHERE m.alias_of <> 0) SELECT id FROM same"));
  row.bind_all(member);
  std::vector<MemberId> members;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, row.step());
    if (!found) {
      return members;
    }
    members.push_back(MemberId{row.int64(0)});
  }
}

/// What a till's record said of the member goes out of the stored record (ADR-0024).
Status redact_enrolment(Db& db, MemberId member) {
  TALLY_TRY_ASSIGN(
      Statement row,
      db.prepare("SELECT r.no, r.sealed FROM txn t JOIN raw_record r ON r.terminal = t.terminal "
                 "AND r.incarnation = t.incarnation AND r.seq = t.seq AND r.boot = t.boot "
                 "AND r.mac = t.mac WHERE t.shard = ? AND t.member = ? AND r.kind = ?"));
  row.bind_all(shard_of(member), member, static_cast<int>(record::RecordKind::kEnrolment));
  std::vector<std::pair<std::int64_t, Bytes>> records;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, row.step());
    if (!found) {
      break;
    }
    TALLY_TRY_ASSIGN(Bytes left, codec::redacted(row.blob(1)));
    records.emplace_back(row.int64(0), std::move(left));
  }
  TALLY_TRY_ASSIGN(Statement update,
                   db.prepare("UPDATE raw_record SET sealed = ?, crc = ? WHERE no = ?"));
  for (const auto& [number, left] : records) {
    TALLY_TRY(update.run_with(ByteView(left), crc32c(left), number));
  }
  return {};
}

}  // namespace

Result<ErasureOutcome> erase_member(LedgerStore& store,
                                    MemberId member,
                                    std::string_view user,
                                    std::string_view reason,
                                    const ledger::LedgerTime& time) {
  OfficeStore rows(store.db());
  TALLY_TRY_ASSIGN(const std::vector<MemberId> same, same_person(store.db(), member));
  ledger::ReadPlan plan;
  plan.members.insert(same.begin(), same.end());
  TALLY_TRY_ASSIGN(ledger::WorkingSet set, store.read(std::move(plan)));
  if (set.member(member) == nullptr) {
    return ErasureOutcome::kNoMember;
  }
  TALLY_TRY_ASSIGN(const bool done, rows.is_erased(member));
  if (done) {
    return ErasureOutcome::kBefore;
  }
  std::vector<MemberId> erased;
  for (const MemberId one : same) {
    TALLY_TRY_ASSIGN(const bool before, rows.is_erased(one));
    if (!before) {
      ledger::MemberEntry* entry = set.member(one);
      entry->row.state = ledger::MemberState::kFrozen;
      entry->row.masked_name.clear();
      set.touch(*entry);
      erased.push_back(one);
    }
  }
  TALLY_TRY(store.write(set, {}));
  for (const MemberId one : erased) {
    TALLY_TRY(redact_enrolment(store.db(), one));
    TALLY_TRY(rows.erase(one, user, reason, time.now));
    TALLY_TRY(rows.log(time.now, user, "erase", one, reason));
  }
  return ErasureOutcome::kDone;
}

}  // namespace tally::storage
