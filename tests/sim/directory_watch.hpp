// The oracle of the member directory (I12): what a gateway has on disk is exactly what the OA's
// tables say up to the version it has synced, of an erased member nothing, of a replaced card that
// it is one; it goes back to nothing only, never to an older version; and the OA counts as synced
// only what is.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/link/messages.hpp"
#include "core/node/gateway_directory.hpp"

#include "storage/gateway_directory.hpp"
#include "tests/sim/verdict.hpp"

namespace tally::sim {

/// One gateway's directory, as it is on its disk.
struct DirectoryOnDisk {
  std::string name;  ///< Of the gateway, for a person.
  GatewayId gateway;
  Incarnation incarnation;
  node::DirectoryState state;
  storage::GatewayDirectory* file = nullptr;
};

class DirectoryWatch {
 public:
  explicit DirectoryWatch(Verdict& verdict) : verdict_(verdict) {}

  /// A gateway's directory was opened, or has taken a change.
  void on_synced(const DirectoryOnDisk& disk);
  /// The OA is about to tell a gateway what has changed.
  void on_chunk(GatewayId gateway, Incarnation incarnation, const link::DirectoryChunk& chunk);

  /// Compares one directory with the OA's tables, card by card.
  void compare(const DirectoryOnDisk& disk, storage::Db& ledger);
  /// Whom the OA counts as having synced what.
  void check_holders(storage::Db& ledger);

  /// The newest version of the OA's directory, as on the wire.
  static std::uint64_t newest(storage::Db& ledger);

 private:
  using Box = std::pair<GatewayId, Incarnation>;
  struct Synced {
    std::set<std::uint64_t> versions;  ///< Every one the box has had on disk.
    std::uint64_t now = 0;             ///< The one it has.
  };

  void compare_card(const DirectoryOnDisk& disk,
                    const storage::Statement& row,
                    const std::optional<link::DirectoryEntry>& found);
  bool was_synced(const Box& box, std::uint64_t version) const;
  void broken(const DirectoryOnDisk& disk, const std::string& text);

  Verdict& verdict_;
  std::map<Box, Synced> synced_;
};

}  // namespace tally::sim
