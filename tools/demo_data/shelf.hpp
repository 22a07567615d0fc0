// Where demos are kept: each in a directory of its own, which is there whole or not at all. Made in
// DIR.partial, renamed when it is finished; DIR/demo-data.json says what it is.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/base/result.hpp"

#include "shell/process.hpp"
#include "tools/demo_data/size.hpp"
#include "tools/demo_data/summary.hpp"

namespace tally::tools::demo {

/// The directory of a demo when none is named: in the user's cache, by its arguments. Empty when
/// the user has neither a home nor a cache.
std::filesystem::path usual_directory(const Size& size);

/// What lies where a demo is to be.
struct Shelved {
  std::optional<Summary> summary;  ///< The demo asked for, finished.
  std::string refusal;             ///< Why nothing may be made here; empty: go on.
};
Shelved look_at(const std::filesystem::path& directory, const Size& size);

/// A demo in the making. Unless finish() succeeded, its end takes away everything that was made.
class Draft {
 public:
  /// Locks `directory`.partial and empties it of what an interrupted run left. Errors: kConflict
  /// when another process is making this demo, or when what is there is not ours; those of making
  /// directories.
  static Result<Draft> begin(const std::filesystem::path& directory);
  Draft(Draft&& other) noexcept;
  Draft& operator=(Draft&&) = delete;
  ~Draft();

  const std::filesystem::path& path() const { return lock_->path(); }
  /// An interrupted run was here.
  bool anew() const { return anew_; }

  /// Says in the directory what it is and gives it its name. Errors: those of writing files.
  Status finish(const Size& size, const Summary& summary);

 private:
  Draft(std::filesystem::path directory, shell::DataDirectory lock, bool anew);

  std::filesystem::path directory_;
  std::optional<shell::DataDirectory> lock_;
  bool anew_;
  bool finished_ = false;
};

}  // namespace tally::tools::demo
