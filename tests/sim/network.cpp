#include "tests/sim/network.hpp"

#include <algorithm>
#include <utility>

namespace tally::sim {

std::uint64_t Network::connect(Endpoint* client, Endpoint* server) {
  streams_[++count_] = Stream{client, server};
  return count_;
}

const Endpoint* Network::client_of(std::uint64_t connection) const {
  const auto at = streams_.find(connection);
  return at == streams_.end() ? nullptr : at->second.client;
}

void Network::send(std::uint64_t connection, const Endpoint* from, Bytes bytes) {
  ++messages_;
  clockwork_.trace().mix(bytes);
  const auto at = streams_.find(connection);
  if (at == streams_.end() || is_cut(at->second.client, at->second.server)) {
    ++dropped_;
    return;
  }
  const bool to_server = from == at->second.client;
  deliver(connection, to_server, [connection, bytes = std::move(bytes)](Endpoint& to) {
    to.on_bytes(connection, bytes);
  });
}

void Network::close(std::uint64_t connection, const Endpoint* from) {
  const auto at = streams_.find(connection);
  if (at == streams_.end()) {
    return;
  }
  const bool by_client = from == at->second.client;
  (by_client ? at->second.client_open : at->second.server_open) = false;
  deliver(connection, by_client, [connection](Endpoint& to) { to.on_broken(connection); });
}

void Network::deliver(std::uint64_t connection,
                      bool to_server,
                      std::function<void(Endpoint&)> what) {
  Stream& stream = streams_.at(connection);
  std::int64_t& arrives = to_server ? stream.to_server_ms : stream.to_client_ms;
  arrives = std::max(arrives, clockwork_.now_ms() + clockwork_.between(1, delay_max_ms));
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
  Endpoint* client = tell_client && stream.client_open ? stream.client : nullptr;
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
  std::erase_if(streams_, [](const auto& entry) {
    return !entry.second.client_open && !entry.second.server_open;
  });
}

void Network::cut(const Endpoint* a, const Endpoint* b, bool is_cut) {
  cuts_[std::minmax(a, b)] = is_cut;
  if (!is_cut) {
    return;
  }
  for (auto& [connection, stream] : streams_) {
    if (std::minmax<const Endpoint*>(stream.client, stream.server) == std::minmax(a, b)) {
      break_stream(connection, stream, clockwork_.chance(50), clockwork_.chance(50));
    }
  }
}

bool Network::is_cut(const Endpoint* a, const Endpoint* b) const {
  const auto at = cuts_.find(std::minmax(a, b));
  return at != cuts_.end() && at->second;
}

}  // namespace tally::sim
