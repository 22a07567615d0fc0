// AES-256 in counter mode (NIST SP 800-38A) and in Galois/counter mode (NIST SP 800-38D) over
// mbedTLS. Pure functions. Whoever calls owns the rule that a (key, nonce) pair is used once.
#pragma once

#include "core/base/bytes.hpp"
#include "core/crypto/mac.hpp"

namespace tally::crypto {

using CounterBlock = ByteArray<16>;
using GcmNonce = ByteArray<12>;
inline constexpr std::size_t kGcmTagBytes = 16;

/// Encrypts or decrypts (the same operation) with AES-256-CTR from `counter` on. Gives no
/// authenticity: only for bytes that carry a MAC of their own.
Bytes aes_ctr(const Key256& key, const CounterBlock& counter, ByteView data);

/// Encrypts with AES-256-GCM: ciphertext, then a 16 byte tag over it and `associated`.
Bytes aes_gcm_seal(const Key256& key,
                   const GcmNonce& nonce,
                   ByteView associated,
                   ByteView plaintext);

/// Opens what aes_gcm_seal made. Errors: kCorrupt when it is too short, or when key, nonce,
/// associated bytes, ciphertext or tag differ; nothing of the plaintext is given out then.
Result<Bytes> aes_gcm_open(const Key256& key,
                           const GcmNonce& nonce,
                           ByteView associated,
                           ByteView sealed);

}  // namespace tally::crypto
