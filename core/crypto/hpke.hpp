// Sealing to a public key: hybrid public key encryption (RFC 9180), base mode, one message a seal,
// with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM (identifiers 0x0010, 0x0001, 0x0002).
// Whoever sealed cannot open it again. Pure functions.
#pragma once

#include "core/base/bytes.hpp"
#include "core/crypto/p256.hpp"

namespace tally::crypto {

/// What a seal adds to the plaintext: an ephemeral public key in front, a tag behind.
inline constexpr std::size_t kHpkeOverheadBytes = 65 + 16;

/// Seals `plaintext` for the holder of `receiver`. `info` says what it is for, `associated` what it
/// belongs to; opening needs the same. Errors: kInvalid when `receiver` is no point of the curve.
Result<Bytes> hpke_seal(const PublicKey& receiver,
                        ByteView info,
                        ByteView associated,
                        ByteView plaintext,
                        RandomSource& random);

/// Errors: kCorrupt when it is too short or anything of key, info, associated bytes or seal
/// differs; nothing of the plaintext is given out then.
Result<Bytes> hpke_open(const P256KeyPair& receiver,
                        ByteView info,
                        ByteView associated,
                        ByteView sealed,
                        RandomSource& random);

}  // namespace tally::crypto
