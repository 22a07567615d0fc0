// The library's side of keys, for the .cpp files of core/crypto only.
#pragma once

#include "core/crypto/mbedtls_compat.hpp"
#include "core/crypto/p256.hpp"

namespace tally::crypto {

/// An owned key context: an EC key, with or without its private part.
struct P256KeyPair::Native {
  mbedtls_pk_context pk;

  Native() { mbedtls_pk_init(&pk); }
  ~Native() { mbedtls_pk_free(&pk); }
  Native(const Native&) = delete;
  Native& operator=(const Native&) = delete;
};

/// Makes `native` an EC key on P-256 without a value.
void set_up_p256(P256KeyPair::Native& native);

/// Makes `native` the public key. Errors: kInvalid when it is no point of the curve.
Status load_public_key(P256KeyPair::Native& native, const PublicKey& key);

/// The public part of a library key. Errors: kUnsupported when it is not on P-256.
Result<PublicKey> public_key_of(const mbedtls_pk_context& pk);

}  // namespace tally::crypto
