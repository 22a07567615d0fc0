#include "core/crypto/p256.hpp"

#include "tests/core/crypto/key_pem.hpp"
#include "tests/core/crypto/vector.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::crypto;
using tally::test::hex;
using tally::test::hex_array;
using tally::test::key_pem;
using tally::test::SeededRandom;

namespace {

// RFC 6979, appendix A.2.5.
constexpr std::string_view kSignSecret =
    "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
constexpr std::string_view kSignPoint =
    "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";

}  // namespace

TEST_GROUP(CryptoP256) {
  SeededRandom random{7};
};

TEST(CryptoP256, Sign_Rfc6979Sample_Matches) {
  const auto key = P256KeyPair::from_pem(key_pem(kSignSecret, kSignPoint), random);
  CHECK(key.has_value());
  CHECK(key->public_key() == hex_array<65>(kSignPoint));
  const Signature signature = key->ecdsa_sign(as_bytes("sample"), random);
  STRCMP_EQUAL(
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
      "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
      to_hex(signature).c_str());
}

// NIST CAVP, ECC CDH primitive, P-256, count 0.
TEST(CryptoP256, Ecdh_NistVector_Matches) {
  const auto key = P256KeyPair::from_pem(
      key_pem("7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534",
              "04ead218590119e8876b29146ff89ca61770c4edbbf97d38ce385ed281d8a6b230"
              "28af61281fd35e2fa7002523acc85a429cb06ee6648325389f59edfce1405141"),
      random);
  const auto shared =
      key->ecdh(hex_array<65>("04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287"
                              "db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac"),
                random);
  STRCMP_EQUAL("46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b",
               to_hex(*shared).c_str());
}

TEST(CryptoP256, Ecdh_BothSides_AgreeOnOneSecret) {
  const auto one = P256KeyPair::generate(random);
  const auto two = P256KeyPair::generate(random);
  CHECK(*one.ecdh(two.public_key(), random) == *two.ecdh(one.public_key(), random));
}

TEST(CryptoP256, Ecdh_PointOffTheCurve_IsInvalid) {
  const auto key = P256KeyPair::generate(random);
  PublicKey off = hex_array<65>(kSignPoint);
  off[64] ^= 1;
  CHECK(key.ecdh(off, random).error().code == Errc::kInvalid);
  CHECK(key.ecdh(PublicKey{}, random).error().code == Errc::kInvalid);
}

TEST(CryptoP256, Verify_OwnSignature_Holds) {
  const auto key = P256KeyPair::generate(random);
  const Signature signature = key.ecdsa_sign(as_bytes("chain head"), random);
  CHECK(ecdsa_verify(key.public_key(), as_bytes("chain head"), signature).has_value());
}

TEST(CryptoP256, Verify_OtherMessageKeyOrSignature_IsDenied) {
  const auto key = P256KeyPair::generate(random);
  const auto other = P256KeyPair::generate(random);
  Signature signature = key.ecdsa_sign(as_bytes("chain head"), random);
  CHECK(ecdsa_verify(key.public_key(), as_bytes("chain heat"), signature).error().code ==
        Errc::kDenied);
  CHECK(ecdsa_verify(other.public_key(), as_bytes("chain head"), signature).error().code ==
        Errc::kDenied);
  signature[0] ^= 1;
  CHECK(ecdsa_verify(key.public_key(), as_bytes("chain head"), signature).error().code ==
        Errc::kDenied);
  CHECK(ecdsa_verify(key.public_key(), as_bytes("chain head"), Signature{}).error().code ==
        Errc::kDenied);
  CHECK(ecdsa_verify(PublicKey{}, as_bytes("chain head"), signature).error().code ==
        Errc::kInvalid);
}

TEST(CryptoP256, Pem_RoundTrip_GivesTheSameKey) {
  const auto key = P256KeyPair::generate(random);
  const auto again = P256KeyPair::from_pem(key.to_pem(), random);
  CHECK(again.has_value());
  CHECK(again->public_key() == key.public_key());
  CHECK(again->to_pem() == key.to_pem());
}

TEST(CryptoP256, FromPem_GarbageEmptyCutOrHuge_IsInvalid) {
  const std::string pem = P256KeyPair::generate(random).to_pem();
  for (const std::string& text : {std::string{"not a key"},
                                  std::string{},
                                  pem.substr(0, pem.size() / 2),
                                  std::string(5000, 'A')}) {
    CHECK(P256KeyPair::from_pem(text, random).error().code == Errc::kInvalid);
  }
}

TEST(CryptoP256, FromPem_PublicPartOfAnotherKey_IsInvalid) {
  const std::string pem =
      key_pem(kSignSecret,
              "04ead218590119e8876b29146ff89ca61770c4edbbf97d38ce385ed281d8a6b2"
              "3028af61281fd35e2fa7002523acc85a429cb06ee6648325389f59edfce1405141");
  CHECK(P256KeyPair::from_pem(pem, random).error().code == Errc::kInvalid);
}

TEST(CryptoP256, FromPem_KeyOnAnotherCurve_IsUnsupported) {
  // openssl ecparam -name secp384r1 -genkey: made for this test.
  std::string pem{"-----BEGIN "};
  pem.append(
      "EC PRIVATE KEY-----\n"
      "MIGkAgEBBDD6DjsGx2qrThLu87KBvNX4oFQDMZbVIPwn6veP70rdpbvKypYu0S8S\n"
      "NrOhrpRPB9qgBwYFK4EEACKhZANiAASAmUh75zykLnPJvF6fufa7dwbs1CHa9GQM\n"
      "yz5CoSmhr9RhuxeL1BcRAISxdCVdxR+Ops4b72o6nupwGQmOpkpuQI422yr5G4wl\n"
      "pXAGc4sMc4R8XsDf3VStrD+TzIku76A=\n"
      "-----END EC PRIVATE KEY-----\n");
  CHECK(P256KeyPair::from_pem(pem, random).error().code == Errc::kUnsupported);
}

TEST(CryptoP256, ToPublicKey_WrongLengthOrPoint_IsInvalid) {
  const Bytes point = hex(kSignPoint);
  CHECK(*to_public_key(point) == hex_array<65>(kSignPoint));
  CHECK(to_public_key({point.data(), 64}).error().code == Errc::kInvalid);
  CHECK(to_public_key({}).error().code == Errc::kInvalid);
  CHECK(to_public_key(Bytes(65, 4)).error().code == Errc::kInvalid);
}
