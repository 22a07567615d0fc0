#include "tests/sim/directory_watch.hpp"

#include <utility>

#include "core/base/assert.hpp"
#include "core/ledger/lot.hpp"
#include "core/ledger/txn.hpp"

namespace tally::sim {
namespace {

constexpr std::uint64_t kVersionMask = (std::uint64_t{1} << 40U) - 1;
constexpr std::int64_t kCardActive = 1;

// A row a card. What a member has that expires next stands beside it.
constexpr const char* kCards =
    "SELECT m.id, m.directory_version, m.state, m.masked_name, m.tier, m.available, c.token, "
    "c.state, e.member, "
    "(SELECT min(expires_on) FROM lot WHERE shard = m.shard AND member = m.id) AS next_on, "
    "(SELECT sum(points) FROM lot WHERE shard = m.shard AND member = m.id AND expires_on = "
    "(SELECT min(expires_on) FROM lot WHERE shard = m.shard AND member = m.id)) "
    "FROM card c JOIN member m ON m.id = c.member LEFT JOIN erasure e ON e.member = m.id "
    "ORDER BY c.token";

std::uint64_t number_in(storage::Db& db, const char* sql) {
  auto row = db.prepare(sql);
  TALLY_ASSERT(row.has_value());
  return row->step().value_or(false) ? row->uint64(0) : 0;
}

std::uint64_t generation_of(storage::Db& ledger) {
  return number_in(ledger, "SELECT generation FROM counter");
}

/// What the OA's tables say of one card's member.
link::DirectoryEntry expected_entry(const storage::Statement& row) {
  link::DirectoryEntry entry;
  entry.member = MemberId{row.int64(0)};
  entry.masked_name = row.text(3);
  entry.tier = row.uint32(4);
  entry.balance = Points{row.int64(5)};
  entry.frozen = row.int64(2) == static_cast<std::int64_t>(ledger::MemberState::kFrozen);
  entry.denied = row.int64(7) != kCardActive;
  if (!row.is_null(9) && BusinessDay{row.int32(9)} != ledger::kNoExpiry) {
    entry.expiring_on = BusinessDay{row.int32(9)};
    entry.expiring = Points{row.int64(10)};
  }
  return entry;
}

}  // namespace

void DirectoryWatch::broken(const DirectoryOnDisk& disk, const std::string& text) {
  verdict_.violated("I12", "the directory of " + disk.name + ": " + text);
}

bool DirectoryWatch::was_synced(const Box& box, std::uint64_t version) const {
  const auto known = synced_.find(box);
  return version == 0 || (known != synced_.end() && known->second.versions.contains(version));
}

void DirectoryWatch::on_synced(const DirectoryOnDisk& disk) {
  Synced& synced = synced_[{disk.gateway, disk.incarnation}];
  const std::uint64_t before = std::exchange(synced.now, disk.state.version);
  synced.versions.insert(disk.state.version);
  if (disk.state.version != 0 && disk.state.version < before &&
      disk.state.version >> 40U == before >> 40U) {
    broken(disk,
           "it goes back from version " + std::to_string(before & kVersionMask) + " to " +
               std::to_string(disk.state.version & kVersionMask) +
               ": who was erased in between can be looked up again");
  }
  if (disk.state.version == 0 && disk.state.cards != 0) {
    broken(disk,
           "it has " + std::to_string(disk.state.cards) +
               " cards of no version, whatever key they "
               "are hashed under");
  }
}

void DirectoryWatch::on_chunk(GatewayId gateway,
                              Incarnation incarnation,
                              const link::DirectoryChunk& chunk) {
  if (!was_synced({gateway, incarnation}, chunk.base)) {
    verdict_.violated("I12",
                      "the OA goes on from a part of the directory that gateway " +
                          std::to_string(gateway.value) + " has never synced");
  }
}

void DirectoryWatch::check_holders(storage::Db& ledger) {
  auto row = ledger.prepare("SELECT gateway, incarnation, acknowledged FROM directory_holder");
  TALLY_ASSERT(row.has_value());
  while (row->step().value_or(false)) {
    const GatewayId gateway{row->uint32(0)};
    if (!was_synced({gateway, Incarnation{row->uint32(1)}}, row->uint64(2))) {
      verdict_.violated("I12",
                        "the OA counts as synced what gateway " + std::to_string(gateway.value) +
                            " has never had on its disk");
    }
  }
}

std::uint64_t DirectoryWatch::newest(storage::Db& ledger) {
  return generation_of(ledger) << 40U |
         number_in(ledger, "SELECT max(directory_version) FROM member");
}

void DirectoryWatch::compare(const DirectoryOnDisk& disk, storage::Db& ledger) {
  const std::uint64_t generation = generation_of(ledger);
  const std::uint64_t version = disk.state.version;
  if (!disk.state.key || version >> 40U != generation) {
    return;  // Nothing of this ledger is there; on_synced() sees to it that nothing is.
  }
  auto holder = ledger.prepare(
      "SELECT acknowledged FROM directory_holder WHERE gateway = ? AND incarnation = ?");
  TALLY_ASSERT(holder.has_value());
  holder->bind_all(disk.gateway, disk.incarnation);
  const std::uint64_t acknowledged = holder->step().value_or(false) ? holder->uint64(0) : 0;

  std::uint64_t cards = 0;
  auto row = ledger.prepare(kCards);
  TALLY_ASSERT(row.has_value());
  while (!verdict_.any() && row->step().value_or(false)) {
    const auto found =
        disk.file->find(crypto::mac16(*disk.state.key, as_bytes(std::string(row->text(6)))));
    if (!found) {
      broken(disk, "a card cannot be looked up: " + std::string(found.error().what));
      return;
    }
    const bool erased = !row->is_null(8);
    cards += erased ? 0 : 1;
    if (erased && *found && acknowledged >= (generation << 40U | row->uint64(1))) {
      broken(disk,
             "it knows member " + std::to_string(row->int64(0)) +
                 ", whose erasure counts as acknowledged");
    } else if (row->uint64(1) <= (version & kVersionMask)) {
      compare_card(disk, *row, *found);
    }
  }
  if (!verdict_.any() && version == newest(ledger) && disk.state.cards != cards) {
    broken(
        disk,
        "it has " + std::to_string(disk.state.cards) + " cards, the OA " + std::to_string(cards));
  }
}

void DirectoryWatch::compare_card(const DirectoryOnDisk& disk,
                                  const storage::Statement& row,
                                  const std::optional<link::DirectoryEntry>& found) {
  const std::string who = "member " + std::to_string(row.int64(0)) + ", card " +
                          std::string(row.text(6)) + ", version " + std::to_string(row.int64(1));
  if (!row.is_null(8)) {
    if (found) {
      broken(disk, "it knows an erased member: " + who);
    }
    return;
  }
  if (!found) {
    broken(disk, "it does not know " + who);
    return;
  }
  link::DirectoryEntry expected = expected_entry(row);
  expected.token_hash = found->token_hash;
  expected.balance_as_of = found->balance_as_of;
  if (*found != expected) {
    broken(disk,
           "it says something else than the OA of " + who + ": member " +
               std::to_string(found->member.value) + ", balance " +
               std::to_string(found->balance.value) + " for " +
               std::to_string(expected.balance.value) + (found->frozen ? ", frozen" : "") +
               (found->denied ? ", denied" : ""));
  }
}

}  // namespace tally::sim
