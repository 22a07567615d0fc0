#include "gateway/refusal_list.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace tally::gateway {
namespace {

std::string_view address_of(std::string_view peer) {
  return peer.substr(0, peer.rfind(':'));
}

}  // namespace

void RefusalList::add(WallTime at,
                      std::string peer,
                      std::optional<TerminalId> terminal,
                      Reason reason) {
  const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Refusal& refusal) {
    return address_of(refusal.peer) == address_of(peer) && refusal.terminal == terminal &&
           refusal.reason.code == reason.code;
  });
  if (known != entries_.end()) {
    known->at = at;
    known->peer = std::move(peer);
    ++known->count;
    entries_.splice(entries_.begin(), entries_, known);
    return;
  }
  entries_.push_front({at, std::move(peer), terminal, reason, 1});
  if (entries_.size() > kEntriesMax) {
    entries_.pop_back();
  }
}

}  // namespace tally::gateway
