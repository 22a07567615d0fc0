#include <algorithm>
#include <array>
#include <cstring>  // the library's MBEDTLS_OID_CMP calls memcmp

#include <mbedtls/oid.h>
#include <mbedtls/x509_csr.h>

#include "core/base/assert.hpp"
#include "core/base/try.hpp"
#include "core/crypto/certificate.hpp"
#include "core/crypto/p256_native.hpp"

namespace tally::crypto {

namespace {

constexpr std::size_t kRequestBytesMax = 4096;
constexpr std::size_t kSerialCharsMax = 40;

// Characters that need no quoting in a distinguished name.
bool is_serial(std::string_view text) {
  return !text.empty() && text.size() <= kSerialCharsMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '-' || c == '_' || c == '.';
         });
}

struct RequestWriter {
  mbedtls_x509write_csr request;

  RequestWriter() { mbedtls_x509write_csr_init(&request); }
  ~RequestWriter() { mbedtls_x509write_csr_free(&request); }
  RequestWriter(const RequestWriter&) = delete;
  RequestWriter& operator=(const RequestWriter&) = delete;
};

struct ParsedRequest {
  mbedtls_x509_csr request;

  ParsedRequest() { mbedtls_x509_csr_init(&request); }
  ~ParsedRequest() { mbedtls_x509_csr_free(&request); }
  ParsedRequest(const ParsedRequest&) = delete;
  ParsedRequest& operator=(const ParsedRequest&) = delete;
};

// The library parses a request without looking at its signature.
Status check_own_signature(mbedtls_x509_csr& request) {
  if (request.MBEDTLS_PRIVATE(sig_md) != MBEDTLS_MD_SHA256) {
    return make_error(Errc::kUnsupported, "certificate request is not signed over SHA-256");
  }
  const Digest digest = sha256({request.cri.p, request.cri.len});
  const auto& signature = request.MBEDTLS_PRIVATE(sig);
  const int rc = mbedtls_pk_verify(
      &request.pk, MBEDTLS_MD_SHA256, digest.data(), digest.size(), signature.p, signature.len);
  if (rc != 0) {
    return make_error(Errc::kDenied, "certificate request is not signed by its own key", rc);
  }
  return {};
}

}  // namespace

Result<std::string> make_certificate_request(const P256KeyPair& key,
                                             std::string_view serial,
                                             RandomSource& random) {
  if (!is_serial(serial)) {
    return make_error(
        Errc::kInvalid,
        "serial number must be 1 to 40 letters, digits, hyphens, underscores or full stops");
  }
  RequestWriter writer;
  mbedtls_x509write_csr_set_md_alg(&writer.request, MBEDTLS_MD_SHA256);
  mbedtls_x509write_csr_set_key(&writer.request, &key.native().pk);
  const std::string subject = std::string{"CN="}.append(serial);
  int rc = mbedtls_x509write_csr_set_subject_name(&writer.request, subject.c_str());
  std::array<unsigned char, kRequestBytesMax> buffer{};
  if (rc == 0) {
    rc = mbedtls_x509write_csr_pem(
        &writer.request, buffer.data(), buffer.size(), compat::random_fill, &random);
  }
  if (rc != 0) {
    return make_error(Errc::kInternal, "certificate request could not be written", rc);
  }
  return std::string{reinterpret_cast<const char*>(buffer.data())};
}

Result<CertificateRequest> parse_certificate_request(std::string_view pem) {
  if (pem.size() > kRequestBytesMax) {
    return make_error(Errc::kInvalid, "certificate request is larger than 4 KiB");
  }
  ParsedRequest parsed;
  auto& request = parsed.request;
  // The library wants the terminating zero counted.
  const std::string text{pem};
  const int rc = mbedtls_x509_csr_parse(
      &request, reinterpret_cast<const unsigned char*>(text.c_str()), text.size() + 1);
  if (rc != 0) {
    return make_error(Errc::kInvalid, "this is not a certificate request in PEM", rc);
  }
  CertificateRequest result;
  TALLY_TRY_ASSIGN(result.public_key, public_key_of(request.pk));
  TALLY_TRY(check_own_signature(request));
  const auto& subject = request.subject;
  if (subject.next != nullptr || MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &subject.oid) != 0) {
    return make_error(Errc::kInvalid, "certificate request has a subject other than one serial");
  }
  result.serial = as_text({subject.val.p, subject.val.len});
  if (!is_serial(result.serial)) {
    return make_error(Errc::kInvalid, "certificate request carries an impossible serial number");
  }
  return result;
}

}  // namespace tally::crypto
