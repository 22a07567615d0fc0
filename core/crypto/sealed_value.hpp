// Values sealed under keys that are derived from one master key: AES-256-GCM with a random nonce in
// front, bound to whom they belong by associated bytes. How the OA keeps record keys and personal
// data (docs/formats/ledger.md, "Secrets"). Pure functions.
#pragma once

#include <string_view>

#include "core/base/ids.hpp"
#include "core/crypto/mac.hpp"
#include "core/crypto/random_source.hpp"

namespace tally::crypto {

/// HKDF-SHA256(no salt, master, purpose).
Key256 derive_key(const Key256& master, std::string_view purpose);

/// The key under which the OA seals the terminals' record keys.
Key256 derive_record_wrapping_key(const Key256& master);

Bytes seal_value(const Key256& key, ByteView associated, ByteView plaintext, RandomSource& random);

/// Errors: kCorrupt when it is too short, or was sealed under another key or for somebody else.
Result<Bytes> open_sealed_value(const Key256& key, ByteView associated, ByteView sealed);

/// Errors: kCorrupt when it has not 32 bytes.
Result<Key256> key_from(ByteView bytes);

/// The text of a master key file: 64 hexadecimal digits and line ends. Errors: kInvalid.
Result<Key256> master_key_from(std::string_view text);

/// What a sealed record key is bound to.
ByteArray<8> associated_with(StreamId stream);

}  // namespace tally::crypto
