// Sessions and failed tries of page access: bounded tables in memory, the time passed in. On the
// HTTP server's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"
#include "core/crypto/mac.hpp"
#include "core/crypto/random_source.hpp"

namespace tally::shell {

inline constexpr std::size_t kTokenBytes = 32;

/// 32 random bytes in base64url without padding: 43 characters.
std::string make_token(crypto::RandomSource& random);
/// Whether a text has the form of make_token(): what does not is not worth a hash.
bool has_token_form(std::string_view text);

struct Session {
  std::string user;  ///< Empty for who came by a one-time link.
  std::string role;
  BootTime started;
  BootTime seen;
};

class SessionTable {
 public:
  struct Limits {
    std::size_t sessions_max = 64;
    Duration idle{12 * 3600 * 1000};
    Duration age_max{7 * 24 * 3600 * 1000};
  };
  explicit SessionTable(Limits limits) : limits_(limits) {}

  /// Opens a session and gives the token for its cookie; only the token's SHA-256 is kept. When the
  /// table is full the session that started first ends.
  std::string open(std::string user, std::string role, BootTime now, crypto::RandomSource& random);
  /// The session of a token, now seen; null when there is none, or it ended.
  const Session* find(std::string_view token, BootTime now);
  /// Until when the session lives if nothing more is heard of it.
  BootTime end_of(const Session& session) const;
  void close(std::string_view token);
  void close_all() { sessions_.clear(); }
  std::size_t size() const { return sessions_.size(); }

 private:
  Limits limits_;
  std::map<crypto::Digest, Session> sessions_;
};

/// Slows guessing down: at most `tries_max` tries of one name or address within `window`. A try
/// counts from its start, so that parallel tries count too; success takes it back.
class TryLimiter {
 public:
  static constexpr std::size_t kKeysMax = 1024;
  TryLimiter(std::size_t tries_max, Duration window) : tries_max_(tries_max), window_(window) {}

  /// nullopt: go ahead, the try is counted. Otherwise how long to wait.
  std::optional<Duration> begin(const std::string& key, BootTime now);
  void forgive(const std::string& key);

 private:
  std::size_t tries_max_;
  Duration window_;
  std::map<std::string, std::deque<BootTime>> tries_;
};

}  // namespace tally::shell
