// Certificates of the product's own small authority: requests (PKCS#10), issuing and reading
// (X.509 v3, ECDSA P-256 with SHA-256 only), over mbedTLS. Pure: dates and randomness are passed
// in, files are read elsewhere.
#pragma once

#include <string>
#include <string_view>

#include "core/base/time.hpp"
#include "core/crypto/identity.hpp"
#include "core/crypto/p256.hpp"

namespace tally::crypto {

/// Both ends included; rounded down to seconds in certificates. From 1970 to 9999.
struct Validity {
  WallTime not_before;
  WallTime not_after;
};

/// What a device asks to be certified: its key, and the serial number printed on its case.
struct CertificateRequest {
  PublicKey public_key{};
  std::string serial;
};

/// What a certificate says about its holder. Only as good as the signature on it: take one from a
/// TLS connection, or check verify_issued_by() first.
struct DeviceIdentity {
  Role role = Role::kTerminal;
  std::uint32_t node = 0;
  Incarnation incarnation;
  StoreId store;
  PublicKey public_key{};
  WallTime not_before;
  WallTime not_after;

  DeviceName name() const { return {role, node, incarnation, store}; }
};

/// A request in PEM, signed with `key`. Errors: kInvalid when the serial is not 1..40 of letters,
/// digits, '-', '_' and '.'.
Result<std::string> make_certificate_request(const P256KeyPair& key,
                                             std::string_view serial,
                                             RandomSource& random);

/// Reads a request (PEM, at most 4 KiB) and checks that its own key signed it. Errors: kInvalid
/// when it is no request or its serial is not as above, kUnsupported for another kind of key or
/// hash, kDenied when the signature does not match.
Result<CertificateRequest> parse_certificate_request(std::string_view pem);

/// Reads a device certificate (PEM or DER, at most 8 KiB). Errors: kInvalid when it is no
/// certificate or its subject is not exactly that of a device, kUnsupported for another key.
Result<DeviceIdentity> parse_device_certificate(ByteView pem_or_der);

/// Checks that `authority` (PEM or DER) signed `certificate`. Dates are not looked at. Errors:
/// kInvalid when either cannot be read, kDenied when the chain does not hold.
Status verify_issued_by(ByteView certificate, ByteView authority);

/// The root: its key and its self-signed certificate.
class CertificateAuthority {
 public:
  /// A new root. Errors: kInvalid for an impossible validity.
  static Result<CertificateAuthority> create(Validity validity, RandomSource& random);

  /// Errors: kInvalid when either cannot be read, kConflict when key and certificate do not belong
  /// together.
  static Result<CertificateAuthority> from_pem(std::string_view key_pem,
                                               std::string_view certificate_pem,
                                               RandomSource& random);

  const std::string& certificate_pem() const { return certificate_pem_; }
  /// A secret.
  std::string key_pem() const { return key_.to_pem(); }
  Validity validity() const { return validity_; }

  /// A certificate (PEM) for a registered device. Nothing of the request but its key goes in.
  /// Errors: kInvalid when node or incarnation is 0, the store is missing or given for an OA, or
  /// the validity is impossible or leaves that of the root.
  Result<std::string> issue(const DeviceName& device,
                            const PublicKey& public_key,
                            Validity validity,
                            RandomSource& random) const;

 private:
  CertificateAuthority(P256KeyPair key, std::string certificate_pem, Validity validity);

  P256KeyPair key_;
  std::string certificate_pem_;
  Validity validity_;
};

}  // namespace tally::crypto
