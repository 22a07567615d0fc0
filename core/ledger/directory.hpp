// What the ledger's store tells of its members for the directory (docs/formats/directory.md), and
// what it keeps of the gateways that have it. Part of LedgerStore; one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/amount.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace tally::ledger {

struct DirectoryCard {
  std::string token;
  bool denied = false;  ///< Lost or replaced.
};

/// A member as the directory shows it.
struct DirectoryMember {
  MemberId member;
  std::uint64_t version = 0;  ///< Rises over all members with every write of one of them.
  bool frozen = false;
  bool erased = false;
  std::string masked_name;
  std::uint32_t tier = 0;
  Points available;
  Points expiring;
  BusinessDay expiring_on;
  std::vector<DirectoryCard> cards;
};

/// How far a gateway has synced the directory, as it said itself.
struct DirectoryHolder {
  GatewayId gateway;
  Incarnation incarnation;
  StoreId store;
  std::uint64_t acknowledged = 0;  ///< On the wire: with the ledger's generation.
  WallTime at;
};

class DirectoryStore {
 public:
  DirectoryStore() = default;
  DirectoryStore(const DirectoryStore&) = delete;
  DirectoryStore& operator=(const DirectoryStore&) = delete;
  virtual ~DirectoryStore() = default;

  /// Members with a version above `after`, in its order. A member has at most `cards_max` cards
  /// here, the newest. Errors of all calls: those of the engine.
  virtual Result<std::vector<DirectoryMember>> directory_changes(std::uint64_t after,
                                                                 std::size_t members_max,
                                                                 std::size_t cards_max) = 0;

  /// Replaces what is known of this gateway; inside a transaction.
  virtual Status put_directory_holder(const DirectoryHolder& holder) = 0;

  /// Takes `count` member numbers, never given before in this generation of the ledger; inside a
  /// transaction. Gives the number before the first.
  virtual Result<std::uint64_t> take_numbers(std::uint32_t count) = 0;
};

}  // namespace tally::ledger
