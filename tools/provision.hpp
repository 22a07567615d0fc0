// The small certificate authority and the enrolment of devices, as `tally provision` does it: a
// device makes its own key and a request, the office signs it under the name it registered, the
// device installs the answer. Private keys stay in the directory that they were made in. Blocking;
// one process at a time on a directory.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/crypto/certificate.hpp"
#include "core/crypto/random_source.hpp"

namespace tally::tools {

/// The files of a CA directory; certificates that were issued lie in issued/<role>-<node>.<n>.crt.
inline constexpr const char* kRootKeyFile = "ca.key";
inline constexpr const char* kRootFile = "ca.crt";
inline constexpr const char* kIssuedFolder = "issued";

/// Makes a root key and certificate in `ca` (created when missing). Errors: kConflict when there is
/// one already and `force` is false: with a new root every device must be enrolled again; those of
/// writing files.
Status init_authority(const std::filesystem::path& ca,
                      WallTime now,
                      bool force,
                      crypto::RandomSource& random);

/// Writes request.pem for the device of `identity` (created when missing) and gives its text. An
/// existing key is kept unless `force`: then the old one is gone for good. Errors: kInvalid for an
/// impossible serial, kDenied and kInvalid for an unusable key, those of writing files.
Result<std::string> make_request(const std::filesystem::path& identity,
                                 std::string_view serial,
                                 bool force,
                                 crypto::RandomSource& random);

/// What the office registers a device as.
struct Registration {
  Role role = Role::kTerminal;
  std::uint32_t node = 0;
  StoreId store;  ///< None for an OA.
  std::uint32_t days = 90;
};

struct IssuedCertificate {
  crypto::DeviceName name;
  std::string pem;
};

/// Signs a request and records the certificate under issued/. The incarnation is one more than the
/// last one of that role and node. Errors: kNotFound when `ca` holds no root, those of
/// parse_certificate_request() and CertificateAuthority::issue(), kConflict when another process
/// took the same incarnation just now: sign again.
Result<IssuedCertificate> sign_request(const std::filesystem::path& ca,
                                       std::string_view request_pem,
                                       const Registration& registration,
                                       WallTime now,
                                       crypto::RandomSource& random);

struct Installation {
  std::string certificate_pem;
  std::string root_pem;
  std::optional<std::string> oa_record_key;  ///< Text of oa-record.pub; a terminal needs it.
  bool force = false;
};

/// Puts certificate, root and the OA's public record key beside the device's key; the certificate
/// last, so that a cut-off installation is seen as none. Errors: kNotFound without a key; kInvalid
/// for what cannot be read or a terminal without the OA's key; kConflict when the certificate is
/// for another key or another authority, or, without `force`, would replace another root or a later
/// incarnation.
Result<crypto::DeviceIdentity> install(const std::filesystem::path& identity,
                                       const Installation& installation,
                                       crypto::RandomSource& random);

/// At the OA: makes record.key unless there is one, and gives the text of oa-record.pub, which it
/// also writes. With `force` a new key replaces the old one, and every terminal must be given the
/// new public key. Errors: kDenied and kInvalid for an unusable key, those of writing files.
Result<std::string> make_oa_record_key(const std::filesystem::path& identity,
                                       bool force,
                                       crypto::RandomSource& random);

/// What an identity directory holds, a fact a line, without secrets. Errors: those of
/// load_tls_identity().
Result<std::string> show_identity(const std::filesystem::path& identity,
                                  WallTime now,
                                  crypto::RandomSource& random);

}  // namespace tally::tools
