#include "core/crypto/certificate.hpp"

#include "tests/core/crypto/vector.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::crypto;
using tally::test::SeededRandom;

namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kDayUs = 86'400 * kSecondUs;
// 2026-11-21 09:30:00 UTC.
constexpr WallTime kNow{1'795'253'400 * kSecondUs};

constexpr WallTime days_from_now(std::int64_t days) {
  return {kNow.us + days * kDayUs};
}

constexpr Validity kRootDates{days_from_now(-1), days_from_now(7300)};
constexpr Validity kDeviceDates{days_from_now(0), days_from_now(90)};
constexpr DeviceName kTerminal101{Role::kTerminal, 101, Incarnation{2}, StoreId{7}};

}  // namespace

TEST_GROUP(CryptoCertificate) {
  SeededRandom random{11};
  CertificateAuthority authority = *CertificateAuthority::create(kRootDates, random);
  P256KeyPair key = P256KeyPair::generate(random);

  std::string issue(const DeviceName& name) {
    return *authority.issue(name, key.public_key(), kDeviceDates, random);
  }
};

TEST(CryptoCertificate, Request_RoundTrip_GivesKeyAndSerial) {
  const auto pem = make_certificate_request(key, "TS-0001.a_B", random);
  const auto request = parse_certificate_request(*pem);
  CHECK(request.has_value());
  CHECK(request->public_key == key.public_key());
  STRCMP_EQUAL("TS-0001.a_B", request->serial.c_str());
}

TEST(CryptoCertificate, Request_ImpossibleSerial_IsRefused) {
  for (const char* serial :
       {"", "a b", "a,OU=store-1", "x=y", "a\nb", "12345678901234567890123456789012345678901"}) {
    CHECK(make_certificate_request(key, serial, random).error().code == Errc::kInvalid);
  }
}

TEST(CryptoCertificate, ParseRequest_GarbageEmptyCutOrHuge_IsInvalid) {
  const std::string pem = *make_certificate_request(key, "TS-1", random);
  for (const std::string& text : {std::string{"hello"},
                                  std::string{},
                                  pem.substr(0, pem.size() - 60),
                                  std::string(5000, 'A'),
                                  issue(kTerminal101),
                                  key.to_pem()}) {
    CHECK(parse_certificate_request(text).error().code == Errc::kInvalid);
  }
}

// The library itself does not look at the signature. A few bits outside it mean nothing.
TEST(CryptoCertificate, ParseRequest_AnyCharacterChanged_NeverGivesOtherContent) {
  const std::string pem = *make_certificate_request(key, "TS-1", random);
  const auto begin = pem.find('\n') + 1;
  const auto end = pem.find("\n-----END");
  std::size_t accepted = 0;
  for (auto i = begin; i < end; ++i) {
    std::string changed = pem;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto request = parse_certificate_request(changed);
    if (request) {
      ++accepted;
      CHECK(request->public_key == key.public_key() && request->serial == "TS-1");
    }
  }
  CHECK(accepted < 5);
}

TEST(CryptoCertificate, Issue_ThenRead_GivesTheRegisteredValues) {
  const auto identity = parse_device_certificate(as_bytes(issue(kTerminal101)));
  CHECK(identity.has_value());
  CHECK(identity->name() == kTerminal101);
  CHECK(identity->public_key == key.public_key());
  CHECK(identity->not_before == kDeviceDates.not_before);
  CHECK(identity->not_after == kDeviceDates.not_after);
}

TEST(CryptoCertificate, Issue_EveryRole_IsReadBack) {
  for (const DeviceName& name :
       {DeviceName{Role::kGateway, 11, Incarnation{1}, StoreId{7}},
        DeviceName{Role::kOa, 1, Incarnation{3}, StoreId{}},
        DeviceName{Role::kTerminal, 0xffffffff, Incarnation{0xffffffff}, StoreId{0xffffffff}}}) {
    const auto identity = parse_device_certificate(as_bytes(issue(name)));
    CHECK(identity.has_value());
    CHECK(identity->name() == name);
  }
}

TEST(CryptoCertificate, Issue_ImpossibleName_IsInvalid) {
  for (const DeviceName& name : {DeviceName{Role::kTerminal, 0, Incarnation{1}, StoreId{7}},
                                 DeviceName{Role::kTerminal, 1, Incarnation{}, StoreId{7}},
                                 DeviceName{Role::kGateway, 1, Incarnation{1}, StoreId{}},
                                 DeviceName{Role::kOa, 1, Incarnation{1}, StoreId{7}}}) {
    CHECK(authority.issue(name, key.public_key(), kDeviceDates, random).error().code ==
          Errc::kInvalid);
  }
}

TEST(CryptoCertificate, Issue_ImpossibleDates_IsInvalid) {
  for (const Validity& dates : {Validity{days_from_now(1), days_from_now(1)},
                                Validity{days_from_now(2), days_from_now(1)},
                                Validity{WallTime{-1}, days_from_now(1)},
                                Validity{kNow, days_from_now(7301)}}) {
    CHECK(authority.issue(kTerminal101, key.public_key(), dates, random).error().code ==
          Errc::kInvalid);
  }
}

TEST(CryptoCertificate, Issue_PointOffTheCurve_IsInvalid) {
  CHECK(authority.issue(kTerminal101, PublicKey{}, kDeviceDates, random).error().code ==
        Errc::kInvalid);
}

TEST(CryptoCertificate, VerifyIssuedBy_OwnRoot_Holds) {
  CHECK(verify_issued_by(as_bytes(issue(kTerminal101)), as_bytes(authority.certificate_pem()))
            .has_value());
}

// Dates are judged elsewhere, against a bracket.
TEST(CryptoCertificate, VerifyIssuedBy_ExpiredCertificate_Holds) {
  const auto pem =
      authority.issue(kTerminal101, key.public_key(), {WallTime{0}, WallTime{kSecondUs}}, random);
  CHECK(verify_issued_by(as_bytes(*pem), as_bytes(authority.certificate_pem())).has_value());
}

TEST(CryptoCertificate, VerifyIssuedBy_AnotherRoot_IsDenied) {
  const auto other = CertificateAuthority::create(kRootDates, random);
  CHECK(verify_issued_by(as_bytes(issue(kTerminal101)), as_bytes(other->certificate_pem()))
            .error()
            .code == Errc::kDenied);
}

TEST(CryptoCertificate, VerifyIssuedBy_DeviceAsAuthority_IsDenied) {
  const std::string device = issue(kTerminal101);
  CHECK(verify_issued_by(as_bytes(device), as_bytes(device)).error().code == Errc::kDenied);
}

TEST(CryptoCertificate, VerifyIssuedBy_Garbage_IsInvalid) {
  CHECK(verify_issued_by(as_bytes("x"), as_bytes(authority.certificate_pem())).error().code ==
        Errc::kInvalid);
  CHECK(verify_issued_by(as_bytes(issue(kTerminal101)), {}).error().code == Errc::kInvalid);
}

TEST(CryptoCertificate, ParseDevice_RootTwoOrGarbage_IsInvalid) {
  const std::string device = issue(kTerminal101);
  for (const std::string& text : {authority.certificate_pem(),
                                  device + device,
                                  std::string{"hello"},
                                  std::string{},
                                  device.substr(0, device.size() / 2),
                                  std::string(9000, '0')}) {
    CHECK(parse_device_certificate(as_bytes(text)).error().code == Errc::kInvalid);
  }
}

TEST(CryptoCertificate, Authority_FromItsFiles_IssuesAgain) {
  const auto again =
      CertificateAuthority::from_pem(authority.key_pem(), authority.certificate_pem(), random);
  CHECK(again.has_value());
  CHECK(again->validity().not_after == kRootDates.not_after);
  const auto pem = again->issue(kTerminal101, key.public_key(), kDeviceDates, random);
  CHECK(verify_issued_by(as_bytes(*pem), as_bytes(authority.certificate_pem())).has_value());
}

TEST(CryptoCertificate, Authority_KeyOfAnotherRoot_IsConflict) {
  const auto other = CertificateAuthority::create(kRootDates, random);
  CHECK(CertificateAuthority::from_pem(other->key_pem(), authority.certificate_pem(), random)
            .error()
            .code == Errc::kConflict);
}

TEST_GROUP(CryptoIdentity){};

TEST(CryptoIdentity, CommonName_RoundTrip_GivesTheSameName) {
  const DeviceName name{Role::kGateway, 11, Incarnation{3}, StoreId{}};
  STRCMP_EQUAL("gateway-11.3", common_name(name).c_str());
  CHECK(*parse_common_name("gateway-11.3") == name);
  STRCMP_EQUAL("gateway-11", server_name(Role::kGateway, 11).c_str());
}

TEST(CryptoIdentity, ParseCommonName_AnythingElse_IsInvalid) {
  for (const char* text : {"",
                           "gateway",
                           "gateway-11",
                           "gateway-11.",
                           "gateway-.1",
                           "gateway-0.1",
                           "gateway-1.0",
                           "gateway-01.1",
                           "gateway-+1.1",
                           "gateway-1.1 ",
                           "gateway-1.1.1",
                           "gateway-4294967296.1",
                           "Gateway-1.1",
                           "till-1.1",
                           "gateway.1-1"}) {
    CHECK(parse_common_name(text).error().code == Errc::kInvalid);
  }
}
