// The gateway's side of the member directory: which chunk is stored, what is acknowledged, who may
// be answered from it. One change is on its way to disk at a time; one chunk may wait behind it,
// because the OA sends the next only after an acknowledgement. Pure; part of GatewayNode. What is
// kept: docs/formats/directory.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/crypto/mac.hpp"
#include "core/link/messages.hpp"

namespace tally::node {

/// The directory on disk, at start.
struct DirectoryState {
  std::uint64_t version = 0;          ///< As the OA counts; 0: nothing synced.
  std::optional<crypto::Key256> key;  ///< Under which the card numbers in it are hashed.
  WallTime synced_at;                 ///< Everything in it was true then; 0: never whole.
  std::uint64_t cards = 0;
};

/// A change to the directory; everything in it becomes durable together or not at all.
struct DirectoryCommit {
  bool clear = false;  ///< All entries go first.
  std::optional<crypto::Key256> key;
  std::uint64_t version = 0;
  std::vector<link::DirectoryEntry> entries;
  WallTime synced_at;
};

class GatewayDirectory {
 public:
  /// The file was opened, at start or again.
  void on_opened(const DirectoryState& state);
  /// The file failed: nobody is answered until it was opened again.
  void on_failed();

  /// A hello says where the directory stands; the version it names.
  std::uint64_t on_hello();
  void on_key(const link::DirectoryKey& key);
  void on_chunk(link::DirectoryChunk chunk, WallTime now);
  /// `last_contact` is when the OA was last heard.
  void on_uplink_down(WallTime last_contact);
  /// The commit taken last is on disk; the directory has so many cards now.
  void on_committed(std::uint64_t cards, WallTime now);

  /// The next change to be stored; none while one is on its way.
  std::optional<DirectoryCommit> take_commit();
  /// The version to be acknowledged to the OA, once.
  std::optional<std::uint64_t> take_acknowledgement();

  /// What to look up for a card; none when this directory can answer nobody.
  std::optional<Mac> hash_of(const std::string& card_token) const;
  /// What a till may be told; a card that was reported lost looks like a frozen member.
  link::MemberView view_of(const link::DirectoryEntry& entry) const;

  const DirectoryState& state() const { return state_; }
  bool usable() const { return open_; }
  /// Nothing newer was at the OA, and the line is up since.
  bool current() const { return current_; }

 private:
  void judge(link::DirectoryChunk chunk, WallTime now);

  struct Change {
    DirectoryCommit commit;
    bool last = false;         ///< Of a chunk: the OA had nothing newer.
    bool acknowledged = true;  ///< The OA is told when it is on disk.
  };

  DirectoryState state_;
  bool open_ = false;
  bool current_ = false;
  bool acknowledge_ = false;
  std::optional<Change> due_;
  std::optional<Change> in_flight_;
  std::optional<link::DirectoryChunk> waiting_;  ///< Came while a change was on its way.
};

}  // namespace tally::node
