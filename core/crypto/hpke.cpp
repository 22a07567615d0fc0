#include "core/crypto/hpke.hpp"

#include <algorithm>
#include <string_view>

#include "core/base/assert.hpp"
#include "core/base/try.hpp"
#include "core/crypto/cipher.hpp"
#include "core/crypto/mac.hpp"

namespace tally::crypto {
namespace {

// RFC 9180: "KEM" and the KEM's number (section 4.1), "HPKE" and the three (section 5.1).
constexpr ByteArray<5> kKemSuite{'K', 'E', 'M', 0x00, 0x10};
constexpr ByteArray<10> kSuite{'H', 'P', 'K', 'E', 0x00, 0x10, 0x00, 0x01, 0x00, 0x02};
constexpr std::uint8_t kModeBase = 0;

struct Context {
  Key256 key{};
  GcmNonce nonce{};
};

void append(Bytes& out, ByteView more) {
  out.insert(out.end(), more.begin(), more.end());
}

/// LabeledExtract (RFC 9180, section 4).
Digest labeled_extract(ByteView suite, ByteView salt, std::string_view label, ByteView input) {
  HmacSha256 hmac(salt);
  hmac.update(as_bytes("HPKE-v1"));
  hmac.update(suite);
  hmac.update(as_bytes(label));
  hmac.update(input);
  return hmac.finish();
}

/// LabeledExpand (RFC 9180, section 4) of one block: at most 32 bytes.
template <std::size_t N>
ByteArray<N> labeled_expand(ByteView suite,
                            const Digest& key,
                            std::string_view label,
                            ByteView info) {
  static_assert(N <= 32);
  constexpr ByteArray<2> kLength{0, N};
  constexpr ByteArray<1> kFirstBlock{1};
  HmacSha256 hmac(key);
  hmac.update(kLength);
  hmac.update(as_bytes("HPKE-v1"));
  hmac.update(suite);
  hmac.update(as_bytes(label));
  hmac.update(info);
  hmac.update(kFirstBlock);
  const Digest block = hmac.finish();
  ByteArray<N> out{};
  std::copy_n(block.begin(), N, out.begin());
  return out;
}

/// ExtractAndExpand of the KEM (section 4.1) and the key schedule of base mode (section 5.1).
Context context_of(const SharedSecret& dh,
                   const PublicKey& ephemeral,
                   const PublicKey& receiver,
                   ByteView info) {
  Bytes kem_context(ephemeral.begin(), ephemeral.end());
  append(kem_context, receiver);
  const Digest shared = labeled_expand<32>(
      kKemSuite, labeled_extract(kKemSuite, {}, "eae_prk", dh), "shared_secret", kem_context);

  Bytes schedule{kModeBase};
  append(schedule, labeled_extract(kSuite, {}, "psk_id_hash", {}));
  append(schedule, labeled_extract(kSuite, {}, "info_hash", info));
  const Digest secret = labeled_extract(kSuite, shared, "secret", {});
  return {labeled_expand<32>(kSuite, secret, "key", schedule),
          labeled_expand<12>(kSuite, secret, "base_nonce", schedule)};
}

}  // namespace

Result<Bytes> hpke_seal(const PublicKey& receiver,
                        ByteView info,
                        ByteView associated,
                        ByteView plaintext,
                        RandomSource& random) {
  const P256KeyPair ephemeral = P256KeyPair::generate(random);
  TALLY_TRY_ASSIGN(const SharedSecret dh, ephemeral.ecdh(receiver, random));
  const Context context = context_of(dh, ephemeral.public_key(), receiver, info);
  Bytes sealed(ephemeral.public_key().begin(), ephemeral.public_key().end());
  append(sealed, aes_gcm_seal(context.key, context.nonce, associated, plaintext));
  return sealed;
}

Result<Bytes> hpke_open(const P256KeyPair& receiver,
                        ByteView info,
                        ByteView associated,
                        ByteView sealed,
                        RandomSource& random) {
  if (sealed.size() < kHpkeOverheadBytes) {
    return make_error(Errc::kCorrupt, "a sealed message is too short");
  }
  PublicKey ephemeral{};
  std::copy_n(sealed.begin(), ephemeral.size(), ephemeral.begin());
  const Result<SharedSecret> dh = receiver.ecdh(ephemeral, random);
  if (!dh) {
    return make_error(Errc::kCorrupt, "a sealed message names no point of the curve");
  }
  const Context context = context_of(*dh, ephemeral, receiver.public_key(), info);
  return aes_gcm_open(context.key, context.nonce, associated, sealed.subspan(ephemeral.size()));
}

}  // namespace tally::crypto
