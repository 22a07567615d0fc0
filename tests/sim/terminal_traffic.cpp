// What a simulated terminal hears, as the oracle sees it.
#include "tests/sim/terminal_host.hpp"

namespace tally::sim {
namespace {

/// What a terminal believes that a pushed anchor was on its way for, at most.
constexpr Duration kPushedAgeMax{15'000};

}  // namespace

void TerminalHost::note_time(const link::Message& message) {
  if (std::holds_alternative<link::Challenge>(message)) {
    hello_at_ = now().boot;
  } else if (const auto* welcome = std::get_if<link::Welcome>(&message)) {
    time_watch_.on_heard(
        welcome->anchor, now().boot - hello_at_.value_or(now().boot), world_.true_time());
  } else if (const auto* anchor = std::get_if<link::TimeAnchor>(&message)) {
    time_watch_.on_heard(*anchor, kPushedAgeMax, world_.true_time());
  }
}

void TerminalHost::note_positions(const link::Message& message) {
  if (const auto* welcome = std::get_if<link::Welcome>(&message)) {
    sends_.on_connected();
    note_position(welcome->received);
  } else if (std::holds_alternative<link::RecordRefusal>(message)) {
    sends_.on_doubt(stream());
  } else if (const auto* received = std::get_if<link::Received>(&message)) {
    for (const StreamMark& mark : received->positions) {
      if (received->beside) {
        sends_.on_doubt(stream());
      } else if (received->rewind && mark.stream == stream()) {
        note_position(mark.position);
      } else if (mark.stream == stream() && mark.position.seq <= node_->synced_head().seq) {
        sends_.on_acknowledged(stream(), mark.position.seq);
      }
    }
  }
}

// Only of what this disk has it is known what follows.
void TerminalHost::note_position(const StreamPosition& position) {
  const bool is_own = !position.seq || (position.seq <= node_->synced_head().seq &&
                                        world_.truth.made(stream(), position));
  if (is_own && !world_.truth.rolled_back(stream())) {
    sends_.on_position(stream(), position.seq);
  } else {
    sends_.on_doubt(stream());
  }
}

}  // namespace tally::sim
