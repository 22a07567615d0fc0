#include "core/node/oa_directory.hpp"

#include <algorithm>
#include <utility>

#include "core/base/mutant.hpp"
#include "core/base/try.hpp"
#include "core/member/number_block.hpp"

namespace tally::node {
namespace {

/// Changes gather for so long before a gateway that has everything is told of them.
constexpr Duration kGather{1'000};
/// A chunk is acknowledged within this time, or it comes again. Nothing is lost on a connection;
/// this is for a peer that loses something.
constexpr Duration kAckPause{60'000};
/// A gateway gets one block of numbers in this time, whatever it asks for.
constexpr Duration kBlockPause{10'000};
constexpr std::size_t kCardsMax = 32;
constexpr std::uint64_t kVersionMask = (std::uint64_t{1} << 40U) - 1;

void append_entries(const ledger::DirectoryMember& member,
                    const crypto::Key256& key,
                    WallTime now,
                    std::vector<link::DirectoryEntry>& out) {
  link::DirectoryEntry entry;
  entry.member = member.member;
  if (member.erased) {
    entry.erased = true;
    out.push_back(entry);
    return;
  }
  entry.masked_name = member.masked_name;
  entry.tier = member.tier;
  entry.balance = member.available;
  entry.balance_as_of = now;
  entry.expiring = member.expiring;
  entry.expiring_on = member.expiring_on;
  entry.frozen = member.frozen;
  if (member.cards.empty()) {
    out.push_back(std::move(entry));
    return;
  }
  for (const ledger::DirectoryCard& card : member.cards) {
    entry.token_hash = crypto::mac16(key, as_bytes(card.token));
    entry.denied = card.denied && !TALLY_MUTANT("directory/lost-card-as-good");
    out.push_back(entry);
  }
}

std::size_t entries_of(const ledger::DirectoryMember& member) {
  return member.erased ? 1 : std::max<std::size_t>(1, member.cards.size());
}

}  // namespace

/// 0 when it is of another generation, be that an older one or, where the OA was restored from an
/// old back-up, a newer one: nothing of this ledger, so no erasure in it, is acknowledged with it.
std::uint64_t OaDirectory::of_this_ledger(std::uint64_t wire_version) const {
  return wire_version >> 40U == generation_ ? wire_version : 0;
}

void OaDirectory::add(const Peer& peer, const link::Hello& hello, Instant now) {
  if (link::common_version(hello.version_max) < link::kVersionWithDirectory) {
    return;
  }
  Gateway gateway;
  gateway.peer = peer;
  gateway.to_store = of_this_ledger(hello.directory_version);
  gateway.position = *gateway.to_store & kVersionMask;
  gateway.look_at = now.boot;
  gateways_.insert_or_assign(peer.connection, std::move(gateway));
}

void OaDirectory::remove(ConnectionId connection) {
  gateways_.erase(connection);
}

bool OaDirectory::take(ConnectionId connection, const link::Message& message, Instant now) {
  const auto* ack = std::get_if<link::DirectoryAck>(&message);
  const auto* request = std::get_if<link::NumberRequest>(&message);
  if (ack == nullptr && request == nullptr) {
    return false;
  }
  const auto at = gateways_.find(connection);
  if (at == gateways_.end()) {
    return true;  // It said it does not speak of directories; what it says is no reason to hang up.
  }
  if (ack != nullptr) {
    on_ack(at->second, ack->version, now);
  } else {
    at->second.numbers_wanted = request->count;
  }
  return true;
}

void OaDirectory::on_ack(Gateway& gateway, std::uint64_t version, Instant now) {
  const std::optional<OnItsWay> chunk = std::exchange(gateway.chunk, std::nullopt);
  gateway.look_at = now.boot;
  if (chunk && version == wire_directory_version(generation_, chunk->version)) {
    gateway.position = chunk->version;
    if (chunk->last) {
      gateway.to_store = version;
      gateway.look_at = now.boot + kGather;
    }
    return;
  }
  // It has something else: a file it had to drop, or a chunk that did not fit on what it has.
  gateway.to_store = of_this_ledger(version);
  gateway.position = *gateway.to_store & kVersionMask;
  start_over(gateway);
}

/// From where the gateway stands; a file that was dropped has taken the key along.
void OaDirectory::start_over(Gateway& gateway) {
  ++counters_.rewinds;
  gateway.chunk.reset();
  gateway.key_sent = false;
  gateway.tell_anyway = true;
}

Result<std::vector<OaDirectory::Send>> OaDirectory::settle(Instant now) {
  std::vector<Send> out;
  const bool writes = std::any_of(gateways_.begin(), gateways_.end(), [&](const auto& at) {
    const Gateway& gateway = at.second;
    return gateway.to_store ||
           (gateway.numbers_wanted > 0 &&
            (!gateway.numbers_given_at || now.boot >= *gateway.numbers_given_at + kBlockPause));
  });
  if (writes) {
    TALLY_TRY(write(out, now));
  }
  for (auto& [connection, gateway] : gateways_) {
    if (gateway.chunk && now.boot >= gateway.chunk->again_at) {
      start_over(gateway);
    }
    if (!gateway.chunk && now.boot >= gateway.look_at) {
      TALLY_TRY(next_chunk(gateway, out, now));
    }
  }
  return out;
}

Status OaDirectory::write(std::vector<Send>& out, Instant now) {
  TALLY_TRY(store_.begin());
  for (auto& [connection, gateway] : gateways_) {
    if (gateway.to_store) {
      const Peer& peer = gateway.peer;
      TALLY_TRY(store_.put_directory_holder(
          {peer.gateway, peer.incarnation, peer.store, *gateway.to_store, now.wall}));
      gateway.to_store.reset();
    }
    if (gateway.numbers_wanted > 0 &&
        (!gateway.numbers_given_at || now.boot >= *gateway.numbers_given_at + kBlockPause)) {
      TALLY_TRY(give_numbers(gateway, out, now));
    }
  }
  TALLY_TRY(store_.commit());
  ++commits_;
  return {};
}

Status OaDirectory::give_numbers(Gateway& gateway, std::vector<Send>& out, Instant now) {
  const std::uint32_t count = std::exchange(gateway.numbers_wanted, 0);
  gateway.numbers_given_at = now.boot;
  TALLY_TRY_ASSIGN(const std::uint64_t before, store_.take_numbers(count));
  const Result<std::uint64_t> first = member::till_serial(generation_, before + 1);
  if (!first || !member::till_serial(generation_, before + count)) {
    return {};  // Used up: tills enrol by the card's own number, the office gives the member's.
  }
  counters_.numbers_given += count;
  out.push_back({gateway.peer.connection, link::NumberBlock{*first, count}});
  return {};
}

Status OaDirectory::next_chunk(Gateway& gateway, std::vector<Send>& out, Instant now) {
  const auto key = registry_.directory_key(gateway.peer.store);
  if (!key) {
    gateway.look_at = now.boot + kGather;
    return {};
  }
  if (!std::exchange(gateway.key_sent, true)) {
    out.push_back({gateway.peer.connection, link::DirectoryKey{*key}});
  }
  TALLY_TRY_ASSIGN(
      const std::vector<ledger::DirectoryMember> members,
      store_.directory_changes(gateway.position, link::kDirectoryEntriesMax, kCardsMax));
  if (members.empty() && !gateway.tell_anyway) {
    gateway.look_at = now.boot + kGather;
    return {};
  }
  link::DirectoryChunk chunk;
  chunk.base = gateway.position == 0 ? 0 : wire_directory_version(generation_, gateway.position);
  std::uint64_t version = gateway.position;
  std::size_t taken = 0;
  for (const ledger::DirectoryMember& member : members) {
    if (chunk.entries.size() + entries_of(member) > link::kDirectoryEntriesMax) {
      break;
    }
    append_entries(member, *key, now.wall, chunk.entries);
    version = member.version;
    ++taken;
  }
  chunk.version = wire_directory_version(generation_, version);
  chunk.last = taken == members.size() && members.size() < link::kDirectoryEntriesMax;
  gateway.tell_anyway = false;
  gateway.chunk = OnItsWay{version, chunk.last, now.boot + kAckPause};
  if (TALLY_MUTANT("directory/taken-for-acknowledged")) {
    gateway.position = version;
    gateway.chunk.reset();
  }
  if (TALLY_MUTANT("directory/erasure-done-when-sent") && gateway.position != 0) {
    gateway.to_store = chunk.version;
  }
  ++counters_.chunks_sent;
  counters_.entries_sent += chunk.entries.size();
  out.push_back({gateway.peer.connection, std::move(chunk)});
  return {};
}

}  // namespace tally::node
