// The simulated network: ordered byte streams that are slow, break, stall for hours, and of whose
// break one side may hear late or never. What is on its way when a stream breaks is lost, as with a
// real connection; what was lost once in a direction is followed by nothing more in that direction.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"

#include "tests/sim/clockwork.hpp"

namespace tally::sim {

/// One side of a connection, as its host sees it.
class Endpoint {
 public:
  explicit Endpoint(int number) : number_(number) {}
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;
  virtual ~Endpoint() = default;
  virtual void on_bytes(std::uint64_t connection, const Bytes& bytes) = 0;
  virtual void on_broken(std::uint64_t connection) = 0;

  /// Names the host in the network's tables: pointers would order them by chance.
  int number() const { return number_; }

 private:
  int number_;
};

class Network {
 public:
  explicit Network(Clockwork& clockwork) : clockwork_(clockwork) {}

  /// A new stream between two hosts; the number names it on both sides.
  std::uint64_t connect(Endpoint* client, Endpoint* server);

  /// Who opened a stream: what the certificate would say. Null when the stream is gone.
  const Endpoint* client_of(std::uint64_t connection) const;

  /// Sends from one side; nothing happens when the stream is broken.
  void send(std::uint64_t connection, const Endpoint* from, Bytes bytes);

  /// Closed in order by one side: the other hears of it after what was sent before.
  void close(std::uint64_t connection, const Endpoint* from);

  /// Breaks every stream of a host that died: its peers may notice at once, or only by silence.
  void host_died(const Endpoint* host);

  enum class Cut : std::uint8_t { kBoth, kToServer, kToClient, kStalled };
  /// Cuts the way between client and server until heal().
  void cut(const Endpoint* client, const Endpoint* server, Cut how);
  /// With `late_ms`, what stalled arrives up to so much later.
  void heal(const Endpoint* client, const Endpoint* server, std::int64_t late_ms = 0);
  void heal_all();
  /// A thin line: from now on what is sent takes up to so long; 0: as everything else.
  void slow_down(const Endpoint* client, const Endpoint* server, std::int64_t delay_max);
  bool is_cut(const Endpoint* client, const Endpoint* server) const;

  /// Remembers from now on what clients send, for replay().
  void record_for_replay() { recording_ = true; }
  /// A connection of which something was remembered; none when there is none.
  struct Recorded {
    std::uint64_t connection = 0;
    const Endpoint* client = nullptr;
    const Endpoint* server = nullptr;
  };
  std::optional<Recorded> some_recording();
  /// Opens a new stream in the name of its client and sends what that one sent.
  void replay(std::uint64_t recorded);
  bool is_replay(std::uint64_t connection) const;

  std::int64_t delay_max_ms = 40;

  std::uint64_t messages() const { return messages_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Stream {
    Endpoint* client;
    Endpoint* server;
    bool client_open = true;
    bool server_open = true;
    bool to_client_lost = false;
    bool to_server_lost = false;
    bool is_replay = false;
    std::int64_t to_client_ms = 0;  ///< When the last bytes in this direction arrive.
    std::int64_t to_server_ms = 0;
    std::optional<std::int64_t> stalled_since_ms;
    std::vector<std::function<void()>> stalled;
  };
  struct Recording {
    Endpoint* client;
    Endpoint* server;
    std::vector<Bytes> chunks;
  };
  using Pair = std::pair<int, int>;

  static Pair pair_of(const Endpoint* client, const Endpoint* server) {
    return {client->number(), server->number()};
  }
  std::optional<Cut> cut_of(const Stream& stream) const;
  void deliver(std::uint64_t connection, bool to_server, std::function<void(Endpoint&)> what);
  void schedule(std::uint64_t connection, bool to_server, std::function<void(Endpoint&)> what);
  void break_stream(std::uint64_t connection, Stream& stream, bool tell_client, bool tell_server);
  void remember(std::uint64_t connection, const Stream& stream, const Bytes& bytes);
  void forget_closed();

  Clockwork& clockwork_;
  std::uint64_t count_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t dropped_ = 0;
  std::map<std::uint64_t, Stream> streams_;
  std::size_t streams_kept_ = 0;  ///< When those that are closed were last thrown away.
  std::map<Pair, Cut> cuts_;
  std::map<Pair, std::int64_t> slow_ms_;
  bool recording_ = false;
  std::map<std::uint64_t, Recording> recordings_;
};

}  // namespace tally::sim
