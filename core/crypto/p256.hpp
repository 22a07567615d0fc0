// Key pairs on NIST P-256 (FIPS 186-4): ECDSA with SHA-256 and ECDH, over mbedTLS. An object
// belongs to one thread at a time; the private part never leaves it but by to_pem().
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/crypto/random_source.hpp"
#include "core/crypto/record_key.hpp"

namespace tally::crypto {

/// 04 | x | y: an uncompressed point.
using PublicKey = ByteArray<65>;
/// r | s.
using Signature = ByteArray<64>;

class P256KeyPair {
 public:
  static P256KeyPair generate(RandomSource& random);

  /// Reads an unencrypted private key (SEC 1 or PKCS#8, PEM). Errors: kInvalid when it is no such
  /// key, kUnsupported when it is on another curve or of another kind.
  static Result<P256KeyPair> from_pem(std::string_view pem, RandomSource& random);

  ~P256KeyPair();
  P256KeyPair(P256KeyPair&&) noexcept;
  P256KeyPair& operator=(P256KeyPair&&) noexcept;

  /// The private key as "EC PRIVATE KEY" PEM: a secret.
  std::string to_pem() const;

  const PublicKey& public_key() const { return public_key_; }

  /// ECDSA over SHA-256 of `message`; deterministic (RFC 6979), `random` blinds the arithmetic.
  Signature ecdsa_sign(ByteView message, RandomSource& random) const;

  /// The secret shared with the holder of `peer`. Errors: kInvalid when `peer` is no point of the
  /// curve.
  Result<SharedSecret> ecdh(const PublicKey& peer, RandomSource& random) const;

  /// For core/crypto: the library's key (core/crypto/p256_native.hpp).
  struct Native;
  Native& native() const { return *native_; }

 private:
  explicit P256KeyPair(std::unique_ptr<Native> native);

  std::unique_ptr<Native> native_;
  PublicKey public_key_{};
};

/// Errors: kInvalid when `key` is no point of the curve, kDenied when the signature is not that
/// key's over SHA-256 of `message`.
Status ecdsa_verify(const PublicKey& key, ByteView message, const Signature& signature);

/// Errors: kInvalid when the bytes are not 65 or no point of the curve.
Result<PublicKey> to_public_key(ByteView bytes);

}  // namespace tally::crypto
