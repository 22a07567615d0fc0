// What SQLite does not do around a database file: one owner, tight modes, a durable directory, and
// a write-ahead log that is really on disk before anything is built on it.
#pragma once

#include <string>

#include "core/base/result.hpp"

namespace tally::storage {

/// Ownership of a database, held as a lock on `<path>-lock` until destroyed. The kernel drops it
/// when the process dies. The file's single byte remembers that a write error was met.
class OwnerLock {
 public:
  /// Errors: kUnavailable "database is in use by another process"; kDenied, kExhausted, kCorrupt.
  static Result<OwnerLock> take(const std::string& path);

  OwnerLock(OwnerLock&& other) noexcept;
  OwnerLock& operator=(OwnerLock&&) = delete;
  ~OwnerLock();

  /// Whether an owner met a write error and nobody has verified the file since.
  bool verification_due() const { return verification_due_; }
  /// Best effort: the disk may be failing.
  void set_verification_due(bool due);

 private:
  explicit OwnerLock(int fd) : fd_(fd) {}
  int fd_;
  bool verification_due_ = false;
};

/// Creates the directory (0700) and the file (0600) when missing; tightens the file's mode.
/// Errors: kDenied, kExhausted, kUnavailable, kCorrupt, by errno.
Status prepare_database_file(const std::string& path);

/// Writes the log's bytes over themselves and syncs. A log whose sync failed can sit in the page
/// cache, clean and complete, with a hole on the disk below; commits appended to it would be lost
/// with a power cut. Through SQLite's default file layer, so that tests can put a disk under it.
Status rewrite_write_ahead_log(const std::string& path);

/// Gives a finished file another name, replacing what has it, and syncs the directory. Errors: as
/// prepare_database_file().
Status put_in_place(const std::string& from, const std::string& to);

/// Removes a database with everything that SQLite and storage/ keep beside it. What is not there is
/// fine.
void remove_database(const std::string& path);

}  // namespace tally::storage
