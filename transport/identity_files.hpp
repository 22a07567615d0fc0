// The identity directory of a node: what `tally provision` puts there and a program loads at
// start. Private keys are made here and never leave (docs/security.md). Blocking; start-up and
// tools only.
#pragma once

#include <filesystem>
#include <string>

#include "core/crypto/certificate.hpp"
#include "core/crypto/p256.hpp"
#include "core/crypto/random_source.hpp"

namespace tally::transport {

inline constexpr const char* kDeviceKeyFile = "device.key";  ///< Secret: TLS and record key.
inline constexpr const char* kDeviceCertificateFile = "device.crt";
inline constexpr const char* kRootCertificateFile = "ca.crt";
inline constexpr const char* kRequestFile = "request.pem";
inline constexpr const char* kOaRecordPublicFile = "oa-record.pub";  ///< Terminal: hexadecimal.
inline constexpr const char* kOaRecordKeyFile = "record.key";        ///< OA only: secret.

/// A key pair, a certificate for it and the root that everybody trusts.
struct TlsIdentity {
  std::string key_pem;  ///< A secret.
  std::string certificate_pem;
  std::string root_pem;
  crypto::DeviceIdentity self;  ///< What the certificate says.
};

/// Loads device.key, device.crt and ca.crt. Errors: kNotFound when one is missing (the node is not
/// provisioned), kDenied when the key is open to other users, kInvalid when one cannot be read,
/// kConflict when key and certificate, or certificate and root, do not belong together.
Result<TlsIdentity> load_tls_identity(const std::filesystem::path& directory,
                                      crypto::RandomSource& random);

/// The device's key pair. Errors as above.
Result<crypto::P256KeyPair> load_device_key(const std::filesystem::path& directory,
                                            crypto::RandomSource& random);

/// The OA's public record key, installed with a terminal's certificate. Errors: kNotFound,
/// kInvalid.
Result<crypto::PublicKey> oa_record_key_of(const std::filesystem::path& directory);

/// At a terminal: the record key K of its enrolment, from device.key, device.crt and
/// oa-record.pub. Errors: as load_tls_identity(), and kInvalid when the device is no terminal.
Result<crypto::Key256> record_key_from_identity(const std::filesystem::path& directory,
                                                std::uint16_t key_version,
                                                crypto::RandomSource& random);

/// At the OA: its key for record keys, from record.key. Errors: kNotFound, kDenied, kInvalid.
Result<crypto::P256KeyPair> load_oa_record_key(const std::filesystem::path& directory,
                                               crypto::RandomSource& random);

/// At the OA: the record key K of a terminal's enrolment; `terminal` comes from the certificate
/// that was issued. Errors: kInvalid when it is no terminal.
Result<crypto::Key256> record_key_of(const crypto::P256KeyPair& oa_record_key,
                                     const crypto::DeviceIdentity& terminal,
                                     std::uint16_t key_version,
                                     crypto::RandomSource& random);

/// oa-record.pub: 130 hexadecimal digits and a line end. Errors of reading: kInvalid.
std::string write_public_key(const crypto::PublicKey& key);
Result<crypto::PublicKey> read_public_key(std::string_view text);

}  // namespace tally::transport
