// What page access keeps on disk, both 0600 in the data directory:
//   page_users.json  users with role and argon2id hash of their password
//   page_link.json   SHA-256 of the present one-time link, until when, whether used
// Two files, because another process (--new-link) may write the link but never the users. Blocking;
// on one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/crypto/mac.hpp"
#include "core/crypto/random_source.hpp"

namespace tally::shell {

struct PageUser {
  std::string name;
  std::string role;
  std::string password_hash;  ///< In argon2's own text form, with its parameters and salt.
};

/// Errors: kCorrupt, kDenied (mode), kUnavailable. No file: no users.
Result<std::vector<PageUser>> load_users(const std::filesystem::path& data_dir);
/// Durable on return.
Status save_users(const std::filesystem::path& data_dir, const std::vector<PageUser>& users);

/// argon2id, 19 MiB, two passes, one lane (OWASP's second choice): about 50 ms and 19 MiB.
Result<std::string> hash_password(std::string_view password, crypto::RandomSource& random);
/// Takes as long when the hash is empty (an unknown name), and says no.
bool password_fits(const std::string& hash, std::string_view password);

inline constexpr std::size_t kUserNameBytesMax = 64;
inline constexpr std::size_t kPasswordBytesMin = 10;
inline constexpr std::size_t kPasswordBytesMax = 256;

/// A name of 1…64 bytes without control characters, a password of 10…256 bytes.
bool is_user_allowed(std::string_view name, std::string_view password);

/// Adds a user, or gives one another password and role; for another process than the server's.
/// Durable on return. Errors: kInvalid (not allowed), kExhausted (64 users), those of reading and
/// writing the file.
Status set_user(const std::filesystem::path& data_dir,
                const std::string& name,
                const std::string& role,
                std::string_view password,
                crypto::RandomSource& random);

enum class LinkAnswer : std::uint8_t { kAccepted, kUnknown, kUsed, kExpired };

/// Replaces the one-time link and gives its token. Durable on return.
Result<std::string> make_link(const std::filesystem::path& data_dir,
                              crypto::RandomSource& random,
                              WallTime expires);
/// Uses the link up. kAccepted only once: durable before it is returned. Errors: those of reading
/// and writing the file.
Result<LinkAnswer> use_link(const std::filesystem::path& data_dir,
                            std::string_view token,
                            WallTime now);

}  // namespace tally::shell
