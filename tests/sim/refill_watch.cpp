#include "tests/sim/refill_watch.hpp"

#include <algorithm>
#include <utility>

namespace tally::sim {

/// The first goal the ledger does not have; empty when none.
std::string RefillWatch::missing(const Positions& goals) const {
  for (const auto& [stream, position] : goals) {
    if (ledger_.is_being_restored() || !ledger_.holds(stream, position)) {
      return "record " + std::to_string(position.seq.value) + " of terminal " +
             std::to_string(stream.terminal.value);
    }
  }
  return "";
}

bool RefillWatch::has_all(GatewayId gateway) const {
  const auto goals = goals_.find(gateway);
  const auto doubtful = doubtful_.find(gateway);
  const std::map<StreamId, Seq> heads = ledger_.mirror().heads();
  const auto is_there = [&](const std::pair<const StreamId, Seq>& end) {
    const auto head = heads.find(end.first);
    return head != heads.end() && head->second >= end.second;
  };
  return (goals == goals_.end() || missing(goals->second).empty()) &&
         (doubtful == doubtful_.end() ||
          std::all_of(doubtful->second.begin(), doubtful->second.end(), is_there));
}

void RefillWatch::on_heard(GatewayId gateway, const link::Message& message) {
  const auto goals = goals_.find(gateway);
  if (goals == goals_.end() || !std::holds_alternative<link::Refilled>(message)) {
    return;
  }
  if (const std::string lacks = missing(goals->second); !lacks.empty()) {
    verdict_.violated("I4",
                      "gateway " + std::to_string(gateway.value) +
                          " says all is sent again, and the restored OA lacks " + lacks);
  }
}

void RefillWatch::on_told(GatewayId gateway, const link::Message& message) {
  const auto goals = goals_.find(gateway);
  const auto* answer = std::get_if<link::Answer>(&message);
  if (goals == goals_.end() || answer == nullptr || !answer->right) {
    return;
  }
  const std::string lacks = missing(goals->second);
  if (lacks.empty()) {
    goals_.erase(goals);
    return;
  }
  verdict_.violated("I4",
                    "right " + std::to_string(answer->right->id.value) +
                        " was granted through gateway " + std::to_string(gateway.value) +
                        " before the restored OA had " + lacks);
}

}  // namespace tally::sim
