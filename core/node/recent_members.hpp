// The members a terminal met last, for when its gateway is gone: who it is and about how much,
// never a right to spend. Bounded; the newest are kept. Cards are known by a hash under a key
// derived from the terminal's own (docs/formats/directory.md, "On the terminal"). Part of
// TerminalNode.
#pragma once

#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/crypto/mac.hpp"
#include "core/node/terminal_journal.hpp"

namespace tally::node {

class RecentMembers {
 public:
  static constexpr std::size_t kCountMax = 500;
  /// Older ones are not shown and not kept: an erasure reaches every terminal by then.
  static constexpr std::int64_t kAgeMaxUs = std::int64_t{7} * 24 * 3600 * 1'000'000;

  explicit RecentMembers(const crypto::Key256& record_key);

  /// As the journal gave them, oldest first.
  void load(const std::vector<RecentMember>& members);

  void remember(const std::string& card_token, const link::MemberView& view);
  /// The card turned out to belong to nobody, or to somebody who may not use it.
  void forget(const std::string& card_token);

  std::optional<link::MemberView> find(const std::string& card_token, WallTime now) const;

  /// Adds what has changed since to a commit that is due anyway: a look-up alone is not worth a
  /// write.
  void add_to(TerminalCommit& commit);

  std::size_t size() const { return order_.size(); }

 private:
  Mac hash_of(const std::string& card_token) const;
  void drop(const Mac& hash);

  struct Known {
    link::MemberView view;
    std::list<Mac>::iterator at;
  };

  crypto::Key256 key_{};
  std::list<Mac> order_;  ///< Oldest first.
  std::map<Mac, Known> known_;
  std::map<Mac, bool> changed_;  ///< Not on disk yet: true is remembered, false forgotten.
};

}  // namespace tally::node
