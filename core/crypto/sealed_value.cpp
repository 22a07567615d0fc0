#include "core/crypto/sealed_value.hpp"

#include <algorithm>

#include "core/base/try.hpp"
#include "core/crypto/cipher.hpp"

namespace tally::crypto {

Key256 derive_key(const Key256& master, std::string_view purpose) {
  const Bytes bytes = hkdf_sha256({}, master, as_bytes(purpose), 32);
  Key256 key{};
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

Key256 derive_record_wrapping_key(const Key256& master) {
  return derive_key(master, "tallystick oa record keys v1");
}

Bytes seal_value(const Key256& key, ByteView associated, ByteView plaintext, RandomSource& random) {
  GcmNonce nonce{};
  random.fill(nonce);
  Bytes sealed(nonce.begin(), nonce.end());
  const Bytes body = aes_gcm_seal(key, nonce, associated, plaintext);
  sealed.insert(sealed.end(), body.begin(), body.end());
  return sealed;
}

Result<Bytes> open_sealed_value(const Key256& key, ByteView associated, ByteView sealed) {
  GcmNonce nonce{};
  if (sealed.size() < nonce.size()) {
    return make_error(Errc::kCorrupt, "a sealed value is too short");
  }
  std::copy_n(sealed.begin(), nonce.size(), nonce.begin());
  return aes_gcm_open(key, nonce, associated, sealed.subspan(nonce.size()));
}

Result<Key256> key_from(ByteView bytes) {
  Key256 key{};
  if (bytes.size() != key.size()) {
    return make_error(Errc::kCorrupt, "a sealed key has the wrong size");
  }
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

Result<Key256> master_key_from(std::string_view text) {
  while (!text.empty() && text.back() == '\n') {
    text.remove_suffix(1);
  }
  const Result<Bytes> bytes = from_hex(text);
  if (!bytes || bytes->size() != Key256{}.size()) {
    return make_error(Errc::kInvalid, "the OA's master key file is damaged");
  }
  return key_from(*bytes);
}

ByteArray<8> associated_with(StreamId stream) {
  ByteArray<8> bytes{};
  store_be(stream.terminal.value, bytes.data());
  store_be(stream.incarnation.value, bytes.data() + 4);
  return bytes;
}

}  // namespace tally::crypto
