#include "storage/recent_member_rows.hpp"

#include <utility>

#include "core/base/crc32c.hpp"
#include "core/base/try.hpp"

namespace tally::storage {
namespace {

std::uint32_t crc_of(const node::RecentMember& member) {
  const link::MemberView& view = member.view;
  ByteArray<48> fixed{};
  store_be(static_cast<std::uint64_t>(view.member.value), fixed.data());
  store_be(static_cast<std::uint64_t>(view.available.value), fixed.data() + 8);
  store_be(static_cast<std::uint64_t>(view.pending.value), fixed.data() + 16);
  store_be(static_cast<std::uint64_t>(view.expiring.value), fixed.data() + 24);
  store_be(static_cast<std::uint64_t>(view.as_of.us), fixed.data() + 32);
  store_be(static_cast<std::uint32_t>(view.expiring_on.days), fixed.data() + 40);
  store_be(view.tier, fixed.data() + 44);
  return crc32c(as_bytes(view.masked_name), crc32c(member.token_hash, crc32c(fixed)));
}

}  // namespace

Result<std::vector<node::RecentMember>> read_recent_members(Db& db) {
  TALLY_TRY_ASSIGN(Statement row,
                   db.prepare("SELECT token_hash, member, masked_name, tier, available, pending, "
                              "expiring, expiring_on, as_of_us, crc FROM recent_member "
                              "ORDER BY as_of_us"));
  std::vector<node::RecentMember> members;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, row.step());
    if (!found) {
      return members;
    }
    node::RecentMember member;
    TALLY_TRY_ASSIGN(member.token_hash, row.array<16>(0));
    link::MemberView& view = member.view;
    view.member = MemberId{row.int64(1)};
    view.masked_name = row.text(2);
    view.tier = row.uint32(3);
    view.available = Points{row.int64(4)};
    view.pending = Points{row.int64(5)};
    view.expiring = Points{row.int64(6)};
    view.expiring_on = BusinessDay{row.int32(7)};
    view.as_of = WallTime{row.int64(8)};
    if (crc_of(member) == row.uint32(9)) {
      members.push_back(std::move(member));
    }
  }
}

Status write_recent_members(Db& db, const node::TerminalCommit& commit) {
  if (!commit.recent.empty()) {
    TALLY_TRY_ASSIGN(
        Statement put,
        db.prepare("INSERT OR REPLACE INTO recent_member VALUES(?,?,?,?,?,?,?,?,?,?)"));
    for (const node::RecentMember& member : commit.recent) {
      const link::MemberView& view = member.view;
      TALLY_TRY(put.run_with(ByteView(member.token_hash),
                             view.member,
                             view.masked_name,
                             view.tier,
                             view.available.value,
                             view.pending.value,
                             view.expiring.value,
                             view.expiring_on.days,
                             view.as_of.us,
                             crc_of(member)));
    }
  }
  if (!commit.recent_dropped.empty()) {
    TALLY_TRY_ASSIGN(Statement drop, db.prepare("DELETE FROM recent_member WHERE token_hash = ?"));
    for (const Mac& hash : commit.recent_dropped) {
      TALLY_TRY(drop.run_with(ByteView(hash)));
    }
  }
  return {};
}

}  // namespace tally::storage
