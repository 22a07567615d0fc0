#include "core/crypto/p256.hpp"

#include <algorithm>
#include <array>

#include <mbedtls/ecdh.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/platform_util.h>

#include "core/base/assert.hpp"
#include "core/base/try.hpp"
#include "core/crypto/p256_native.hpp"

namespace tally::crypto {

namespace {

constexpr std::size_t kKeyPemBytesMax = 4096;

struct Number {
  mbedtls_mpi value;

  Number() { mbedtls_mpi_init(&value); }
  ~Number() { mbedtls_mpi_free(&value); }
  Number(const Number&) = delete;
  Number& operator=(const Number&) = delete;
};

}  // namespace

void set_up_p256(P256KeyPair::Native& native) {
  TALLY_ASSERT(mbedtls_pk_setup(&native.pk, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) == 0);
  TALLY_ASSERT(mbedtls_ecp_group_load(&compat::group_of(native.pk), MBEDTLS_ECP_DP_SECP256R1) == 0);
}

Status load_public_key(P256KeyPair::Native& native, const PublicKey& key) {
  set_up_p256(native);
  auto& group = compat::group_of(native.pk);
  auto& point = compat::point_of(native.pk);
  int rc = mbedtls_ecp_point_read_binary(&group, &point, key.data(), key.size());
  if (rc == 0) {
    rc = mbedtls_ecp_check_pubkey(&group, &point);
  }
  if (rc != 0) {
    return make_error(Errc::kInvalid, "public key is no point of the curve P-256", rc);
  }
  return {};
}

Result<PublicKey> public_key_of(const mbedtls_pk_context& pk) {
  if (mbedtls_pk_can_do(&pk, MBEDTLS_PK_ECKEY) != 1 ||
      compat::group_of(pk).id != MBEDTLS_ECP_DP_SECP256R1) {
    return make_error(Errc::kUnsupported, "key is not on the curve P-256");
  }
  PublicKey key;
  std::size_t size = 0;
  const int rc = mbedtls_ecp_point_write_binary(&compat::group_of(pk),
                                                &compat::point_of(pk),
                                                MBEDTLS_ECP_PF_UNCOMPRESSED,
                                                &size,
                                                key.data(),
                                                key.size());
  if (rc != 0 || size != key.size()) {
    return make_error(Errc::kInvalid, "key has no public point", rc);
  }
  return key;
}

P256KeyPair::P256KeyPair(std::unique_ptr<Native> native) : native_(std::move(native)) {}
P256KeyPair::~P256KeyPair() = default;
P256KeyPair::P256KeyPair(P256KeyPair&&) noexcept = default;
P256KeyPair& P256KeyPair::operator=(P256KeyPair&&) noexcept = default;

P256KeyPair P256KeyPair::generate(RandomSource& random) {
  P256KeyPair pair{std::make_unique<Native>()};
  auto& pk = pair.native_->pk;
  set_up_p256(*pair.native_);
  TALLY_ASSERT(mbedtls_ecp_gen_keypair(&compat::group_of(pk),
                                       &compat::secret_of(pk),
                                       &compat::point_of(pk),
                                       compat::random_fill,
                                       &random) == 0);
  pair.public_key_ = *public_key_of(pk);
  return pair;
}

Result<P256KeyPair> P256KeyPair::from_pem(std::string_view pem, RandomSource& random) {
  if (pem.size() > kKeyPemBytesMax) {
    return make_error(Errc::kInvalid, "private key file is too large to be one P-256 key");
  }
  P256KeyPair pair{std::make_unique<Native>()};
  auto& pk = pair.native_->pk;
  // The library wants the terminating zero counted.
  std::string text{pem};
  const int rc = compat::parse_key(
      pk, reinterpret_cast<const unsigned char*>(text.c_str()), text.size() + 1, random);
  mbedtls_platform_zeroize(text.data(), text.size());
  if (rc != 0) {
    return make_error(Errc::kInvalid, "this is not a private key in PEM", rc);
  }
  TALLY_TRY_ASSIGN(pair.public_key_, public_key_of(pk));
  if (compat::check_pair(pk, pk, random) != 0) {
    return make_error(Errc::kInvalid, "private and public part of the key do not belong together");
  }
  return pair;
}

std::string P256KeyPair::to_pem() const {
  std::array<unsigned char, 1024> buffer{};
  TALLY_ASSERT(mbedtls_pk_write_key_pem(&native_->pk, buffer.data(), buffer.size()) == 0);
  std::string pem{reinterpret_cast<const char*>(buffer.data())};
  mbedtls_platform_zeroize(buffer.data(), buffer.size());
  return pem;
}

Signature P256KeyPair::ecdsa_sign(ByteView message, RandomSource& random) const {
  const Digest digest = sha256(message);
  Number r;
  Number s;
  TALLY_ASSERT(mbedtls_ecdsa_sign_det_ext(&compat::group_of(native_->pk),
                                          &r.value,
                                          &s.value,
                                          &compat::secret_of(native_->pk),
                                          digest.data(),
                                          digest.size(),
                                          MBEDTLS_MD_SHA256,
                                          compat::random_fill,
                                          &random) == 0);
  Signature signature;
  TALLY_ASSERT(mbedtls_mpi_write_binary(&r.value, signature.data(), 32) == 0);
  TALLY_ASSERT(mbedtls_mpi_write_binary(&s.value, signature.data() + 32, 32) == 0);
  return signature;
}

Result<SharedSecret> P256KeyPair::ecdh(const PublicKey& peer, RandomSource& random) const {
  Native other;
  TALLY_TRY(load_public_key(other, peer));
  Number shared;
  const int rc = mbedtls_ecdh_compute_shared(&compat::group_of(native_->pk),
                                             &shared.value,
                                             &compat::point_of(other.pk),
                                             &compat::secret_of(native_->pk),
                                             compat::random_fill,
                                             &random);
  if (rc != 0) {
    return make_error(Errc::kInternal, "ECDH failed", rc);
  }
  SharedSecret secret;
  TALLY_ASSERT(mbedtls_mpi_write_binary(&shared.value, secret.data(), secret.size()) == 0);
  return secret;
}

Status ecdsa_verify(const PublicKey& key, ByteView message, const Signature& signature) {
  P256KeyPair::Native native;
  TALLY_TRY(load_public_key(native, key));
  const Digest digest = sha256(message);
  Number r;
  Number s;
  TALLY_ASSERT(mbedtls_mpi_read_binary(&r.value, signature.data(), 32) == 0);
  TALLY_ASSERT(mbedtls_mpi_read_binary(&s.value, signature.data() + 32, 32) == 0);
  const int rc = mbedtls_ecdsa_verify(&compat::group_of(native.pk),
                                      digest.data(),
                                      digest.size(),
                                      &compat::point_of(native.pk),
                                      &r.value,
                                      &s.value);
  if (rc != 0) {
    return make_error(Errc::kDenied, "signature does not match", rc);
  }
  return {};
}

Result<PublicKey> to_public_key(ByteView bytes) {
  PublicKey key;
  if (bytes.size() != key.size()) {
    return make_error(
        Errc::kInvalid, "public key is not 65 bytes long", static_cast<std::int32_t>(bytes.size()));
  }
  std::copy(bytes.begin(), bytes.end(), key.begin());
  P256KeyPair::Native native;
  TALLY_TRY(load_public_key(native, key));
  return key;
}

}  // namespace tally::crypto
