// The gateway's member directory and its stock of member numbers: between the OA, the directory's
// file and the terminals.
#include <utility>

#include "core/node/gateway_node.hpp"

namespace tally::node {
namespace {

constexpr std::uint32_t kNumbersOrdered = 1'000;
constexpr std::uint64_t kNumbersLow = 300;
constexpr std::uint32_t kNumbersForATerminal = 50;
constexpr Duration kOrderPause{15'000};

}  // namespace

GatewayActions GatewayNode::on_directory_opened(const DirectoryState& state, Instant) {
  directory_.on_opened(state);
  return take();
}

GatewayActions GatewayNode::on_directory_committed(std::uint64_t cards, Instant now) {
  directory_.on_committed(cards, clock_.read(now));
  return take();
}

GatewayActions GatewayNode::on_directory_failed(Instant) {
  directory_.on_failed();
  fail_look_ups();
  return take();
}

void GatewayNode::fail_look_ups() {
  for (const auto& [id, ask] : std::exchange(look_ups_, {})) {
    fail_ask(ask);
  }
}

GatewayActions GatewayNode::on_member_found(std::uint64_t look_up,
                                            const std::optional<link::DirectoryEntry>& entry,
                                            Instant) {
  const auto at = look_ups_.find(look_up);
  if (at == look_ups_.end()) {
    return take();
  }
  const PendingAsk ask = std::move(at->second);
  look_ups_.erase(at);
  if (!entry) {
    fail_ask(ask);  // It may be newer than the directory: not an answer.
    return take();
  }
  ++counters_.asks_from_directory;
  actions_.push_back(SendToTerminal{
      ask.connection,
      link::Answer{ask.ask_id, ask.sale, link::AskOutcome::kOk, directory_.view_of(*entry), {}}});
  return take();
}

bool GatewayNode::look_up(const PendingAsk& ask) {
  if (ask.card_token.empty() || look_ups_.size() >= config_.asks_max) {
    return false;
  }
  const auto hash = directory_.hash_of(ask.card_token);
  if (!hash) {
    return false;
  }
  look_ups_.emplace(++look_up_count_, ask);
  actions_.push_back(LookUpMember{look_up_count_, *hash});
  return true;
}

void GatewayNode::on_oa_directory(const link::Message& message, Instant now) {
  if (const auto* key = std::get_if<link::DirectoryKey>(&message)) {
    directory_.on_key(*key);
  } else if (const auto* chunk = std::get_if<link::DirectoryChunk>(&message)) {
    directory_.on_chunk(*chunk, clock_.read(now));
  } else if (const auto* block = std::get_if<link::NumberBlock>(&message)) {
    numbers_.add(*block);
  }
}

void GatewayNode::pump_directory() {
  if (auto commit = directory_.take_commit()) {
    actions_.push_back(CommitDirectory{std::move(*commit)});
  }
  if (!uplink_up_ || !oa_has_directory_) {
    return;  // The next hello says where the directory is.
  }
  if (const auto version = directory_.take_acknowledgement()) {
    actions_.push_back(SendToOa{link::DirectoryAck{*version}});
  }
}

void GatewayNode::order_numbers(Instant now) {
  if (!uplink_up_ || !oa_has_directory_ || numbers_.left() >= kNumbersLow ||
      (numbers_ordered_at_ && now.boot < *numbers_ordered_at_ + kOrderPause)) {
    return;
  }
  numbers_ordered_at_ = now.boot;
  actions_.push_back(SendToOa{link::NumberRequest{kNumbersOrdered}});
}

void GatewayNode::on_number_request(ConnectionId connection, const link::NumberRequest& request) {
  const auto block = numbers_.take(std::min(request.count, kNumbersForATerminal));
  if (block) {
    actions_.push_back(SendToTerminal{connection, *block});
  }
}

}  // namespace tally::node
