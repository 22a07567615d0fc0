// The library's side of certificates, for the .cpp files of core/crypto and of transport/ only.
#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"
#include "core/crypto/mbedtls_compat.hpp"

namespace tally::crypto {

/// One parsed certificate. parse() may be called once.
struct ParsedCertificate {
  mbedtls_x509_crt chain;

  ParsedCertificate() { mbedtls_x509_crt_init(&chain); }
  ~ParsedCertificate() { mbedtls_x509_crt_free(&chain); }
  ParsedCertificate(const ParsedCertificate&) = delete;
  ParsedCertificate& operator=(const ParsedCertificate&) = delete;

  /// Reads exactly one certificate, PEM or DER, of at most 8 KiB. Errors: kInvalid.
  Status parse(ByteView pem_or_der);

  /// The common name of a root of ours. Errors: kInvalid when the subject is not a root's.
  Result<std::string> root_name() const;
};

/// "<prefix><8 hexadecimal digits>" is the common name of a root.
inline constexpr std::string_view kRootPrefix = "Tallystick root ";

WallTime wall_time_of(const mbedtls_x509_time& time);

}  // namespace tally::crypto
