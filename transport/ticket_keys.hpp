// Keys that seal TLS session tickets, ours rather than the library's so that they survive a
// restart: after one, every terminal of a store comes back, and a resumed handshake costs a
// hundredth of a full one. Two keys, the older only opens. Owned by one server context, used on
// its thread.
#pragma once

#include <filesystem>
#include <optional>

#include "core/base/time.hpp"
#include "core/crypto/cipher.hpp"
#include "core/crypto/random_source.hpp"

namespace tally::transport {

/// A key seals for this long and opens for twice as long.
inline constexpr Duration kTicketKeyLife{12 * 3600 * 1000};

class TicketKeys {
 public:
  /// Loads the keys of `file`, or starts with a new one when it is missing or damaged; an empty
  /// path keeps them in memory only. `binding` names what tickets may never outlive: change it and
  /// the old tickets no longer open. Errors: kDenied when the file is open to other users.
  static Result<TicketKeys> load(std::filesystem::path file,
                                 const crypto::Digest& binding,
                                 crypto::RandomSource& random);

  /// A ticket that holds `content`. Makes and stores a new key when the current one is too old at
  /// `now`; a file that cannot be written costs resumption after a restart, nothing else.
  Bytes seal(ByteView content, WallTime now);

  /// The content of a ticket of ours, or nothing when it is not, or too old.
  std::optional<Bytes> open(ByteView ticket, WallTime now) const;

 private:
  struct Entry {
    std::uint32_t id = 0;
    WallTime made_at;
    crypto::Key256 key{};
  };

  TicketKeys(std::filesystem::path file,
             const crypto::Digest& binding,
             crypto::RandomSource& random);
  bool read(std::string_view text);
  void rotate(WallTime now);

  std::filesystem::path file_;
  crypto::Digest binding_;
  crypto::RandomSource* random_;
  std::optional<Entry> current_;
  std::optional<Entry> previous_;
};

}  // namespace tally::transport
