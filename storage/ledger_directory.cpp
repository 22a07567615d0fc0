// The member directory's part of the ledger store (docs/formats/directory.md).
#include <algorithm>
#include <utility>

#include "storage/ledger_queries.hpp"
#include "storage/ledger_schema.hpp"
#include "storage/ledger_statements.hpp"
#include "storage/ledger_store.hpp"

namespace tally::storage {
namespace {

constexpr std::int64_t kCardActive = 1;
constexpr std::int64_t kMemberFrozen = number_of(ledger::MemberState::kFrozen);

}  // namespace

Status LedgerStore::prepare_directory() {
  const std::pair<Statement*, const char*> all[] = {
      {&directory_.take_versions,
       "UPDATE counter SET directory = directory + ? RETURNING directory"},
      {&directory_.changes,
       "SELECT m.id, m.shard, m.directory_version, m.state, m.masked_name, m.tier, m.available, "
       "e.member IS NOT NULL FROM member m LEFT JOIN erasure e ON e.member = m.id "
       "WHERE m.directory_version > ? ORDER BY m.directory_version LIMIT ?"},
      {&directory_.cards,
       "SELECT token, state FROM card WHERE member = ? ORDER BY issued_us DESC, token LIMIT ?"},
      {&directory_.expiring,
       "SELECT expires_on, sum(points) FROM lot WHERE shard = ? AND member = ? "
       "GROUP BY expires_on ORDER BY expires_on LIMIT 1"},
      {&directory_.put_holder, "INSERT OR REPLACE INTO directory_holder VALUES(?,?,?,?,?)"},
      {&directory_.take_numbers, "UPDATE counter SET number = number + ? RETURNING number"},
  };
  for (const auto& [statement, sql] : all) {
    TALLY_TRY_ASSIGN(*statement, db_.prepare(sql));
  }
  return {};
}

Result<std::uint64_t> LedgerStore::take_directory_versions(const ledger::WorkingSet& set) {
  const auto dirty = std::count_if(
      set.members().begin(), set.members().end(), [](const auto& at) { return at.second.dirty; });
  if (dirty == 0) {
    return std::uint64_t{0};
  }
  directory_.take_versions.bind_all(dirty);
  Rows rows(directory_.take_versions);
  TALLY_TRY(rows.next());
  const std::uint64_t last = directory_.take_versions.uint64(0);
  TALLY_TRY(rows.next());  // To its end, or the change may not be made.
  return last - static_cast<std::uint64_t>(dirty);
}

Result<std::uint64_t> LedgerStore::take_numbers(std::uint32_t count) {
  directory_.take_numbers.bind_all(count);
  Rows rows(directory_.take_numbers);
  TALLY_TRY(rows.next());
  const std::uint64_t last = directory_.take_numbers.uint64(0);
  TALLY_TRY(rows.next());
  return last - count;
}

Result<std::vector<ledger::DirectoryMember>> LedgerStore::directory_changes(std::uint64_t after,
                                                                            std::size_t members_max,
                                                                            std::size_t cards_max) {
  Statement& row = directory_.changes;
  row.bind_all(after, members_max);
  Rows rows(row);
  std::vector<ledger::DirectoryMember> members;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, rows.next());
    if (!found) {
      return members;
    }
    ledger::DirectoryMember member;
    member.member = MemberId{row.int64(0)};
    member.version = row.uint64(2);
    member.frozen = row.int64(3) == kMemberFrozen;
    member.masked_name = row.text(4);
    member.tier = row.uint32(5);
    member.available = Points{row.int64(6)};
    member.erased = row.boolean(7);
    if (!member.erased) {
      TALLY_TRY(read_directory_member(member, row.uint32(1), cards_max));
    }
    members.push_back(std::move(member));
  }
}

Status LedgerStore::read_directory_member(ledger::DirectoryMember& member,
                                          std::uint32_t shard,
                                          std::size_t cards_max) {
  Statement& card = directory_.cards;
  card.bind_all(member.member, cards_max);
  Rows cards(card);
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, cards.next());
    if (!found) {
      break;
    }
    member.cards.push_back({std::string(card.text(0)), card.int64(1) != kCardActive});
  }
  Statement& lot = directory_.expiring;
  lot.bind_all(shard, member.member);
  Rows lots(lot);
  TALLY_TRY_ASSIGN(const bool found, lots.next());
  if (found && BusinessDay{lot.int32(0)} != ledger::kNoExpiry) {
    member.expiring_on = BusinessDay{lot.int32(0)};
    member.expiring = Points{lot.int64(1)};
  }
  return {};
}

Status LedgerStore::put_directory_holder(const ledger::DirectoryHolder& holder) {
  return directory_.put_holder.run_with(
      holder.gateway, holder.incarnation, holder.store, holder.acknowledged, holder.at.us);
}

Result<std::vector<ErasureRow>> LedgerQueries::erasures(std::size_t count_max) {
  TALLY_TRY_ASSIGN(Statement row,
                   db_.prepare("SELECT e.member, e.at_us, e.user, e.reason, h.gateway "
                               "FROM (SELECT * FROM erasure ORDER BY at_us DESC LIMIT ?) e "
                               "JOIN counter c ON c.id = 1 "
                               "JOIN member m ON m.id = e.member "
                               "LEFT JOIN directory_holder h "
                               "ON h.acknowledged < (c.generation << 40 | m.directory_version) "
                               "ORDER BY e.at_us DESC, e.member, h.gateway"));
  row.bind_all(count_max);
  std::vector<ErasureRow> erasures;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool found, row.step());
    if (!found) {
      return erasures;
    }
    const MemberId member{row.int64(0)};
    if (erasures.empty() || erasures.back().member != member) {
      erasures.push_back(
          {member, WallTime{row.int64(1)}, std::string(row.text(2)), std::string(row.text(3)), {}});
    }
    if (!row.is_null(4)) {
      erasures.back().open.push_back(GatewayId{row.uint32(4)});
    }
  }
}

}  // namespace tally::storage
