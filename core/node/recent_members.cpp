#include "core/node/recent_members.hpp"

#include <algorithm>

namespace tally::node {

RecentMembers::RecentMembers(const crypto::Key256& record_key) {
  const Bytes key =
      crypto::hkdf_sha256({}, record_key, as_bytes("tallystick recent members v1"), key_.size());
  std::copy(key.begin(), key.end(), key_.begin());
}

Mac RecentMembers::hash_of(const std::string& card_token) const {
  return crypto::mac16(key_, as_bytes(card_token));
}

void RecentMembers::load(const std::vector<RecentMember>& members) {
  order_.clear();
  known_.clear();
  changed_.clear();
  for (const RecentMember& member : members) {
    if (!known_.contains(member.token_hash)) {
      known_[member.token_hash] = {member.view, order_.insert(order_.end(), member.token_hash)};
    }
  }
  while (order_.size() > kCountMax) {
    drop(order_.front());
  }
}

void RecentMembers::remember(const std::string& card_token, const link::MemberView& view) {
  const Mac hash = hash_of(card_token);
  if (const auto at = known_.find(hash); at != known_.end()) {
    order_.erase(at->second.at);
  } else if (order_.size() == kCountMax) {
    drop(order_.front());
  }
  known_[hash] = {view, order_.insert(order_.end(), hash)};
  changed_[hash] = true;
}

void RecentMembers::forget(const std::string& card_token) {
  const Mac hash = hash_of(card_token);
  if (known_.contains(hash)) {
    drop(hash);
  }
}

void RecentMembers::drop(const Mac& hash) {
  const Mac gone = hash;  // The caller's may lie in the list.
  const auto at = known_.find(gone);
  order_.erase(at->second.at);
  known_.erase(at);
  changed_[gone] = false;
}

std::optional<link::MemberView> RecentMembers::find(const std::string& card_token,
                                                    WallTime now) const {
  const auto at = known_.find(hash_of(card_token));
  if (at == known_.end() || now.us - at->second.view.as_of.us > kAgeMaxUs) {
    return std::nullopt;
  }
  return at->second.view;
}

void RecentMembers::add_to(TerminalCommit& commit) {
  for (const auto& [hash, remembered] : changed_) {
    if (remembered) {
      commit.recent.push_back({hash, known_.at(hash).view});
    } else {
      commit.recent_dropped.push_back(hash);
    }
  }
  changed_.clear();
}

}  // namespace tally::node
