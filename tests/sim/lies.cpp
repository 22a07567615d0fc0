#include "tests/sim/lies.hpp"

#include <utility>
#include <vector>

#include "core/record/header.hpp"
#include "core/record/packed.hpp"

#include "tests/sim/gateway_host.hpp"
#include "tests/sim/terminal_host.hpp"

namespace tally::sim {
namespace {

/// Above the numbers of all rights that any ledger of a run grants or loses.
constexpr std::uint64_t kNeverGranted = std::uint64_t{1} << 62U;

std::vector<Bytes> records_of(const link::RecordBatch& batch) {
  std::vector<Bytes> records;
  record::PackedReader reader(batch.packed);
  while (const auto sealed = reader.next()) {
    records.emplace_back(sealed->begin(), sealed->end());
  }
  return records;
}

void put(link::RecordBatch& batch, const std::vector<Bytes>& records) {
  batch.packed.clear();
  batch.count = static_cast<std::uint32_t>(records.size());
  for (const Bytes& sealed : records) {
    record::append_packed(batch.packed, sealed);
  }
}

}  // namespace

void flip_bit(link::RecordBatch& batch, Clockwork& clockwork) {
  std::vector<Bytes> records = records_of(batch);
  if (records.empty()) {
    return;
  }
  Bytes& sealed = records[clockwork.index(records.size())];
  const std::size_t from_end = clockwork.chance(50)
                                   ? 1 + clockwork.index(sizeof(Mac))
                                   : 1 + clockwork.index(sealed.size() - record::kHeaderBytes);
  sealed[sealed.size() - from_end] ^= 0x10U;
  put(batch, records);
}

bool leave_one_out(link::RecordBatch& batch, Clockwork& clockwork) {
  std::vector<Bytes> records = records_of(batch);
  if (records.size() < 2) {
    return false;
  }
  records.erase(records.begin() + static_cast<std::ptrdiff_t>(clockwork.index(records.size() - 1)));
  put(batch, records);
  return true;
}

void TerminalHost::lie(std::int64_t for_ms) {
  lies_until_ms_ = world_.clockwork.now_ms() + for_ms;
  if (for_ms > 0) {
    gives_false_name_ = true;
    drop_link(true);
  }
}

void TerminalHost::distort(link::Message& message) {
  if (auto* hello = std::get_if<link::Hello>(&message); hello != nullptr && gives_false_name_) {
    gives_false_name_ = false;
    hello->node += hello->node % 100 > 1 ? -1U : 1U;
    return;
  }
  auto* batch = std::get_if<link::RecordBatch>(&message);
  if (batch != nullptr && batch->beside && world_.clockwork.chance(60)) {
    // The next one then hangs on a record that the OA has not, in whose place it has another.
    leave_one_out(*batch, world_.clockwork);
  } else if (batch != nullptr && world_.clockwork.chance(50)) {
    flip_bit(*batch, world_.clockwork);
  } else if (batch != nullptr && world_.clockwork.chance(30)) {
    leave_one_out(*batch, world_.clockwork);
  }
  if (session_->open() && world_.clockwork.chance(30)) {
    later(between(0, 20'000), [this, message] {
      if (session_ && session_->open()) {
        world_.network.send(connection_, this, session_->send(message, now().boot));
      }
    });
  }
}

// Whoever repairs the box starts it again: what it withheld is not on its way any more.
void GatewayHost::lie(std::int64_t for_ms) {
  const std::int64_t until_ms = world_.clockwork.now_ms() + for_ms;
  const bool was_lying = lies();
  lies_until_ms_ = until_ms;
  if (for_ms == 0 && was_lying && running()) {
    die(tests::Unsynced::kKept, 1'000);
  }
  if (for_ms > 0) {
    world_.clockwork.after(for_ms, [this, until_ms] {
      if (lies_until_ms_ == until_ms && running()) {
        die(tests::Unsynced::kKept, between(1'000, 60'000));
      }
    });
  }
}

void GatewayHost::say_to_terminal(std::uint64_t connection, const link::Message& message) {
  const auto at = sessions_.find(connection);
  if (at != sessions_.end() && at->second.open()) {
    world_.network.send(connection, this, at->second.send(message, now().boot));
  }
}

void GatewayHost::lie_to_terminal(std::uint64_t connection, const link::Message& message) {
  if (world_.clockwork.chance(30)) {
    say_applied(connection);
  }
  if (world_.clockwork.chance(30)) {
    return;  // Withheld.
  }
  link::Message said = message;
  if (auto* applied = std::get_if<link::Applied>(&said);
      applied != nullptr && world_.clockwork.chance(50)) {
    link::AppliedStatement& statement = applied->statements.front();
    Mac& mac = world_.clockwork.chance(50) ? statement.position.mac : statement.statement_mac;
    mac[world_.clockwork.index(mac.size())] ^= 0x10U;
  }
  if (auto* answer = std::get_if<link::Answer>(&said);
      answer != nullptr && answer->right && world_.clockwork.chance(20)) {
    answer->right->id.value += kNeverGranted;
  }
  say_to_terminal(connection, said);
  const bool may_repeat = std::holds_alternative<link::Received>(message) ||
                          std::holds_alternative<link::Applied>(message) ||
                          std::holds_alternative<link::Answer>(message);
  if (may_repeat && world_.clockwork.chance(20)) {
    later(between(0, 60'000), [this, connection, said] { say_to_terminal(connection, said); });
  }
}

// Everything the terminal has is APPLIED, says a gateway that cannot know the key.
void GatewayHost::say_applied(std::uint64_t connection) {
  const link::PeerIdentity& peer = sessions_.at(connection).peer();
  link::AppliedStatement statement;
  statement.stream = {TerminalId{peer.node}, peer.incarnation};
  statement.position = world_.truth.head(statement.stream);
  for (std::uint8_t& byte : statement.statement_mac) {
    byte = static_cast<std::uint8_t>(world_.clockwork.random());
  }
  say_to_terminal(connection, link::Applied{{statement}});
}

// Gives whether the message goes; it may have been changed.
bool GatewayHost::lie_to_oa(link::Message& message) {
  auto* batch = std::get_if<link::RecordBatch>(&message);
  if (batch == nullptr && world_.clockwork.chance(15)) {
    return false;  // Withheld.
  }
  if (world_.clockwork.chance(batch == nullptr ? 60 : 20)) {
    // Once more, or only then: at once or when what it belongs to is over.
    later(world_.clockwork.chance(40) ? between(0, 3'000) : between(0, 20 * 60'000),
          [this, message] {
            if (uplink_ && uplink_->open()) {
              world_.network.send(uplink_connection_, this, uplink_->send(message, now().boot));
            }
          });
    if (batch == nullptr && world_.clockwork.chance(40)) {
      return false;
    }
  }
  if (batch != nullptr &&
      !(world_.clockwork.chance(30) && leave_one_out(*batch, world_.clockwork)) &&
      world_.clockwork.chance(20)) {
    flip_bit(*batch, world_.clockwork);
  }
  return true;
}

}  // namespace tally::sim
