// The messages of the member directory and of member numbers (docs/formats/directory.md); part of
// core/link/messages.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/amount.hpp"
#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace tally::link {

inline constexpr std::size_t kDirectoryEntriesMax = 96;  ///< Entries in one DirectoryChunk.
inline constexpr std::uint32_t kNumbersMax = 10'000;     ///< Numbers in one NumberBlock.

/// One card of a member. All entries of one member stand in one chunk, one after the other, and
/// replace what was known of that member.
struct DirectoryEntry {
  MemberId member;
  std::optional<Mac> token_hash;  ///< None: the member has no card, or is erased.
  std::string masked_name;
  std::uint32_t tier = 0;
  Points balance;
  WallTime balance_as_of;
  Points expiring;
  BusinessDay expiring_on;
  bool frozen = false;
  bool denied = false;  ///< This card was reported lost or was replaced.
  bool erased = false;  ///< Nothing of this member may be kept.
  bool operator==(const DirectoryEntry&) const = default;
};

/// Members that changed after `base`, up to `version`. Base 0: the first part of a snapshot.
struct DirectoryChunk {
  std::uint64_t version = 0;
  std::uint64_t base = 0;
  bool last = false;  ///< Nothing newer was there when this was read.
  std::vector<DirectoryEntry> entries;
};

/// Synced up to here; another number than the chunk's says where to go on from.
struct DirectoryAck {
  std::uint64_t version = 0;
};

/// The key under which this store's card tokens are hashed.
struct DirectoryKey {
  ByteArray<32> key{};
};

/// Asks the node above for member numbers.
struct NumberRequest {
  std::uint32_t count = 0;
};

/// Serials of card numbers that the receiver may give out in this boot.
struct NumberBlock {
  std::uint64_t first = 0;
  std::uint32_t count = 0;
};

}  // namespace tally::link
