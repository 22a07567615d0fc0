#include "transport/identity_files.hpp"

#include "core/base/try.hpp"

#include "transport/secret_file.hpp"

namespace tally::transport {

namespace {

// Names the file in the error: `what` is all a technician sees.
template <class T>
Result<T> named(Result<T> result, const char* missing, const char* unusable) {
  if (!result && result.error().code == Errc::kNotFound) {
    return make_error(Errc::kNotFound, missing);
  }
  if (!result && result.error().code == Errc::kInvalid) {
    return make_error(Errc::kInvalid, unusable, result.error().detail);
  }
  return result;
}

Result<crypto::P256KeyPair> load_key(const std::filesystem::path& path,
                                     crypto::RandomSource& random) {
  TALLY_TRY_ASSIGN(const std::string pem, read_secret_file(path));
  return crypto::P256KeyPair::from_pem(pem, random);
}

Result<std::string> load_certificate(const std::filesystem::path& directory) {
  return named(read_small_file(directory / kDeviceCertificateFile),
               "device.crt is missing: have the request signed and install the certificate",
               "device.crt is unusable");
}

Result<crypto::DeviceIdentity> read_certificate(std::string_view pem) {
  return named(crypto::parse_device_certificate(as_bytes(pem)),
               "device.crt is missing",
               "device.crt is not a device certificate of this product");
}

}  // namespace

Result<crypto::P256KeyPair> load_device_key(const std::filesystem::path& directory,
                                            crypto::RandomSource& random) {
  return named(load_key(directory / kDeviceKeyFile, random),
               "device.key is missing: this node has no identity yet, make a request first",
               "device.key is not a private key");
}

Result<TlsIdentity> load_tls_identity(const std::filesystem::path& directory,
                                      crypto::RandomSource& random) {
  TALLY_TRY_ASSIGN(const crypto::P256KeyPair key, load_device_key(directory, random));
  TlsIdentity identity;
  identity.key_pem = key.to_pem();
  TALLY_TRY_ASSIGN(identity.certificate_pem, load_certificate(directory));
  TALLY_TRY_ASSIGN(identity.root_pem,
                   named(read_small_file(directory / kRootCertificateFile),
                         "ca.crt is missing: install it with the certificate",
                         "ca.crt is unusable"));
  TALLY_TRY_ASSIGN(identity.self, read_certificate(identity.certificate_pem));
  if (identity.self.public_key != key.public_key()) {
    return make_error(Errc::kConflict, "device.crt was issued for another key than device.key");
  }
  const Status issued =
      crypto::verify_issued_by(as_bytes(identity.certificate_pem), as_bytes(identity.root_pem));
  if (!issued) {
    return make_error(
        Errc::kConflict, "device.crt was not issued by ca.crt", issued.error().detail);
  }
  return identity;
}

Result<crypto::PublicKey> oa_record_key_of(const std::filesystem::path& directory) {
  TALLY_TRY_ASSIGN(
      const std::string text,
      named(read_small_file(directory / kOaRecordPublicFile),
            "oa-record.pub is missing: install the OA's public record key with the certificate",
            "oa-record.pub is unusable"));
  return named(read_public_key(text),
               "oa-record.pub is missing",
               "oa-record.pub is not the OA's public record key");
}

Result<crypto::Key256> record_key_from_identity(const std::filesystem::path& directory,
                                                std::uint16_t key_version,
                                                crypto::RandomSource& random) {
  TALLY_TRY_ASSIGN(const crypto::P256KeyPair key, load_device_key(directory, random));
  TALLY_TRY_ASSIGN(const std::string pem, load_certificate(directory));
  TALLY_TRY_ASSIGN(const crypto::DeviceIdentity self, read_certificate(pem));
  if (self.role != Role::kTerminal) {
    return make_error(Errc::kInvalid, "only a terminal has a record key");
  }
  if (self.public_key != key.public_key()) {
    return make_error(Errc::kConflict, "device.crt was issued for another key than device.key");
  }
  TALLY_TRY_ASSIGN(const crypto::PublicKey oa, oa_record_key_of(directory));
  TALLY_TRY_ASSIGN(const crypto::SharedSecret shared, key.ecdh(oa, random));
  return crypto::derive_record_key(shared, TerminalId{self.node}, self.incarnation, key_version);
}

Result<crypto::P256KeyPair> load_oa_record_key(const std::filesystem::path& directory,
                                               crypto::RandomSource& random) {
  return named(load_key(directory / kOaRecordKeyFile, random),
               "record.key is missing: make it with `tally provision oa-record-key`",
               "record.key is not a private key");
}

Result<crypto::Key256> record_key_of(const crypto::P256KeyPair& oa_record_key,
                                     const crypto::DeviceIdentity& terminal,
                                     std::uint16_t key_version,
                                     crypto::RandomSource& random) {
  if (terminal.role != Role::kTerminal) {
    return make_error(Errc::kInvalid, "only a terminal has a record key");
  }
  TALLY_TRY_ASSIGN(const crypto::SharedSecret shared,
                   oa_record_key.ecdh(terminal.public_key, random));
  return crypto::derive_record_key(
      shared, TerminalId{terminal.node}, terminal.incarnation, key_version);
}

std::string write_public_key(const crypto::PublicKey& key) {
  return to_hex(key).append("\n");
}

Result<crypto::PublicKey> read_public_key(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  TALLY_TRY_ASSIGN(const Bytes bytes, from_hex(text));
  return crypto::to_public_key(bytes);
}

}  // namespace tally::transport
