#include "transport/session_store.hpp"

#include "transport/secret_file.hpp"

namespace tally::transport {

namespace {

// A node talks to two gateways or two OAs at most; more means a caller invents names.
constexpr std::size_t kSessionsMax = 8;

std::string file_name(const std::string& server_name) {
  return "session-" + server_name;
}

// Server names come from a configuration file: one that is also a path names no file of ours.
bool is_plain(const std::string& server_name) {
  return server_name.find('/') == std::string::npos;
}

}  // namespace

SessionStore::SessionStore(std::filesystem::path directory) : directory_(std::move(directory)) {}

Bytes SessionStore::load(const std::string& server_name) {
  const auto found = sessions_.find(server_name);
  if (found != sessions_.end()) {
    return found->second;
  }
  if (directory_.empty() || !is_plain(server_name)) {
    return {};
  }
  const auto content = read_secret_file(directory_ / file_name(server_name));
  if (!content) {
    return {};
  }
  const ByteView bytes = as_bytes(*content);
  return {bytes.begin(), bytes.end()};
}

void SessionStore::save(const std::string& server_name, const Bytes& session) {
  if (sessions_.size() >= kSessionsMax && !sessions_.contains(server_name)) {
    sessions_.clear();
  }
  Bytes& kept = sessions_[server_name];
  if (kept == session) {
    return;
  }
  kept = session;
  if (!directory_.empty()) {
    static_cast<void>(
        write_small_file(directory_ / file_name(server_name), as_text(session), FileMode::kSecret));
  }
}

}  // namespace tally::transport
