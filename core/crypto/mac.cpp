#include "core/crypto/mac.hpp"

#include <algorithm>

#include <mbedtls/hkdf.h>
#include <mbedtls/md.h>

#include "core/base/assert.hpp"

namespace tally::crypto {

namespace {

const mbedtls_md_info_t* sha256_info() {
  return mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
}

}  // namespace

struct Sha256::Impl {
  mbedtls_md_context_t context;

  Impl() {
    mbedtls_md_init(&context);
    TALLY_ASSERT(mbedtls_md_setup(&context, sha256_info(), 0) == 0);
    TALLY_ASSERT(mbedtls_md_starts(&context) == 0);
  }
  ~Impl() { mbedtls_md_free(&context); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(ByteView bytes) {
  TALLY_ASSERT(mbedtls_md_update(&impl_->context, bytes.data(), bytes.size()) == 0);
}

Digest Sha256::finish() {
  Digest digest;
  TALLY_ASSERT(mbedtls_md_finish(&impl_->context, digest.data()) == 0);
  TALLY_ASSERT(mbedtls_md_starts(&impl_->context) == 0);
  return digest;
}

Digest sha256(ByteView bytes) {
  Digest digest;
  TALLY_ASSERT(mbedtls_md(sha256_info(), bytes.data(), bytes.size(), digest.data()) == 0);
  return digest;
}

struct HmacSha256::Impl {
  mbedtls_md_context_t context;

  explicit Impl(ByteView key) {
    mbedtls_md_init(&context);
    TALLY_ASSERT(mbedtls_md_setup(&context, sha256_info(), 1) == 0);
    TALLY_ASSERT(mbedtls_md_hmac_starts(&context, key.data(), key.size()) == 0);
  }
  ~Impl() { mbedtls_md_free(&context); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
};

HmacSha256::HmacSha256(ByteView key) : impl_(std::make_unique<Impl>(key)) {}
HmacSha256::~HmacSha256() = default;
HmacSha256::HmacSha256(HmacSha256&&) noexcept = default;
HmacSha256& HmacSha256::operator=(HmacSha256&&) noexcept = default;

void HmacSha256::update(ByteView bytes) {
  TALLY_ASSERT(mbedtls_md_hmac_update(&impl_->context, bytes.data(), bytes.size()) == 0);
}

Digest HmacSha256::finish() {
  Digest digest;
  TALLY_ASSERT(mbedtls_md_hmac_finish(&impl_->context, digest.data()) == 0);
  TALLY_ASSERT(mbedtls_md_hmac_reset(&impl_->context) == 0);
  return digest;
}

Mac HmacSha256::finish16() {
  const Digest digest = finish();
  Mac mac;
  std::copy_n(digest.begin(), mac.size(), mac.begin());
  return mac;
}

Digest hmac_sha256(ByteView key, ByteView message) {
  HmacSha256 hmac{key};
  hmac.update(message);
  return hmac.finish();
}

Bytes hkdf_sha256(ByteView salt, ByteView input_key, ByteView info, std::size_t length) {
  TALLY_ASSERT(length >= 1 && length <= 255 * sizeof(Digest));
  Bytes key(length);
  TALLY_ASSERT(mbedtls_hkdf(sha256_info(),
                            salt.data(),
                            salt.size(),
                            input_key.data(),
                            input_key.size(),
                            info.data(),
                            info.size(),
                            key.data(),
                            key.size()) == 0);
  return key;
}

}  // namespace tally::crypto
