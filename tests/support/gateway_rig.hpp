// A gateway's machine with terminals, an OA and a disk that are vectors of what it told them: the
// ground of its tests.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/node/gateway_node.hpp"
#include "core/record/packed.hpp"
#include "core/record/seal.hpp"

#include <CppUTest/TestHarness.h>

namespace tally::test {

constexpr StreamId kStream{TerminalId{101}, Incarnation{1}};
constexpr node::ConnectionId kFirst{1};
constexpr node::ConnectionId kSecond{2};

struct GatewayRig : Utest {
  node::GatewayConfig config;
  std::unique_ptr<node::GatewayNode> gateway;
  node::GatewaySnapshot disk;
  std::optional<node::GatewayCommit> waiting;
  std::vector<std::pair<node::ConnectionId, link::Message>> to_terminals;
  std::vector<node::CloseTerminal> closed;
  std::vector<link::Message> to_oa;
  std::vector<node::ReadStream> reads;
  StreamPosition written;
  std::int64_t boot_ms = 1'000;

  void setup() override {
    config.gateway = GatewayId{11};
    config.incarnation = Incarnation{1};
    config.boot = BootId{3};
    gateway = std::make_unique<node::GatewayNode>(config, disk);
  }

  Instant now() const {
    return {WallTime{1'800'000'000'000'000 + boot_ms * 1'000}, BootTime{boot_ms}};
  }

  void take(node::GatewayActions actions) {
    for (auto& action : actions) {
      if (auto* commit = std::get_if<node::CommitGateway>(&action)) {
        waiting = std::move(commit->commit);
      } else if (auto* send = std::get_if<node::SendToTerminal>(&action)) {
        to_terminals.emplace_back(send->connection, std::move(send->message));
      } else if (auto* close = std::get_if<node::CloseTerminal>(&action)) {
        closed.push_back(*close);
      } else if (auto* up = std::get_if<node::SendToOa>(&action)) {
        to_oa.push_back(std::move(up->message));
      } else if (auto* read = std::get_if<node::ReadStream>(&action)) {
        reads.push_back(*read);
      }
    }
  }

  void from_oa(const link::Message& message) { take(gateway->on_uplink_message(message, now())); }

  void refuse(std::uint64_t seq, link::RefusalReason reason) {
    from_oa(link::RecordRefusal{kStream, Seq{seq}, reason, {}});
  }

  /// The OA has a record of a stream and all before it.
  void oa_has(const StreamPosition& position) {
    from_oa(link::Received{{{kStream, position}}, false});
  }

  /// The journal's answer to the last read.
  void read_back(const link::RecordBatch& records) {
    take(
        gateway->on_stream_read(kStream, reads.back().first, records.count, records.packed, now()));
  }

  void sync_all() {
    while (waiting) {
      sync();
    }
  }

  void sync() {
    CHECK_TRUE(waiting.has_value());
    waiting.reset();
    take(gateway->on_committed(now()));
  }

  void hear(node::ConnectionId connection, const link::Message& message) {
    take(gateway->on_terminal_message(connection, message, now()));
  }

  void hello(node::ConnectionId connection,
             std::uint32_t incarnation = 1,
             std::uint32_t terminal = 101) {
    link::Hello hello;
    hello.node = terminal;
    hello.incarnation = Incarnation{incarnation};
    hello.boot = BootId{9};
    hear(connection, hello);
  }

  void oa_up(std::uint64_t generation = 1) {
    take(gateway->on_uplink_message(link::Challenge{5}, now()));
    link::Welcome welcome;
    welcome.ledger_stamp = generation;
    welcome.anchor = {now().wall, 0, ClockQuality::kAnchored};
    take(gateway->on_uplink_message(welcome, now()));
  }

  Bytes record_after(StreamPosition previous,
                     std::uint32_t terminal = 101,
                     std::uint64_t numbers_lost = 0) const {
    record::Header header;
    header.kind = numbers_lost > 0 ? record::RecordKind::kGap : record::RecordKind::kNote;
    header.id = {TerminalId{terminal},
                 Incarnation{1},
                 BootId{9},
                 Seq{previous.seq.value + 1 + numbers_lost}};
    header.prev_mac = previous.mac;
    return *record::seal(header, as_bytes("x"), record::RecordKey{1});
  }

  /// `count` records that follow what was written before.
  link::RecordBatch batch(std::uint32_t count) {
    link::RecordBatch out;
    for (; out.count < count; ++out.count) {
      const Bytes sealed = record_after(written);
      record::append_packed(out.packed, sealed);
      written = {Seq{written.seq.value + 1}, record::peek_mac(sealed)};
    }
    return out;
  }

  template <class T>
  const T* last_to_terminal() const {
    for (auto at = to_terminals.rbegin(); at != to_terminals.rend(); ++at) {
      if (const T* message = std::get_if<T>(&at->second)) {
        return message;
      }
    }
    return nullptr;
  }
};

}  // namespace tally::test
