#include "transport/identity_files.hpp"

#include <sys/stat.h>

#include "tests/support/temporary_directory.hpp"
#include "tests/transport/test_network.hpp"
#include "transport/secret_file.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::transport;

TEST_GROUP(TransportIdentityFiles) {
  tests::TemporaryDirectory directory;
  OsRandom random;
  test::TestAuthority authority;
  TlsIdentity terminal = authority.terminal();

  void put(const char* name, std::string_view content, FileMode mode = FileMode::kPublic) {
    CHECK(write_small_file(directory.file(name), content, mode).has_value());
  }
  void put_all() {
    put(kDeviceKeyFile, terminal.key_pem, FileMode::kSecret);
    put(kDeviceCertificateFile, terminal.certificate_pem);
    put(kRootCertificateFile, terminal.root_pem);
  }
  void expect_refused(Errc code, const char* words) {
    const auto identity = load_tls_identity(directory.path(), random);
    CHECK_FALSE(identity.has_value());
    CHECK(identity.error().code == code);
    STRCMP_CONTAINS(words, identity.error().what);
  }
};

TEST(TransportIdentityFiles, Complete_IsLoaded) {
  put_all();
  const auto identity = load_tls_identity(directory.path(), random);
  CHECK(identity.has_value());
  CHECK(identity->self.name() == terminal.self.name());
}

TEST(TransportIdentityFiles, MissingFiles_AreNamed) {
  expect_refused(Errc::kNotFound, "device.key is missing");
  put(kDeviceKeyFile, terminal.key_pem, FileMode::kSecret);
  expect_refused(Errc::kNotFound, "device.crt is missing");
  put(kDeviceCertificateFile, terminal.certificate_pem);
  expect_refused(Errc::kNotFound, "ca.crt is missing");
}

TEST(TransportIdentityFiles, KeyOpenToOthers_IsRefusedWithWhatToDo) {
  put_all();
  for (const mode_t mode : {0640U, 0604U, 0620U, 0601U}) {
    CHECK(::chmod(directory.file(kDeviceKeyFile).c_str(), mode) == 0);
    expect_refused(Errc::kDenied, "set its mode to 0600");
  }
}

TEST(TransportIdentityFiles, KeyThatIsNoRegularFile_IsRefused) {
  put_all();
  std::filesystem::remove(directory.file(kDeviceKeyFile));
  CHECK(::mkfifo(directory.file(kDeviceKeyFile).c_str(), 0600) == 0);
  expect_refused(Errc::kDenied, "not a regular file");
}

TEST(TransportIdentityFiles, GarbageInAnyFile_IsNamed) {
  put_all();
  put(kDeviceKeyFile, "garbage", FileMode::kSecret);
  expect_refused(Errc::kInvalid, "device.key is not a private key");
  put_all();
  put(kDeviceCertificateFile, terminal.root_pem);
  expect_refused(Errc::kInvalid, "device.crt is not a device certificate");
  put_all();
  put(kDeviceKeyFile, std::string(kSmallFileBytesMax + 1, 'x'), FileMode::kSecret);
  expect_refused(Errc::kExhausted, "larger");
}

TEST(TransportIdentityFiles, PartsOfDifferentIdentities_AreConflict) {
  put_all();
  put(kDeviceKeyFile, authority.terminal().key_pem, FileMode::kSecret);
  expect_refused(Errc::kConflict, "another key");
  put_all();
  put(kRootCertificateFile, test::TestAuthority{}.terminal().root_pem);
  expect_refused(Errc::kConflict, "not issued by ca.crt");
}

TEST(TransportIdentityFiles, RecordKey_TerminalAndOa_DeriveTheSame) {
  put_all();
  const auto oa = crypto::P256KeyPair::generate(random);
  put(kOaRecordPublicFile, write_public_key(oa.public_key()));
  put(kOaRecordKeyFile, oa.to_pem(), FileMode::kSecret);
  const auto at_terminal = record_key_from_identity(directory.path(), 1, random);
  CHECK(at_terminal.has_value());
  const auto oa_key = load_oa_record_key(directory.path(), random);
  CHECK(oa_key.has_value());
  CHECK(*at_terminal == *record_key_of(*oa_key, terminal.self, 1, random));
  CHECK(*at_terminal != *record_key_of(*oa_key, terminal.self, 2, random));
}

TEST(TransportIdentityFiles, RecordKey_OfAGateway_IsInvalid) {
  terminal = authority.gateway();
  put_all();
  CHECK(record_key_from_identity(directory.path(), 1, random).error().code == Errc::kInvalid);
  const auto oa = crypto::P256KeyPair::generate(random);
  CHECK(record_key_of(oa, terminal.self, 1, random).error().code == Errc::kInvalid);
}

TEST(TransportIdentityFiles, RecordKey_WithoutTheOasKey_SaysSo) {
  put_all();
  CHECK(record_key_from_identity(directory.path(), 1, random).error().code == Errc::kNotFound);
  for (const char* text : {"", "04", "zz", "garbage\n"}) {
    put(kOaRecordPublicFile, text);
    const auto key = record_key_from_identity(directory.path(), 1, random);
    CHECK(key.error().code == Errc::kInvalid);
    STRCMP_CONTAINS("oa-record.pub", key.error().what);
  }
  CHECK(load_oa_record_key(directory.path(), random).error().code == Errc::kNotFound);
}

TEST(TransportIdentityFiles, WriteSmallFile_WhereItCannot_LeavesTheOldFile) {
  put("file", "old");
  CHECK(std::filesystem::create_directory(directory.file("file.new")));
  CHECK_FALSE(write_small_file(directory.file("file"), "new", FileMode::kPublic).has_value());
  CHECK(*read_small_file(directory.file("file")) == "old");
  CHECK(write_small_file(directory.file("no/such"), "x", FileMode::kPublic).error().code ==
        Errc::kNotFound);
}
