// The simulated network: ordered byte streams that are slow, break, and of whose break one side may
// hear late or never. What is on its way when a stream breaks is lost, as with a real connection.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "core/base/bytes.hpp"

#include "tests/sim/clockwork.hpp"

namespace tally::sim {

/// One side of a connection, as its host sees it.
class Endpoint {
 public:
  virtual ~Endpoint() = default;
  virtual void on_bytes(std::uint64_t connection, const Bytes& bytes) = 0;
  virtual void on_broken(std::uint64_t connection) = 0;
};

class Network {
 public:
  explicit Network(Clockwork& clockwork) : clockwork_(clockwork) {}

  /// A new stream between two hosts; the number names it on both sides.
  std::uint64_t connect(Endpoint* client, Endpoint* server);

  /// Who opened a stream: what the certificate would say.
  const Endpoint* client_of(std::uint64_t connection) const;

  /// Sends from one side; nothing happens when the stream is broken.
  void send(std::uint64_t connection, const Endpoint* from, Bytes bytes);

  /// Closed in order by one side: the other hears of it after what was sent before.
  void close(std::uint64_t connection, const Endpoint* from);

  /// Breaks every stream of a host that died: its peers may notice at once, or only by silence.
  void host_died(const Endpoint* host);

  /// Cuts or heals the way between two hosts; cut streams break, perhaps silently.
  void cut(const Endpoint* a, const Endpoint* b, bool is_cut);
  bool is_cut(const Endpoint* a, const Endpoint* b) const;

  std::int64_t delay_max_ms = 40;

  std::uint64_t messages() const { return messages_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Stream {
    Endpoint* client;
    Endpoint* server;
    bool client_open = true;
    bool server_open = true;
    std::int64_t to_client_ms = 0;  ///< When the last bytes in this direction arrive.
    std::int64_t to_server_ms = 0;
  };

  void deliver(std::uint64_t connection, bool to_server, std::function<void(Endpoint&)> what);
  void break_stream(std::uint64_t connection, Stream& stream, bool tell_client, bool tell_server);

  Clockwork& clockwork_;
  std::uint64_t count_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t dropped_ = 0;
  std::map<std::uint64_t, Stream> streams_;
  std::map<std::pair<const Endpoint*, const Endpoint*>, bool> cuts_;
};

}  // namespace tally::sim
