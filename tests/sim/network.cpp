#include "tests/sim/network.hpp"

#include <algorithm>
#include <utility>

namespace tally::sim {
namespace {

constexpr std::size_t kRecordingsMax = 32;
constexpr std::size_t kChunksMax = 12;

}  // namespace

std::uint64_t Network::connect(Endpoint* client, Endpoint* server) {
  if (streams_.size() > 2 * streams_kept_) {
    forget_closed();
  }
  Stream stream;
  stream.client = client;
  stream.server = server;
  streams_.emplace(++count_, std::move(stream));
  return count_;
}

void Network::forget_closed() {
  std::erase_if(streams_, [&](const auto& entry) {
    const Stream& stream = entry.second;
    return !stream.client_open && !stream.server_open;
  });
  // What a host has not heard the end of stays, and is not looked through each time.
  streams_kept_ = streams_.size();
}

const Endpoint* Network::client_of(std::uint64_t connection) const {
  const auto at = streams_.find(connection);
  return at == streams_.end() ? nullptr : at->second.client;
}

bool Network::is_replay(std::uint64_t connection) const {
  const auto at = streams_.find(connection);
  return at != streams_.end() && at->second.is_replay;
}

std::optional<Network::Cut> Network::cut_of(const Stream& stream) const {
  const auto at = cuts_.find(pair_of(stream.client, stream.server));
  return at == cuts_.end() ? std::nullopt : std::optional(at->second);
}

void Network::remember(std::uint64_t connection, const Stream& stream, const Bytes& bytes) {
  if (!recordings_.contains(connection) && recordings_.size() >= kRecordingsMax) {
    recordings_.erase(recordings_.begin());
  }
  Recording& recording =
      recordings_.try_emplace(connection, Recording{stream.client, stream.server, {}})
          .first->second;
  if (recording.chunks.size() < kChunksMax) {
    recording.chunks.push_back(bytes);
  }
}

void Network::send(std::uint64_t connection, const Endpoint* from, Bytes bytes) {
  ++messages_;
  clockwork_.trace().mix(bytes);
  const auto at = streams_.find(connection);
  if (at == streams_.end()) {
    ++dropped_;
    return;
  }
  Stream& stream = at->second;
  const bool to_server = from == stream.client;
  if (recording_ && to_server && !stream.is_replay) {
    remember(connection, stream, bytes);
  }
  const auto cut = cut_of(stream);
  bool& lost = to_server ? stream.to_server_lost : stream.to_client_lost;
  lost = lost || cut == Cut::kBoth || cut == (to_server ? Cut::kToServer : Cut::kToClient);
  if (lost || (stream.is_replay && !to_server)) {
    ++dropped_;
    return;
  }
  deliver(connection, to_server, [connection, bytes = std::move(bytes)](Endpoint& to) {
    to.on_bytes(connection, bytes);
  });
}

void Network::close(std::uint64_t connection, const Endpoint* from) {
  const auto at = streams_.find(connection);
  if (at == streams_.end()) {
    return;
  }
  Stream& stream = at->second;
  const bool by_client = from == stream.client;
  (by_client ? stream.client_open : stream.server_open) = false;
  const auto cut = cut_of(stream);
  const bool lost = by_client ? stream.to_server_lost : stream.to_client_lost;
  if (lost || cut == Cut::kBoth || cut == (by_client ? Cut::kToServer : Cut::kToClient)) {
    return;  // The other side will only notice that it is silent here.
  }
  deliver(connection, by_client, [this, connection, by_client](Endpoint& to) {
    Stream& ended = streams_.at(connection);
    (by_client ? ended.server_open : ended.client_open) = false;
    to.on_broken(connection);
  });
}

void Network::deliver(std::uint64_t connection,
                      bool to_server,
                      std::function<void(Endpoint&)> what) {
  Stream& stream = streams_.at(connection);
  if (cut_of(stream) == Cut::kStalled || !stream.stalled.empty()) {
    stream.stalled.push_back([this, connection, to_server, what = std::move(what)] {
      schedule(connection, to_server, what);
    });
    return;
  }
  schedule(connection, to_server, std::move(what));
}

void Network::schedule(std::uint64_t connection,
                       bool to_server,
                       std::function<void(Endpoint&)> what) {
  Stream& stream = streams_.at(connection);
  std::int64_t& arrives = to_server ? stream.to_server_ms : stream.to_client_ms;
  const auto thin = slow_ms_.find(pair_of(stream.client, stream.server));
  const std::int64_t longest = std::max(delay_max_ms, thin == slow_ms_.end() ? 0 : thin->second);
  arrives = std::max(arrives, clockwork_.now_ms() + clockwork_.between(1, longest));
  clockwork_.after(arrives - clockwork_.now_ms(),
                   [this, connection, to_server, what = std::move(what)] {
                     const auto at = streams_.find(connection);
                     if (at == streams_.end()) {
                       return;
                     }
                     Stream& now = at->second;
                     if (to_server ? now.server_open : now.client_open) {
                       what(to_server ? *now.server : *now.client);
                     }
                   });
}

void Network::break_stream(std::uint64_t connection,
                           Stream& stream,
                           bool tell_client,
                           bool tell_server) {
  Endpoint* client =
      tell_client && stream.client_open && !stream.is_replay ? stream.client : nullptr;
  Endpoint* server = tell_server && stream.server_open ? stream.server : nullptr;
  stream.client_open = stream.client_open && !tell_client;
  stream.server_open = stream.server_open && !tell_server;
  if (client != nullptr) {
    clockwork_.after(0, [client, connection] { client->on_broken(connection); });
  }
  if (server != nullptr) {
    clockwork_.after(0, [server, connection] { server->on_broken(connection); });
  }
}

void Network::host_died(const Endpoint* host) {
  for (auto& [connection, stream] : streams_) {
    if (stream.client == host) {
      stream.client_open = false;
      break_stream(connection, stream, false, clockwork_.chance(70));
    } else if (stream.server == host) {
      stream.server_open = false;
      break_stream(connection, stream, clockwork_.chance(70), false);
    }
  }
  forget_closed();
}

void Network::cut(const Endpoint* client, const Endpoint* server, Cut how) {
  cuts_[pair_of(client, server)] = how;
  if (how != Cut::kBoth) {
    return;
  }
  for (auto& [connection, stream] : streams_) {
    if (stream.client == client && stream.server == server) {
      const bool client_told = clockwork_.chance(50);
      break_stream(connection, stream, client_told, clockwork_.chance(50));
    }
  }
}

void Network::heal(const Endpoint* client, const Endpoint* server, std::int64_t late_ms) {
  cuts_.erase(pair_of(client, server));
  for (auto& [connection, stream] : streams_) {
    if (stream.client != client || stream.server != server || stream.stalled.empty()) {
      continue;
    }
    const std::int64_t at_ms = clockwork_.now_ms() + clockwork_.between(0, late_ms);
    stream.to_client_ms = std::max(stream.to_client_ms, at_ms);
    stream.to_server_ms = std::max(stream.to_server_ms, at_ms);
    for (const auto& waiting : std::exchange(stream.stalled, {})) {
      waiting();
    }
  }
}

void Network::heal_all() {
  delay_max_ms = 40;
  cuts_.clear();
  slow_ms_.clear();
  for (auto& [connection, stream] : streams_) {
    for (const auto& waiting : std::exchange(stream.stalled, {})) {
      waiting();
    }
  }
}

void Network::slow_down(const Endpoint* client, const Endpoint* server, std::int64_t delay_max) {
  if (delay_max > 0) {
    slow_ms_[pair_of(client, server)] = delay_max;
  } else {
    slow_ms_.erase(pair_of(client, server));
  }
}

bool Network::is_cut(const Endpoint* client, const Endpoint* server) const {
  return cuts_.contains(pair_of(client, server));
}

std::optional<Network::Recorded> Network::some_recording() {
  if (recordings_.empty()) {
    return std::nullopt;
  }
  auto at = recordings_.begin();
  std::advance(at, static_cast<std::ptrdiff_t>(clockwork_.index(recordings_.size())));
  return Recorded{at->first, at->second.client, at->second.server};
}

void Network::replay(std::uint64_t recorded) {
  const auto at = recordings_.find(recorded);
  if (at == recordings_.end()) {
    return;  // Forgotten meanwhile.
  }
  const Recording recording = at->second;
  const std::uint64_t connection = connect(recording.client, recording.server);
  Stream& stream = streams_.at(connection);
  stream.is_replay = true;
  for (const Bytes& chunk : recording.chunks) {
    schedule(
        connection, true, [connection, chunk](Endpoint& to) { to.on_bytes(connection, chunk); });
  }
}

}  // namespace tally::sim
