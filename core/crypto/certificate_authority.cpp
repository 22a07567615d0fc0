#include <array>
#include <chrono>

#include <mbedtls/oid.h>

#include "core/base/assert.hpp"
#include "core/base/try.hpp"
#include "core/crypto/certificate.hpp"
#include "core/crypto/certificate_native.hpp"
#include "core/crypto/p256_native.hpp"

namespace tally::crypto {

namespace {

struct CertificateWriter {
  mbedtls_x509write_cert certificate;

  CertificateWriter() { mbedtls_x509write_crt_init(&certificate); }
  ~CertificateWriter() { mbedtls_x509write_crt_free(&certificate); }
  CertificateWriter(const CertificateWriter&) = delete;
  CertificateWriter& operator=(const CertificateWriter&) = delete;
};

Status check(Validity validity) {
  constexpr std::int64_t kYear10000Us = 253402300800LL * 1'000'000;
  if (validity.not_before.us < 0 || validity.not_after.us >= kYear10000Us ||
      validity.not_before >= validity.not_after) {
    return make_error(Errc::kInvalid, "a certificate cannot be valid over these dates");
  }
  return {};
}

void put_digits(std::string& out, std::int64_t value, int digits) {
  std::string text = std::to_string(value);
  out.append(static_cast<std::size_t>(digits) - text.size(), '0').append(text);
}

// "20261121093000", as the library takes it.
std::string calendar_text(WallTime time) {
  using namespace std::chrono;
  const sys_time<microseconds> point{microseconds{time.us}};
  const auto day = floor<days>(point);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<seconds>(point - day)};
  std::string text;
  put_digits(text, static_cast<int>(date.year()), 4);
  put_digits(text, static_cast<unsigned>(date.month()), 2);
  put_digits(text, static_cast<unsigned>(date.day()), 2);
  put_digits(text, clock.hours().count(), 2);
  put_digits(text, clock.minutes().count(), 2);
  put_digits(text, clock.seconds().count(), 2);
  return text;
}

// 2.28 has no call for the next two extensions. Their content stays below 128 bytes, so every
// length is one byte (X.690, 8.1.3.4).

// RFC 5280, 4.2.1.12: SEQUENCE of the id-kp OIDs 1.3.6.1.5.5.7.3.<purpose>.
Bytes extended_key_usage(Role role) {
  constexpr std::uint8_t kServerAuth = 1;
  constexpr std::uint8_t kClientAuth = 2;
  Bytes oids;
  const auto add = [&oids](std::uint8_t purpose) {
    const Bytes oid{0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, purpose};
    oids.insert(oids.end(), oid.begin(), oid.end());
  };
  if (role != Role::kTerminal) {
    add(kServerAuth);
  }
  if (role != Role::kOa) {
    add(kClientAuth);
  }
  oids.insert(oids.begin(), {0x30, static_cast<std::uint8_t>(oids.size())});
  return oids;
}

// RFC 5280, 4.2.1.6: SEQUENCE of one dNSName, [2] IMPLICIT IA5String.
Bytes alternative_name(std::string_view dns_name) {
  TALLY_ASSERT(dns_name.size() < 100);
  const auto length = static_cast<std::uint8_t>(dns_name.size());
  Bytes der{0x30, static_cast<std::uint8_t>(length + 2), 0x82, length};
  der.insert(der.end(), dns_name.begin(), dns_name.end());
  return der;
}

int set_extension(CertificateWriter& writer, const char* oid, std::size_t size, const Bytes& der) {
  return mbedtls_x509write_crt_set_extension(
      &writer.certificate, oid, size, 0, der.data(), der.size());
}

struct Names {
  std::string subject;
  std::string issuer;
};

// What root and device certificates have in common.
int begin(CertificateWriter& writer,
          const Names& names,
          Validity validity,
          P256KeyPair::Native& subject_key,
          P256KeyPair::Native& issuer_key,
          RandomSource& random) {
  auto* certificate = &writer.certificate;
  mbedtls_x509write_crt_set_version(certificate, MBEDTLS_X509_CRT_VERSION_3);
  mbedtls_x509write_crt_set_md_alg(certificate, MBEDTLS_MD_SHA256);
  mbedtls_x509write_crt_set_subject_key(certificate, &subject_key.pk);
  mbedtls_x509write_crt_set_issuer_key(certificate, &issuer_key.pk);
  // 16 random bytes, positive and without leading zero: RFC 5280, 4.1.2.2.
  ByteArray<16> serial;
  random.fill(serial);
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x3f) | 0x40);
  int rc = compat::set_serial(*certificate, serial.data(), serial.size());
  if (rc == 0) {
    rc = mbedtls_x509write_crt_set_subject_name(certificate, names.subject.c_str());
  }
  if (rc == 0) {
    rc = mbedtls_x509write_crt_set_issuer_name(certificate, names.issuer.c_str());
  }
  if (rc == 0) {
    rc = mbedtls_x509write_crt_set_validity(certificate,
                                            calendar_text(validity.not_before).c_str(),
                                            calendar_text(validity.not_after).c_str());
  }
  if (rc == 0) {
    rc = mbedtls_x509write_crt_set_subject_key_identifier(certificate);
  }
  if (rc == 0) {
    rc = mbedtls_x509write_crt_set_authority_key_identifier(certificate);
  }
  return rc;
}

Result<std::string> finish(CertificateWriter& writer, int rc, RandomSource& random) {
  std::array<unsigned char, 4096> buffer{};
  if (rc == 0) {
    rc = mbedtls_x509write_crt_pem(
        &writer.certificate, buffer.data(), buffer.size(), compat::random_fill, &random);
  }
  if (rc != 0) {
    return make_error(Errc::kInternal, "certificate could not be written", rc);
  }
  return std::string{reinterpret_cast<const char*>(buffer.data())};
}

}  // namespace

CertificateAuthority::CertificateAuthority(P256KeyPair key,
                                           std::string certificate_pem,
                                           Validity validity)
    : key_(std::move(key)), certificate_pem_(std::move(certificate_pem)), validity_(validity) {}

Result<CertificateAuthority> CertificateAuthority::create(Validity validity, RandomSource& random) {
  TALLY_TRY(check(validity));
  P256KeyPair key = P256KeyPair::generate(random);
  // Two roots never share a name, so "which root is this?" has an answer.
  const Digest tag = sha256(key.public_key());
  const std::string name =
      std::string{"O=Tallystick,CN="}.append(kRootPrefix).append(to_hex({tag.data(), 4}));
  CertificateWriter writer;
  int rc = begin(writer, {name, name}, validity, key.native(), key.native(), random);
  if (rc == 0) {
    rc = mbedtls_x509write_crt_set_basic_constraints(&writer.certificate, 1, 0);
  }
  if (rc == 0) {
    rc = mbedtls_x509write_crt_set_key_usage(
        &writer.certificate, MBEDTLS_X509_KU_KEY_CERT_SIGN | MBEDTLS_X509_KU_CRL_SIGN);
  }
  TALLY_TRY_ASSIGN(std::string pem, finish(writer, rc, random));
  return CertificateAuthority{std::move(key), std::move(pem), validity};
}

Result<CertificateAuthority> CertificateAuthority::from_pem(std::string_view key_pem,
                                                            std::string_view certificate_pem,
                                                            RandomSource& random) {
  TALLY_TRY_ASSIGN(P256KeyPair key, P256KeyPair::from_pem(key_pem, random));
  ParsedCertificate parsed;
  TALLY_TRY(parsed.parse(as_bytes(certificate_pem)));
  TALLY_TRY_ASSIGN(const PublicKey certified, public_key_of(parsed.chain.pk));
  if (certified != key.public_key()) {
    return make_error(Errc::kConflict, "root key and root certificate do not belong together");
  }
  const Validity validity{wall_time_of(parsed.chain.valid_from),
                          wall_time_of(parsed.chain.valid_to)};
  return CertificateAuthority{std::move(key), std::string{certificate_pem}, validity};
}

Result<std::string> CertificateAuthority::issue(const DeviceName& device,
                                                const PublicKey& public_key,
                                                Validity validity,
                                                RandomSource& random) const {
  TALLY_TRY(check(validity));
  if (validity.not_after > validity_.not_after) {
    return make_error(Errc::kInvalid, "certificate would outlive the root certificate");
  }
  if (device.node == 0 || !device.incarnation) {
    return make_error(Errc::kInvalid, "node and incarnation count from 1");
  }
  if ((device.role == Role::kOa) == static_cast<bool>(device.store)) {
    return make_error(Errc::kInvalid,
                      "a terminal or gateway belongs to a store from 1 on, an OA to none");
  }
  P256KeyPair::Native subject;
  TALLY_TRY(load_public_key(subject, public_key));
  ParsedCertificate root;
  TALLY_TRY(root.parse(as_bytes(certificate_pem_)));
  TALLY_TRY_ASSIGN(const std::string root_name, root.root_name());

  Names names;
  names.subject = std::string{"O=Tallystick,OU=store-"}
                      .append(std::to_string(device.store.value))
                      .append(",CN=")
                      .append(common_name(device));
  names.issuer = std::string{"O=Tallystick,CN="}.append(root_name);
  CertificateWriter writer;
  auto* certificate = &writer.certificate;
  int rc = begin(writer, names, validity, subject, key_.native(), random);
  if (rc == 0) {
    rc = mbedtls_x509write_crt_set_basic_constraints(certificate, 0, -1);
  }
  if (rc == 0) {
    // Key agreement: the record key is made by ECDH with the same key (docs/formats/record.md).
    rc = mbedtls_x509write_crt_set_key_usage(
        certificate, MBEDTLS_X509_KU_DIGITAL_SIGNATURE | MBEDTLS_X509_KU_KEY_AGREEMENT);
  }
  if (rc == 0) {
    rc = set_extension(writer,
                       MBEDTLS_OID_EXTENDED_KEY_USAGE,
                       MBEDTLS_OID_SIZE(MBEDTLS_OID_EXTENDED_KEY_USAGE),
                       extended_key_usage(device.role));
  }
  if (rc == 0) {
    rc = set_extension(writer,
                       MBEDTLS_OID_SUBJECT_ALT_NAME,
                       MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME),
                       alternative_name(server_name(device.role, device.node)));
  }
  return finish(writer, rc, random);
}

}  // namespace tally::crypto
