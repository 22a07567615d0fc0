#include "core/node/gateway_directory.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/mutant.hpp"

namespace tally::node {
namespace {

/// The beginning of a snapshot that was read before what is here: a copy that comes late. Versions
/// of two generations of the ledger cannot be compared.
bool is_overtaken(const link::DirectoryChunk& chunk, std::uint64_t version_here) {
  return chunk.base == 0 && chunk.version < version_here &&
         chunk.version >> 40U == version_here >> 40U;
}

}  // namespace

void GatewayDirectory::on_opened(const DirectoryState& state) {
  state_ = state;
  open_ = true;
  current_ = false;
  due_.reset();
  in_flight_.reset();
  waiting_.reset();
  acknowledge_ = true;  // Where it really is: the OA may have been told otherwise in the hello.
}

void GatewayDirectory::on_failed() {
  open_ = false;
  current_ = false;
  due_.reset();
  in_flight_.reset();
  waiting_.reset();
  acknowledge_ = false;
}

std::uint64_t GatewayDirectory::on_hello() {
  acknowledge_ = false;
  return open_ ? state_.version : 0;
}

void GatewayDirectory::on_key(const link::DirectoryKey& key) {
  if (!open_ || state_.key == key.key) {
    return;
  }
  // What is stored is hashed under another key: worth nothing from now on.
  Change change;
  change.commit.clear = !TALLY_MUTANT("directory/rows-of-the-old-key-stay");
  change.commit.key = key.key;
  due_ = std::move(change);
}

void GatewayDirectory::on_chunk(link::DirectoryChunk chunk, WallTime now) {
  if (!open_) {
    return;  // Acknowledged is what is there, once it is open again.
  }
  if (due_ || in_flight_) {
    waiting_ = std::move(chunk);
    return;
  }
  judge(std::move(chunk), now);
}

void GatewayDirectory::judge(link::DirectoryChunk chunk, WallTime now) {
  const bool fits =
      chunk.base == 0
          ? !is_overtaken(chunk, state_.version) || TALLY_MUTANT("directory/old-snapshot-taken")
          : chunk.base == state_.version || TALLY_MUTANT("directory/chunk-that-does-not-fit");
  if (!state_.key || !fits) {
    // A second copy of what is here was acknowledged with the first. Anything else does not fit:
    // this says what is here, and the OA goes on from there.
    acknowledge_ = chunk.version != state_.version;
    return;
  }
  Change change;
  change.commit.clear = chunk.base == 0;
  change.commit.version = chunk.version;
  change.commit.entries = std::move(chunk.entries);
  change.commit.synced_at = chunk.last ? now : change.commit.clear ? WallTime{} : state_.synced_at;
  change.last = chunk.last;
  due_ = std::move(change);
}

void GatewayDirectory::on_uplink_down(WallTime last_contact) {
  waiting_.reset();
  if (!std::exchange(current_, false) || due_ || in_flight_ || last_contact <= state_.synced_at) {
    return;
  }
  // Nothing newer was at the OA as long as it was heard: everything here was true until then.
  Change change;
  change.commit.version = state_.version;
  change.commit.synced_at = last_contact;
  change.acknowledged = false;
  due_ = std::move(change);
}

std::optional<DirectoryCommit> GatewayDirectory::take_commit() {
  if (!due_ || in_flight_) {
    return std::nullopt;
  }
  in_flight_ = std::exchange(due_, std::nullopt);
  if (TALLY_MUTANT("directory/acknowledged-before-sync")) {
    state_.version = in_flight_->commit.version;
    acknowledge_ = true;
  }
  return in_flight_->commit;
}

void GatewayDirectory::on_committed(std::uint64_t cards, WallTime now) {
  TALLY_ASSERT(in_flight_.has_value());
  const Change done = std::exchange(in_flight_, std::nullopt).value();
  state_.version = done.commit.version;
  state_.synced_at = done.commit.synced_at;
  state_.cards = cards;
  if (done.commit.key) {
    state_.key = done.commit.key;
  }
  if (done.acknowledged) {
    current_ = done.last;
    acknowledge_ = true;
  }
  if (!waiting_) {
    return;
  }
  acknowledge_ = false;  // It is what the OA waits for an answer to.
  if (!due_) {           // Else a new key comes first, under which the chunk is hashed.
    judge(*std::exchange(waiting_, std::nullopt), now);
  }
}

std::optional<std::uint64_t> GatewayDirectory::take_acknowledgement() {
  return std::exchange(acknowledge_, false) ? std::optional(state_.version) : std::nullopt;
}

std::optional<Mac> GatewayDirectory::hash_of(const std::string& card_token) const {
  if (!open_ || !state_.key || state_.cards == 0) {
    return std::nullopt;
  }
  return crypto::mac16(*state_.key, as_bytes(card_token));
}

link::MemberView GatewayDirectory::view_of(const link::DirectoryEntry& entry) const {
  link::MemberView view;
  view.member = entry.member;
  view.masked_name = entry.masked_name;
  view.tier = entry.tier;
  view.available = entry.balance;
  view.expiring = entry.expiring;
  view.expiring_on = entry.expiring_on;
  view.frozen = entry.frozen || entry.denied;
  view.as_of = std::max(entry.balance_as_of, state_.synced_at);
  return view;
}

}  // namespace tally::node
