// SHA-256 (FIPS 180-4), HMAC-SHA256 (RFC 2104) and HKDF-SHA256 (RFC 5869) over mbedTLS. Pure
// values; an object belongs to one thread at a time. Out of memory inside the library is a
// programming-error exit, so nothing here returns a Status.
#pragma once

#include <concepts>
#include <memory>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"

namespace tally::crypto {

using Digest = ByteArray<32>;
using Key256 = ByteArray<32>;

/// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(ByteView bytes);
  /// The hash of everything since the start or the last finish(); starts over.
  Digest finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

Digest sha256(ByteView bytes);

/// HMAC-SHA256 of bytes that come in pieces. Keep one object for many messages under one key: the
/// key is hashed once.
class HmacSha256 {
 public:
  explicit HmacSha256(ByteView key);
  ~HmacSha256();
  HmacSha256(HmacSha256&&) noexcept;
  HmacSha256& operator=(HmacSha256&&) noexcept;

  void update(ByteView bytes);
  /// The MAC of everything since the start or the last finish(); starts over with the same key.
  Digest finish();
  /// The first 16 bytes of finish(): what records and statements carry.
  Mac finish16();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

Digest hmac_sha256(ByteView key, ByteView message);

/// The first 16 bytes of HMAC-SHA256 over the parts, one after the other. The parts are not
/// separated: give variable lengths a length field.
template <std::convertible_to<ByteView>... Parts>
Mac mac16(const Key256& key, const Parts&... parts) {
  HmacSha256 hmac{key};
  (hmac.update(parts), ...);
  return hmac.finish16();
}

/// HKDF-SHA256, extract then expand. `length` in 1..8160; anything else is a programming error.
Bytes hkdf_sha256(ByteView salt, ByteView input_key, ByteView info, std::size_t length);

}  // namespace tally::crypto
