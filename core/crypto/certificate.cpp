#include "core/crypto/certificate.hpp"

#include <chrono>
#include <cstring>  // the library's MBEDTLS_OID_CMP calls memcmp

#include <mbedtls/oid.h>

#include "core/base/assert.hpp"
#include "core/base/try.hpp"
#include "core/crypto/certificate_native.hpp"
#include "core/crypto/p256_native.hpp"

namespace tally::crypto {

namespace {

constexpr std::size_t kCertificateBytesMax = 8192;
constexpr std::string_view kOrganisation = "Tallystick";
constexpr std::string_view kStorePrefix = "store-";

struct Subject {
  std::string_view organisation;
  std::string_view unit;
  std::string_view common_name;
};

// Takes exactly one of each attribute it knows and nothing else.
Result<Subject> read_subject(const mbedtls_x509_name& first, bool has_unit) {
  Subject subject;
  std::size_t count = 0;
  for (const auto* name = &first; name != nullptr; name = name->next) {
    std::string_view* field = nullptr;
    if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_ORGANIZATION, &name->oid) == 0) {
      field = &subject.organisation;
    } else if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_ORG_UNIT, &name->oid) == 0) {
      field = &subject.unit;
    } else if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &name->oid) == 0) {
      field = &subject.common_name;
    }
    if (field == nullptr || !field->empty()) {
      return make_error(Errc::kInvalid, "certificate has a subject this product does not make");
    }
    *field = as_text({name->val.p, name->val.len});
    ++count;
  }
  if (count != (has_unit ? 3U : 2U) || subject.unit.empty() == has_unit ||
      subject.organisation != kOrganisation || subject.common_name.empty()) {
    return make_error(Errc::kInvalid, "certificate has a subject this product does not make");
  }
  return subject;
}

// Only what this product issues: ECDSA on P-256 over SHA-256.
const mbedtls_x509_crt_profile& profile() {
  static const mbedtls_x509_crt_profile kProfile{
      MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA256),
      MBEDTLS_X509_ID_FLAG(MBEDTLS_PK_ECKEY) | MBEDTLS_X509_ID_FLAG(MBEDTLS_PK_ECDSA),
      MBEDTLS_X509_ID_FLAG(MBEDTLS_ECP_DP_SECP256R1),
      0};
  return kProfile;
}

}  // namespace

Status ParsedCertificate::parse(ByteView pem_or_der) {
  if (pem_or_der.size() > kCertificateBytesMax) {
    return make_error(Errc::kInvalid, "certificate is larger than 8 KiB");
  }
  int rc = 0;
  if (as_text(pem_or_der).find("-----BEGIN") != std::string_view::npos) {
    // The library wants the terminating zero counted.
    const std::string text{as_text(pem_or_der)};
    rc = mbedtls_x509_crt_parse(
        &chain, reinterpret_cast<const unsigned char*>(text.c_str()), text.size() + 1);
  } else {
    rc = mbedtls_x509_crt_parse_der(&chain, pem_or_der.data(), pem_or_der.size());
  }
  if (rc != 0) {
    return make_error(Errc::kInvalid, "this is not a certificate", rc);
  }
  if (chain.next != nullptr) {
    return make_error(Errc::kInvalid, "this holds more than one certificate");
  }
  return {};
}

Result<std::string> ParsedCertificate::root_name() const {
  TALLY_TRY_ASSIGN(const Subject subject, read_subject(chain.subject, false));
  if (!subject.common_name.starts_with(kRootPrefix) ||
      !from_hex(subject.common_name.substr(kRootPrefix.size()))) {
    return make_error(Errc::kInvalid, "this is not a root certificate of this product");
  }
  return std::string{subject.common_name};
}

WallTime wall_time_of(const mbedtls_x509_time& time) {
  using namespace std::chrono;
  const sys_days day{year{time.year} / month{static_cast<unsigned>(time.mon)} /
                     std::chrono::day{static_cast<unsigned>(time.day)}};
  const auto point = day + hours{time.hour} + minutes{time.min} + seconds{time.sec};
  return WallTime{duration_cast<microseconds>(point.time_since_epoch()).count()};
}

Result<DeviceIdentity> parse_device_certificate(ByteView pem_or_der) {
  ParsedCertificate parsed;
  TALLY_TRY(parsed.parse(pem_or_der));
  TALLY_TRY_ASSIGN(const Subject subject, read_subject(parsed.chain.subject, true));
  TALLY_TRY_ASSIGN(const DeviceName name, parse_common_name(subject.common_name));
  if (!subject.unit.starts_with(kStorePrefix)) {
    return make_error(Errc::kInvalid, "certificate names no store");
  }
  DeviceIdentity identity;
  identity.role = name.role;
  identity.node = name.node;
  identity.incarnation = name.incarnation;
  TALLY_TRY_ASSIGN(identity.store.value, parse_number(subject.unit.substr(kStorePrefix.size())));
  if ((identity.role == Role::kOa) == static_cast<bool>(identity.store)) {
    return make_error(Errc::kInvalid, "certificate names a store that does not fit its role");
  }
  TALLY_TRY_ASSIGN(identity.public_key, public_key_of(parsed.chain.pk));
  identity.not_before = wall_time_of(parsed.chain.valid_from);
  identity.not_after = wall_time_of(parsed.chain.valid_to);
  return identity;
}

Status verify_issued_by(ByteView certificate, ByteView authority) {
  ParsedCertificate leaf;
  ParsedCertificate root;
  TALLY_TRY(leaf.parse(certificate));
  TALLY_TRY(root.parse(authority));
  std::uint32_t flags = 0;
  const int rc = mbedtls_x509_crt_verify_with_profile(
      &leaf.chain, &root.chain, nullptr, &profile(), nullptr, &flags, nullptr, nullptr);
  constexpr std::uint32_t kDates = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE;
  if (rc != 0 && (rc != MBEDTLS_ERR_X509_CERT_VERIFY_FAILED || (flags & ~kDates) != 0)) {
    return make_error(Errc::kDenied, "certificate was not issued by this authority", rc);
  }
  return {};
}

}  // namespace tally::crypto
