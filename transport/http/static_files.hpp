// The pages' files, read once at start into memory: what is not in the map cannot be asked for, so
// no request path ever reaches the file system.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace tally::transport::http {

struct StaticFile {
  std::shared_ptr<const std::string> body;
  std::string content_type;
  bool is_immutable = false;  ///< The name holds a hash of the content.
};

class StaticFiles {
 public:
  static constexpr std::size_t kFilesMax = 2000;
  static constexpr std::size_t kBytesMax = 64U << 20;

  /// Reads every regular file below `folder`; symbolic links and names that start with a dot are
  /// left out. Errors: kNotFound without an index.html, kExhausted beyond the bounds, kUnavailable
  /// when a file cannot be read.
  static Result<StaticFiles> load(const std::filesystem::path& folder);

  /// The file at `path` ("/assets/app.js"; "/" is "/index.html"). A path without a dot in its last
  /// part and outside /assets/ is a place inside the single-page application and gives index.html.
  /// Null otherwise.
  const StaticFile* find(std::string_view path) const;

 private:
  std::map<std::string, StaticFile, std::less<>> files_;
};

/// By the ending of the name; "application/octet-stream" when unknown.
std::string content_type_of(std::string_view name);

/// Whether a build tool put a content hash into the name: "index-DfK3a_9x.js".
bool has_content_hash(std::string_view name);

}  // namespace tally::transport::http
