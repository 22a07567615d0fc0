// The gateway's member directory on disk: a file of its own beside the journal, `directory.db`. All
// of it comes from the OA, so a file that is damaged or of another kind is thrown away and sent
// anew. Nothing is loaded at opening: a look-up reads two pages. What is in it:
// docs/formats/directory.md. One thread at a time; commits block for a sync.
#pragma once

#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/node/gateway_directory.hpp"

#include "storage/db.hpp"

namespace tally::storage {

class GatewayDirectory {
 public:
  struct Opened;

  enum class Start : std::uint8_t {
    kFromFile,
    kAnew,  ///< Whatever is there is dropped: a row of it was damaged.
  };

  /// Opens or creates the directory of one gateway; one that cannot be used is dropped first.
  /// Errors: kUnavailable (in use by another process), kDenied, kExhausted.
  static Result<Opened> open(const std::string& path,
                             GatewayId gateway,
                             Start start = Start::kFromFile);

  GatewayDirectory(GatewayDirectory&&) noexcept = default;
  /// To open again, destroy the old one first: it holds the lock.
  GatewayDirectory& operator=(GatewayDirectory&&) = delete;
  ~GatewayDirectory() = default;

  /// Applies a change; gives how many cards there are now. On success all of it is on disk, and of
  /// an erased member nothing is, log and free pages included. After an error: close it and open it
  /// again.
  Result<std::uint64_t> commit(const node::DirectoryCommit& commit);

  /// The entry with this hash. Errors: kCorrupt when the row is not what was written: open the
  /// file anew.
  Result<std::optional<link::DirectoryEntry>> find(const Mac& token_hash);

  /// Housekeeping after answers have gone out; see Db::maintain().
  Status maintain() { return db_.maintain(); }
  /// For a clean shutdown; see Db::checkpoint().
  Status checkpoint() { return db_.checkpoint(); }

 private:
  struct Statements {
    Statement find;
    Statement drop_member;
    Statement drop_hash;
    Statement insert;
    Statement set_state;
    Statement set_key;
  };

  explicit GatewayDirectory(Db db) : db_(std::move(db)) {}
  static Result<Opened> open_as_is(const std::string& path, GatewayId gateway);
  Status prepare();
  Result<node::DirectoryState> read_state();
  Status write_entries(const std::vector<link::DirectoryEntry>& entries);

  Db db_;
  Statements statements_;
  std::uint64_t cards_ = 0;
};

struct GatewayDirectory::Opened {
  GatewayDirectory directory;
  node::DirectoryState state;
  std::optional<Error> dropped;  ///< Why the file that was there could not be used.
};

}  // namespace tally::storage
