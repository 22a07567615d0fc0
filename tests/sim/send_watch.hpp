// The oracle at one sender of records: on each connection it goes on from where the other side
// stands, and leaves nothing out. Kept by terminals and by gateways; the numbers of a stream only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "core/link/messages.hpp"

#include "tests/sim/verdict.hpp"

namespace tally::sim {

class SendWatch {
 public:
  SendWatch(Verdict& verdict, std::string name) : verdict_(verdict), name_(std::move(name)) {}

  /// A new connection: what was on its way on the old one may be lost.
  void on_connected() { streams_.clear(); }

  /// The other side stands here: what is sent next follows it.
  void on_position(StreamId stream, Seq position);
  /// The same of a sender that may have less than the other side.
  void on_rewound(StreamId stream, Seq position) { streams_[stream] = {std::nullopt, position}; }
  /// The other side has synced up to here.
  void on_acknowledged(StreamId stream, Seq position);
  /// Where the other side stands can no longer be foretold.
  void on_doubt(StreamId stream) { streams_.erase(stream); }

  /// Records go out. `there` gives the last one of a stream that the other side ever had,
  /// `oldest_of` the first one that the sender is sure to have still.
  void on_sent(const link::RecordBatch& batch,
               const std::function<Seq(StreamId)>& there,
               const std::function<Seq(StreamId)>& oldest_of);

 private:
  struct Stream {
    std::optional<Seq> next;  ///< Told by the other side, moved on by what was sent.
    Seq sent;                 ///< The last one sent on this connection.
  };

  Verdict& verdict_;
  std::string name_;
  std::map<StreamId, Stream> streams_;
};

}  // namespace tally::sim
