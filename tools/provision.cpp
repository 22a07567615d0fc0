#include "tools/provision.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "core/base/try.hpp"
#include "core/crypto/mac.hpp"

#include "transport/identity_files.hpp"
#include "transport/secret_file.hpp"

namespace tally::tools {
namespace {

using transport::FileMode;
using transport::write_small_file;

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kDayUs = 24 * kHourUs;
constexpr std::int64_t kRootDays = 20 * 365;
constexpr std::uint32_t kDaysMax = 3650;
// Devices and office do not agree on the time to the second.
constexpr std::int64_t kBackdateUs = kHourUs;

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

// A directory for keys is its owner's alone. One that exists stays as its owner made it.
Status make_directory(const std::filesystem::path& directory) {
  std::error_code error;
  if (std::filesystem::is_directory(directory, error)) {
    return {};
  }
  std::filesystem::create_directories(directory, error);
  if (!error) {
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  }
  if (error) {
    return make_error(Errc::kDenied, "directory could not be made", error.value());
  }
  return {};
}

Result<crypto::CertificateAuthority> load_authority(const std::filesystem::path& ca,
                                                    crypto::RandomSource& random) {
  const auto key = transport::read_secret_file(ca / kRootKeyFile);
  const auto certificate = transport::read_small_file(ca / kRootFile);
  for (const auto* file : {&key, &certificate}) {
    if (!*file && file->error().code == Errc::kNotFound) {
      return make_error(Errc::kNotFound,
                        "this directory holds no authority: make one with `tally provision init`");
    }
    if (!*file) {
      return Error{file->error()};
    }
  }
  return crypto::CertificateAuthority::from_pem(*key, *certificate, random);
}

// The last incarnation that was issued; 0 when none was.
Result<std::uint32_t> last_incarnation(const std::filesystem::path& issued,
                                       Role role,
                                       std::uint32_t node) {
  std::error_code error;
  std::uint32_t last = 0;
  std::filesystem::directory_iterator entry{issued, error};
  while (!error && entry != std::filesystem::directory_iterator{}) {
    if (entry->path().extension() == ".crt") {
      const auto name = crypto::parse_common_name(entry->path().stem().string());
      if (name && name->role == role && name->node == node) {
        last = std::max(last, name->incarnation.value);
      }
    }
    entry.increment(error);
  }
  if (error) {
    return make_error(
        Errc::kUnavailable, "the list of issued certificates cannot be read", error.value());
  }
  return last;
}

// Never replaces: a certificate that was issued stays on record.
Status put_on_record(const std::filesystem::path& path, std::string_view pem) {
  const std::filesystem::path draft = path.string() + ".draft";
  TALLY_TRY(write_small_file(draft, pem, FileMode::kPublic));
  std::error_code error;
  std::filesystem::create_hard_link(draft, path, error);
  std::error_code ignored;
  std::filesystem::remove(draft, ignored);
  if (error == std::errc::file_exists) {
    return make_error(Errc::kConflict, "another certificate was issued just now: sign again");
  }
  if (error) {
    return make_error(
        Errc::kUnavailable, "issued certificate could not be recorded", error.value());
  }
  return {};
}

std::string date_text(WallTime time) {
  using namespace std::chrono;
  const sys_time<microseconds> point{microseconds{time.us}};
  const auto day = floor<days>(point);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<seconds>(point - day)};
  char text[32];
  std::snprintf(text,
                sizeof text,
                "%04d-%02u-%02u %02d:%02d:%02d UTC",
                static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

std::string fingerprint(ByteView bytes) {
  return to_hex(crypto::sha256(bytes));
}

}  // namespace

Status init_authority(const std::filesystem::path& ca,
                      WallTime now,
                      bool force,
                      crypto::RandomSource& random) {
  if (is_there(ca / kRootKeyFile) && !force) {
    return make_error(Errc::kConflict,
                      "this directory already holds an authority: every device trusts it; "
                      "--force replaces it, and each must then be enrolled again");
  }
  TALLY_TRY_ASSIGN(const auto authority,
                   crypto::CertificateAuthority::create(
                       {WallTime{now.us - kDayUs}, WallTime{now.us + kRootDays * kDayUs}}, random));
  TALLY_TRY(make_directory(ca));
  TALLY_TRY(make_directory(ca / kIssuedFolder));
  TALLY_TRY(write_small_file(ca / kRootKeyFile, authority.key_pem(), FileMode::kSecret));
  return write_small_file(ca / kRootFile, authority.certificate_pem(), FileMode::kPublic);
}

Result<std::string> make_request(const std::filesystem::path& identity,
                                 std::string_view serial,
                                 bool force,
                                 crypto::RandomSource& random) {
  TALLY_TRY(make_directory(identity));
  std::optional<crypto::P256KeyPair> key;
  const bool keep = !force && is_there(identity / transport::kDeviceKeyFile);
  if (keep) {
    TALLY_TRY_ASSIGN(key, transport::load_device_key(identity, random));
  } else {
    key = crypto::P256KeyPair::generate(random);
  }
  // Before the key is written: a wrong serial must not cost the old one.
  TALLY_TRY_ASSIGN(std::string request, crypto::make_certificate_request(*key, serial, random));
  if (!keep) {
    TALLY_TRY(
        write_small_file(identity / transport::kDeviceKeyFile, key->to_pem(), FileMode::kSecret));
  }
  TALLY_TRY(write_small_file(identity / transport::kRequestFile, request, FileMode::kPublic));
  return request;
}

Result<IssuedCertificate> sign_request(const std::filesystem::path& ca,
                                       std::string_view request_pem,
                                       const Registration& registration,
                                       WallTime now,
                                       crypto::RandomSource& random) {
  if (registration.days == 0 || registration.days > kDaysMax) {
    return make_error(Errc::kInvalid, "a certificate is valid for 1 to 3650 days");
  }
  TALLY_TRY_ASSIGN(const auto authority, load_authority(ca, random));
  TALLY_TRY_ASSIGN(const auto request, crypto::parse_certificate_request(request_pem));
  const std::filesystem::path issued = ca / kIssuedFolder;
  TALLY_TRY(make_directory(issued));
  TALLY_TRY_ASSIGN(const std::uint32_t last,
                   last_incarnation(issued, registration.role, registration.node));
  IssuedCertificate certificate;
  certificate.name = {
      registration.role, registration.node, Incarnation{last + 1}, registration.store};
  const crypto::Validity validity{WallTime{now.us - kBackdateUs},
                                  WallTime{now.us + std::int64_t{registration.days} * kDayUs}};
  TALLY_TRY_ASSIGN(certificate.pem,
                   authority.issue(certificate.name, request.public_key, validity, random));
  TALLY_TRY(put_on_record(issued / crypto::common_name(certificate.name).append(".crt"),
                          certificate.pem));
  return certificate;
}

Result<crypto::DeviceIdentity> install(const std::filesystem::path& identity,
                                       const Installation& installation,
                                       crypto::RandomSource& random) {
  TALLY_TRY_ASSIGN(const auto key, transport::load_device_key(identity, random));
  const auto certificate = crypto::parse_device_certificate(as_bytes(installation.certificate_pem));
  if (!certificate) {
    return make_error(certificate.error().code,
                      "the certificate is not a device certificate of this product");
  }
  const Status issued = crypto::verify_issued_by(as_bytes(installation.certificate_pem),
                                                 as_bytes(installation.root_pem));
  if (!issued) {
    return make_error(issued.error().code == Errc::kDenied ? Errc::kConflict : issued.error().code,
                      "the certificate was not issued by this authority");
  }
  if (certificate->public_key != key.public_key()) {
    return make_error(Errc::kConflict,
                      "the certificate is for another device's key: sign this device's own "
                      "request.pem");
  }
  if (!installation.force) {
    const auto root = transport::read_small_file(identity / transport::kRootCertificateFile);
    if (root && *root != installation.root_pem) {
      return make_error(Errc::kConflict,
                        "this device belongs to another authority; --force moves it");
    }
    const auto present = transport::read_small_file(identity / transport::kDeviceCertificateFile);
    const auto earlier =
        present ? crypto::parse_device_certificate(as_bytes(*present)) : certificate;
    if (earlier && earlier->role == certificate->role && earlier->node == certificate->node &&
        earlier->incarnation > certificate->incarnation) {
      return make_error(Errc::kConflict,
                        "a later incarnation is installed already; --force goes back");
    }
  }
  if (installation.oa_record_key) {
    const auto oa = transport::read_public_key(*installation.oa_record_key);
    if (!oa) {
      return make_error(Errc::kInvalid, "the OA's public record key cannot be read");
    }
    TALLY_TRY(write_small_file(identity / transport::kOaRecordPublicFile,
                               transport::write_public_key(*oa),
                               FileMode::kPublic));
  } else if (certificate->role == Role::kTerminal &&
             !is_there(identity / transport::kOaRecordPublicFile)) {
    return make_error(Errc::kInvalid,
                      "a terminal needs the OA's public record key as well: --oa-record-key");
  }
  TALLY_TRY(write_small_file(
      identity / transport::kRootCertificateFile, installation.root_pem, FileMode::kPublic));
  TALLY_TRY(write_small_file(identity / transport::kDeviceCertificateFile,
                             installation.certificate_pem,
                             FileMode::kPublic));
  return *certificate;
}

Result<std::string> make_oa_record_key(const std::filesystem::path& identity,
                                       bool force,
                                       crypto::RandomSource& random) {
  TALLY_TRY(make_directory(identity));
  std::optional<crypto::P256KeyPair> key;
  if (!force && is_there(identity / transport::kOaRecordKeyFile)) {
    TALLY_TRY_ASSIGN(key, transport::load_oa_record_key(identity, random));
  } else {
    key = crypto::P256KeyPair::generate(random);
    TALLY_TRY(
        write_small_file(identity / transport::kOaRecordKeyFile, key->to_pem(), FileMode::kSecret));
  }
  std::string text = transport::write_public_key(key->public_key());
  TALLY_TRY(write_small_file(identity / transport::kOaRecordPublicFile, text, FileMode::kPublic));
  return text;
}

Result<std::string> show_identity(const std::filesystem::path& identity,
                                  WallTime now,
                                  crypto::RandomSource& random) {
  TALLY_TRY_ASSIGN(const auto loaded, transport::load_tls_identity(identity, random));
  const crypto::DeviceIdentity& self = loaded.self;
  std::string text;
  const auto line = [&text](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\n");
  };
  line("role", crypto::name_of(self.role));
  line("node", std::to_string(self.node));
  line("incarnation", std::to_string(self.incarnation.value));
  if (self.store) {
    line("store", std::to_string(self.store.value));
  }
  line("server name", crypto::server_name(self.role, self.node));
  line("valid from", date_text(self.not_before));
  line("valid to", date_text(self.not_after).append(now > self.not_after ? " (expired)" : ""));
  line("key sha256", fingerprint(self.public_key));
  line("root sha256", fingerprint(as_bytes(loaded.root_pem)));
  if (self.role == Role::kTerminal) {
    const auto key = transport::record_key_from_identity(identity, 1, random);
    line("record key", key ? "agreed with the OA" : key.error().what);
  }
  if (self.role == Role::kOa) {
    const auto key = transport::load_oa_record_key(identity, random);
    line("record key", key ? fingerprint(key->public_key()) : key.error().what);
  }
  return text;
}

}  // namespace tally::tools
