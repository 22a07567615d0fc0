// A client's TLS sessions, by server name: a terminal that reconnects or restarts resumes instead
// of paying for a full handshake. Losing one costs that handshake and nothing else, so nothing
// here fails. One thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/base/bytes.hpp"

namespace tally::transport {

class SessionStore {
 public:
  /// Keeps sessions in memory, and when `directory` is not empty in its files
  /// "session-<server name>", mode 0600: a session holds a secret.
  explicit SessionStore(std::filesystem::path directory = {});

  /// The last session saved for that server; empty when there is none.
  Bytes load(const std::string& server_name);
  void save(const std::string& server_name, const Bytes& session);

 private:
  std::filesystem::path directory_;
  std::map<std::string, Bytes> sessions_;
};

}  // namespace tally::transport
