#include "core/crypto/cipher.hpp"

#include <mbedtls/aes.h>
#include <mbedtls/gcm.h>

#include "core/base/assert.hpp"

namespace tally::crypto {

namespace {

struct Aes {
  mbedtls_aes_context context;

  explicit Aes(const Key256& key) {
    mbedtls_aes_init(&context);
    TALLY_ASSERT(mbedtls_aes_setkey_enc(&context, key.data(), 256) == 0);
  }
  ~Aes() { mbedtls_aes_free(&context); }
  Aes(const Aes&) = delete;
  Aes& operator=(const Aes&) = delete;
};

struct Gcm {
  mbedtls_gcm_context context;

  explicit Gcm(const Key256& key) {
    mbedtls_gcm_init(&context);
    TALLY_ASSERT(mbedtls_gcm_setkey(&context, MBEDTLS_CIPHER_ID_AES, key.data(), 256) == 0);
  }
  ~Gcm() { mbedtls_gcm_free(&context); }
  Gcm(const Gcm&) = delete;
  Gcm& operator=(const Gcm&) = delete;
};

}  // namespace

Bytes aes_ctr(const Key256& key, const CounterBlock& counter, ByteView data) {
  Aes aes{key};
  CounterBlock next = counter;
  ByteArray<16> stream{};
  std::size_t offset = 0;
  Bytes out(data.size());
  TALLY_ASSERT(mbedtls_aes_crypt_ctr(&aes.context,
                                     data.size(),
                                     &offset,
                                     next.data(),
                                     stream.data(),
                                     data.data(),
                                     out.data()) == 0);
  return out;
}

Bytes aes_gcm_seal(const Key256& key,
                   const GcmNonce& nonce,
                   ByteView associated,
                   ByteView plaintext) {
  Gcm gcm{key};
  Bytes sealed(plaintext.size() + kGcmTagBytes);
  TALLY_ASSERT(mbedtls_gcm_crypt_and_tag(&gcm.context,
                                         MBEDTLS_GCM_ENCRYPT,
                                         plaintext.size(),
                                         nonce.data(),
                                         nonce.size(),
                                         associated.data(),
                                         associated.size(),
                                         plaintext.data(),
                                         sealed.data(),
                                         kGcmTagBytes,
                                         sealed.data() + plaintext.size()) == 0);
  return sealed;
}

Result<Bytes> aes_gcm_open(const Key256& key,
                           const GcmNonce& nonce,
                           ByteView associated,
                           ByteView sealed) {
  if (sealed.size() < kGcmTagBytes) {
    return make_error(Errc::kCorrupt, "sealed bytes are shorter than their tag");
  }
  Gcm gcm{key};
  const std::size_t length = sealed.size() - kGcmTagBytes;
  Bytes plaintext(length);
  const int rc = mbedtls_gcm_auth_decrypt(&gcm.context,
                                          length,
                                          nonce.data(),
                                          nonce.size(),
                                          associated.data(),
                                          associated.size(),
                                          sealed.data() + length,
                                          kGcmTagBytes,
                                          sealed.data(),
                                          plaintext.data());
  if (rc != 0) {
    return make_error(Errc::kCorrupt, "sealed bytes do not match their tag", rc);
  }
  return plaintext;
}

}  // namespace tally::crypto
