// Small files read whole and written so that a power cut leaves the old one or the new one.
// Secrets are 0600 from their first byte on. Blocking; for start-up, tools and rare changes.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/bytes.hpp"

namespace tally::transport {

inline constexpr std::size_t kSmallFileBytesMax = 64 * 1024;

/// Reads a file of at most 64 KiB. Errors: kNotFound, kDenied (permission), kExhausted (larger),
/// kUnavailable (any other reading error, `detail` is errno).
Result<std::string> read_small_file(const std::filesystem::path& path);

/// The same for a secret: also kDenied when its mode lets anyone but its owner in, or when it is
/// no regular file.
Result<std::string> read_secret_file(const std::filesystem::path& path);

enum class FileMode { kPublic /* 0644 */, kSecret /* 0600 */ };

/// kUnsynced is for what may be lost: after a power cut such a file can also be empty or cut.
enum class FileSync { kSynced, kUnsynced };

/// Replaces the file. On success its content and its name are synced to disk, unless `sync` says
/// otherwise. Errors: kNotFound (no such directory), kDenied (permission), kExhausted (disk full),
/// kUnavailable (`detail` is errno); the old file is untouched then.
Status write_small_file(const std::filesystem::path& path,
                        std::string_view content,
                        FileMode mode,
                        FileSync sync = FileSync::kSynced);

}  // namespace tally::transport
