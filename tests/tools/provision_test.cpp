#include "tools/provision.hpp"

#include <sys/stat.h>

#include "tests/support/temporary_directory.hpp"
#include "transport/identity_files.hpp"
#include "transport/os_random.hpp"
#include "transport/secret_file.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::tools;

namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;
// 2026-11-21 09:30:00 UTC.
constexpr WallTime kNow{1'795'253'400'000'000};

mode_t mode_of(const std::string& path) {
  struct stat status {};
  CHECK(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

}  // namespace

TEST_GROUP(Provision) {
  tests::TemporaryDirectory directory;
  transport::OsRandom random;
  std::string ca = directory.file("ca");
  std::string device = directory.file("terminal-101");
  std::string oa = directory.file("oa");

  std::string read(const std::string& path) {
    return *transport::read_small_file(path);
  }

  std::string request(const std::string& identity) {
    return *make_request(identity, "TS-0001", false, random);
  }
  Result<IssuedCertificate> sign(const std::string& text, const Registration& registration) {
    return sign_request(ca, text, registration, kNow, random);
  }
  void make_authority() {
    CHECK(init_authority(ca, kNow, false, random).has_value());
  }

  // A terminal with its key, its certificate and what to install.
  Installation signed_terminal() {
    make_authority();
    Installation installation;
    installation.certificate_pem = sign(request(device), {Role::kTerminal, 101, StoreId{1}})->pem;
    installation.root_pem = read(ca + "/ca.crt");
    installation.oa_record_key = *make_oa_record_key(oa, false, random);
    return installation;
  }
};

TEST(Provision, WholeEnrolment_GivesAnIdentityAndTheSameRecordKey) {
  const Installation installation = signed_terminal();
  const auto installed = install(device, installation, random);
  CHECK(installed.has_value());
  CHECK(installed->name() == crypto::DeviceName(Role::kTerminal, 101, Incarnation{1}, StoreId{1}));
  CHECK(transport::load_tls_identity(device, random).has_value());
  const auto at_terminal = transport::record_key_from_identity(device, 1, random);
  const auto oa_key = transport::load_oa_record_key(oa, random);
  const auto issued =
      crypto::parse_device_certificate(as_bytes(read(ca + "/issued/terminal-101.1.crt")));
  CHECK(*at_terminal == *transport::record_key_of(*oa_key, *issued, 1, random));
}

TEST(Provision, Secrets_AreFilesOfMode0600InDirectoriesOf0700) {
  CHECK(install(device, signed_terminal(), random).has_value());
  LONGS_EQUAL(0600, mode_of(ca + "/ca.key"));
  LONGS_EQUAL(0600, mode_of(device + "/device.key"));
  LONGS_EQUAL(0600, mode_of(oa + "/record.key"));
  LONGS_EQUAL(0700, mode_of(ca));
  LONGS_EQUAL(0700, mode_of(device));
  LONGS_EQUAL(0700, mode_of(oa));
}

TEST(Provision, WhatTravels_HoldsNoPrivateKey) {
  const Installation installation = signed_terminal();
  CHECK(install(device, installation, random).has_value());
  for (const std::string& text : {read(device + "/request.pem"),
                                  installation.certificate_pem,
                                  installation.root_pem,
                                  *installation.oa_record_key,
                                  *show_identity(device, kNow, random)}) {
    CHECK(text.find("PRIVATE") == std::string::npos);
  }
}

TEST(Provision, Init_WhereThereIsAnAuthority_IsConflict) {
  make_authority();
  const std::string root = read(ca + "/ca.crt");
  CHECK(init_authority(ca, kNow, false, random).error().code == Errc::kConflict);
  CHECK(read(ca + "/ca.crt") == root);
  CHECK(init_authority(ca, kNow, true, random).has_value());
  CHECK(read(ca + "/ca.crt") != root);
}

TEST(Provision, Request_Again_KeepsTheKey) {
  static_cast<void>(request(device));
  const std::string key = read(device + "/device.key");
  static_cast<void>(request(device));
  CHECK(read(device + "/device.key") == key);
  CHECK(make_request(device, "TS-0001", true, random).has_value());
  CHECK(read(device + "/device.key") != key);
}

TEST(Provision, Request_WrongSerialWithForce_KeepsTheOldKey) {
  static_cast<void>(request(device));
  const std::string key = read(device + "/device.key");
  CHECK(make_request(device, "a,CN=b", true, random).error().code == Errc::kInvalid);
  CHECK(read(device + "/device.key") == key);
}

TEST(Provision, Request_KeyOpenToOthers_IsDenied) {
  static_cast<void>(request(device));
  CHECK(::chmod((device + "/device.key").c_str(), 0644) == 0);
  CHECK(make_request(device, "TS-0001", false, random).error().code == Errc::kDenied);
}

TEST(Provision, Sign_SameDeviceAgain_IsTheNextIncarnation) {
  make_authority();
  const std::string text = request(device);
  for (std::uint32_t n = 1; n <= 12; ++n) {
    const auto issued = sign(text, {Role::kTerminal, 101, StoreId{1}});
    LONGS_EQUAL(n, issued->name.incarnation.value);
    CHECK(read(ca + "/issued/terminal-101." + std::to_string(n) + ".crt") == issued->pem);
  }
  LONGS_EQUAL(1, sign(text, {Role::kTerminal, 102, StoreId{1}})->name.incarnation.value);
  LONGS_EQUAL(1, sign(text, {Role::kGateway, 101, StoreId{1}})->name.incarnation.value);
}

TEST(Provision, Sign_Dates_AreAsAskedFor) {
  make_authority();
  const auto issued = sign(request(device), {Role::kTerminal, 101, StoreId{1}, 30});
  const auto identity = crypto::parse_device_certificate(as_bytes(issued->pem));
  CHECK(identity->not_after.us == kNow.us + 30 * kDayUs);
  CHECK(identity->not_before < kNow);
}

TEST(Provision, Sign_WithoutAuthority_SaysSo) {
  const auto issued = sign(request(device), {Role::kTerminal, 101, StoreId{1}});
  CHECK(issued.error().code == Errc::kNotFound);
  STRCMP_CONTAINS("provision init", issued.error().what);
}

TEST(Provision, Sign_ImpossibleRegistration_IsInvalid_AndLeavesNoTrace) {
  make_authority();
  const std::string text = request(device);
  for (const Registration& registration : {Registration{Role::kTerminal, 0, StoreId{1}},
                                           Registration{Role::kTerminal, 101, StoreId{}},
                                           Registration{Role::kOa, 1, StoreId{1}},
                                           Registration{Role::kTerminal, 101, StoreId{1}, 0},
                                           Registration{Role::kTerminal, 101, StoreId{1}, 3651}}) {
    CHECK(sign(text, registration).error().code == Errc::kInvalid);
  }
  CHECK(std::filesystem::is_empty(ca + "/issued"));
}

TEST(Provision, Sign_GarbageOrACertificate_IsInvalid) {
  const Installation installation = signed_terminal();
  const Registration registration{Role::kTerminal, 101, StoreId{1}};
  CHECK(sign("garbage", registration).error().code == Errc::kInvalid);
  CHECK(sign("", registration).error().code == Errc::kInvalid);
  CHECK(sign(installation.certificate_pem, registration).error().code == Errc::kInvalid);
}

TEST(Provision, Install_WithoutOwnKey_IsNotFound) {
  const Installation installation = signed_terminal();
  CHECK(install(directory.file("empty"), installation, random).error().code == Errc::kNotFound);
}

TEST(Provision, Install_CertificateOfAnotherDevice_IsConflict) {
  Installation installation = signed_terminal();
  installation.certificate_pem =
      sign(request(directory.file("other")), {Role::kTerminal, 102, StoreId{1}})->pem;
  const auto installed = install(device, installation, random);
  CHECK(installed.error().code == Errc::kConflict);
  STRCMP_CONTAINS("another device's key", installed.error().what);
  CHECK_FALSE(std::filesystem::exists(device + "/device.crt"));
}

TEST(Provision, Install_WrongAuthorityOrGarbage_IsRefused) {
  Installation installation = signed_terminal();
  const std::string other = directory.file("other-ca");
  CHECK(init_authority(other, kNow, false, random).has_value());
  Installation wrong = installation;
  wrong.root_pem = read(other + "/ca.crt");
  CHECK(install(device, wrong, random).error().code == Errc::kConflict);
  wrong.root_pem = "garbage";
  CHECK(install(device, wrong, random).error().code == Errc::kInvalid);
  wrong = installation;
  wrong.certificate_pem = installation.root_pem;
  CHECK(install(device, wrong, random).error().code == Errc::kInvalid);
  wrong = installation;
  wrong.oa_record_key = "0400";
  CHECK(install(device, wrong, random).error().code == Errc::kInvalid);
  CHECK_FALSE(std::filesystem::exists(device + "/device.crt"));
}

TEST(Provision, Install_TerminalWithoutTheOasRecordKey_IsInvalid) {
  Installation installation = signed_terminal();
  installation.oa_record_key.reset();
  const auto installed = install(device, installation, random);
  CHECK(installed.error().code == Errc::kInvalid);
  STRCMP_CONTAINS("--oa-record-key", installed.error().what);
}

TEST(Provision, Install_GatewayAndOa_NeedNoRecordKey) {
  make_authority();
  Installation installation;
  installation.root_pem = read(ca + "/ca.crt");
  installation.certificate_pem = sign(request(device), {Role::kGateway, 11, StoreId{1}})->pem;
  CHECK(install(device, installation, random).has_value());
  installation.certificate_pem = sign(request(oa), {Role::kOa, 1, StoreId{}})->pem;
  CHECK(install(oa, installation, random).has_value());
}

TEST(Provision, Install_EarlierIncarnationOrOtherRoot_NeedsForce) {
  const Installation first = signed_terminal();
  Installation second = first;
  second.certificate_pem =
      sign(read(device + "/request.pem"), {Role::kTerminal, 101, StoreId{1}})->pem;
  CHECK(install(device, second, random).has_value());
  CHECK(install(device, second, random).has_value());
  Installation back = first;
  CHECK(install(device, back, random).error().code == Errc::kConflict);
  back.force = true;
  CHECK(install(device, back, random).has_value());

  ca = directory.file("other-ca");
  make_authority();
  Installation moved = first;
  moved.root_pem = read(ca + "/ca.crt");
  moved.certificate_pem =
      sign(read(device + "/request.pem"), {Role::kTerminal, 101, StoreId{1}})->pem;
  CHECK(install(device, moved, random).error().code == Errc::kConflict);
  moved.force = true;
  CHECK(install(device, moved, random).has_value());
}

TEST(Provision, OaRecordKey_Again_IsTheSame_UnlessForced) {
  const std::string first = *make_oa_record_key(oa, false, random);
  CHECK(first == read(oa + "/oa-record.pub"));
  CHECK(first == *make_oa_record_key(oa, false, random));
  CHECK(first != *make_oa_record_key(oa, true, random));
}

TEST(Provision, Show_SaysWhoAndHowLong) {
  CHECK(install(device, signed_terminal(), random).has_value());
  const std::string text = *show_identity(device, kNow, random);
  STRCMP_CONTAINS("role: terminal\nnode: 101\nincarnation: 1\nstore: 1\n", text.c_str());
  STRCMP_CONTAINS("valid to: 2027-02-19 09:30:00 UTC\n", text.c_str());
  STRCMP_CONTAINS("record key: agreed with the OA\n", text.c_str());
  STRCMP_CONTAINS("(expired)", show_identity(device, {kNow.us + 91 * kDayUs}, random)->c_str());
  CHECK(show_identity(oa, kNow, random).error().code == Errc::kNotFound);
}
