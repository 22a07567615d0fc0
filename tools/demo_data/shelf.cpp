#include "tools/demo_data/shelf.hpp"

#include <cstdlib>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/base/iso_day.hpp"
#include "core/base/try.hpp"

#include "transport/secret_file.hpp"

namespace tally::tools::demo {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kManifestFile = "demo-data.json";
constexpr const char* kUnfinishedFile = "demo-data.unfinished";
constexpr const char* kLockFile = "lock";

json arguments_of(const Size& size) {
  return json::parse(summary_json(size, {}, "", false)).at("arguments");
}

/// What the manifest says of the demo beside its arguments; none when it is no manifest of ours.
std::optional<Summary> summary_of(const json& manifest) {
  try {
    Summary summary;
    summary.members = manifest.at("members");
    for (std::size_t kind = 1; kind < kRecordKindWords.size(); ++kind) {
      summary.records[kind] = manifest.at("records").at(std::string(kRecordKindWords[kind]));
    }
    const json& points = manifest.at("points");
    summary.points_issued = points.at("issued");
    summary.points_redeemed = points.at("redeemed");
    summary.points_expired = points.at("expired");
    summary.points_outstanding = points.at("outstanding");
    summary.holds = manifest.at("holds");
    summary.quarantined = manifest.at("quarantined");
    summary.alarms = manifest.at("alarms");
    summary.office_acts = manifest.at("office_acts");
    summary.seconds = manifest.at("seconds");
    return summary;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

/// Whether a directory holds nothing but what an interrupted run of ours leaves.
bool is_ours(const fs::path& partial) {
  std::error_code error;
  if (fs::exists(partial / kUnfinishedFile, error)) {
    return true;
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(partial, error)) {
    if (entry.path().filename() != kLockFile) {
      return false;
    }
  }
  return !error;
}

Status empty(const fs::path& partial) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(partial, error)) {
    const fs::path name = entry.path().filename();
    // The mark goes last, so that whoever is interrupted here is still known.
    if (name != kLockFile && name != kUnfinishedFile) {
      std::error_code failed;
      fs::remove_all(entry.path(), failed);
      error = failed ? failed : error;
    }
  }
  if (error) {
    return make_error(
        Errc::kDenied, "what an interrupted run left cannot be removed", error.value());
  }
  return {};
}

}  // namespace

fs::path usual_directory(const Size& size) {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  const std::string cache = variable("XDG_CACHE_HOME");
  const std::string home = variable("HOME");
  if (cache.empty() && home.empty()) {
    return {};
  }
  const fs::path base = cache.empty() ? fs::path(home) / ".cache" : fs::path(cache);
  return base / "tallystick" /
         ("demo-v" + std::to_string(kGeneratorVersion) + "-m" + std::to_string(size.members) +
          "-d" + std::to_string(size.days) + "-s" + std::to_string(size.seed) + "-k" +
          std::to_string(size.stores) + "-" + iso_day_text(size.until));
}

Shelved look_at(const fs::path& directory, const Size& size) {
  std::error_code error;
  const bool is_directory = fs::is_directory(directory, error);
  if (!fs::exists(directory, error) || (is_directory && fs::is_empty(directory, error))) {
    return {};
  }
  Shelved shelved;
  const auto text = transport::read_small_file(directory / kManifestFile);
  const json manifest = text ? json::parse(*text, nullptr, false) : json();
  const std::optional<Summary> summary = summary_of(manifest);
  if (!summary) {
    shelved.refusal =
        "is there and holds something else; nothing is overwritten: name another directory";
  } else if (manifest.value("generator", 0) != kGeneratorVersion) {
    shelved.refusal =
        "holds a demo of another version of the generator: remove it, or name another directory";
  } else if (manifest.value("arguments", json()) != arguments_of(size)) {
    shelved.refusal = "holds a demo of other arguments (" +
                      manifest.value("arguments", json()).dump() + "): name another directory";
  } else {
    shelved.summary = summary;
  }
  return shelved;
}

Draft::Draft(fs::path directory, shell::DataDirectory lock, bool anew)
    : directory_(std::move(directory)), lock_(std::move(lock)), anew_(anew) {}

Draft::Draft(Draft&& other) noexcept
    : directory_(std::move(other.directory_)),
      lock_(std::exchange(other.lock_, std::nullopt)),
      anew_(other.anew_),
      finished_(other.finished_) {}

Result<Draft> Draft::begin(const fs::path& directory) {
  const fs::path partial = directory.string() + ".partial";
  std::error_code error;
  if (directory.has_parent_path()) {
    fs::create_directories(directory.parent_path(), error);
  }
  const bool anew = fs::exists(partial, error);
  if (anew && !is_ours(partial)) {
    return make_error(Errc::kConflict,
                      "DIR.partial is there and holds something else; nothing is overwritten: name "
                      "another directory");
  }
  TALLY_TRY_ASSIGN(shell::DataDirectory lock, shell::DataDirectory::open(partial));
  Draft draft(directory, std::move(lock), anew);
  TALLY_TRY(empty(partial));
  TALLY_TRY(transport::write_small_file(partial / kUnfinishedFile,
                                        "Made by tally demo-data, not finished yet.\n",
                                        transport::FileMode::kPublic));
  return draft;
}

Draft::~Draft() {
  if (lock_ && !finished_) {
    std::error_code ignored;
    fs::remove_all(path(), ignored);
  }
}

Status Draft::finish(const Size& size, const Summary& summary) {
  const fs::path absolute = fs::absolute(directory_);
  TALLY_TRY(transport::write_small_file(path() / kManifestFile,
                                        summary_json(size, summary, absolute.string(), true) + "\n",
                                        transport::FileMode::kPublic));
  std::error_code error;
  fs::remove(path() / kUnfinishedFile, error);
  fs::rename(path(), directory_, error);
  if (error) {
    return make_error(Errc::kConflict, "the finished demo cannot be given its name", error.value());
  }
  finished_ = true;
  return {};
}

}  // namespace tally::tools::demo
