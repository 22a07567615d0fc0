#include "core/crypto/mac.hpp"

#include <algorithm>

#include "tests/core/crypto/vector.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::crypto;
using tally::test::hex;

TEST_GROUP(CryptoMac){};

TEST(CryptoMac, Sha256_OfAbc_MatchesFips180) {
  STRCMP_EQUAL("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
               to_hex(sha256(as_bytes("abc"))).c_str());
  STRCMP_EQUAL("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
               to_hex(sha256({})).c_str());
}

TEST(CryptoMac, Sha256_InPieces_EqualsInOne) {
  Sha256 hash;
  hash.update(as_bytes("a"));
  hash.update({});
  hash.update(as_bytes("bc"));
  CHECK(hash.finish() == sha256(as_bytes("abc")));
  hash.update(as_bytes("abc"));
  CHECK(hash.finish() == sha256(as_bytes("abc")));
}

// RFC 4231, section 4.
TEST(CryptoMac, Hmac_Rfc4231Cases_Match) {
  STRCMP_EQUAL("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
               to_hex(hmac_sha256(Bytes(20, 0x0b), as_bytes("Hi There"))).c_str());
  STRCMP_EQUAL(
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))).c_str());
  STRCMP_EQUAL("773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
               to_hex(hmac_sha256(Bytes(20, 0xaa), Bytes(50, 0xdd))).c_str());
  STRCMP_EQUAL(
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
      to_hex(hmac_sha256(Bytes(131, 0xaa),
                         as_bytes("Test Using Larger Than Block-Size Key - Hash Key First")))
          .c_str());
}

TEST(CryptoMac, Hmac_ObjectUsedTwice_GivesTheSameMac) {
  HmacSha256 hmac{as_bytes("Jefe")};
  hmac.update(as_bytes("what do ya want "));
  hmac.update(as_bytes("for nothing?"));
  const Digest first = hmac.finish();
  hmac.update(as_bytes("what do ya want for nothing?"));
  CHECK(first == hmac.finish());
  CHECK(first == hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?")));
}

TEST(CryptoMac, Mac16_OfParts_IsTheHeadOfTheWholeMac) {
  const Key256 key =
      test::hex_array<32>("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  const Digest whole = hmac_sha256(key, as_bytes("abcdef"));
  const Mac mac = mac16(key, as_bytes("abc"), as_bytes("def"));
  CHECK(std::equal(mac.begin(), mac.end(), whole.begin()));
  CHECK(mac != mac16(key, as_bytes("abc"), as_bytes("deg")));
}

// RFC 5869, appendix A.1 to A.3.
TEST(CryptoMac, Hkdf_Rfc5869Cases_Match) {
  CHECK(hex("3cb25f25faacd57a90434f64d0362f2a 2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
            "34007208d5b887185865") ==
        hkdf_sha256(
            hex("000102030405060708090a0b0c"), Bytes(22, 0x0b), hex("f0f1f2f3f4f5f6f7f8f9"), 42));
  Bytes input;
  Bytes salt;
  Bytes info;
  for (unsigned i = 0; i < 80; ++i) {
    input.push_back(static_cast<std::uint8_t>(i));
    salt.push_back(static_cast<std::uint8_t>(0x60 + i));
    info.push_back(static_cast<std::uint8_t>(0xb0 + i));
  }
  CHECK(hex("b11e398dc80327a1c8e7f78c596a4934 4f012eda2d4efad8a050cc4c19afa97c"
            "59045a99cac7827271cb41c65e590e09 da3275600c2f09b8367793a9aca3db71"
            "cc30c58179ec3e87c14c01d5c1f3434f 1d87") == hkdf_sha256(salt, input, info, 82));
  CHECK(hex("8da4e775a563c18f715f802a063c5a31 b8a11f5c5ee1879ec3454e5f3c738d2d"
            "9d201395faa4b61a96c8") == hkdf_sha256({}, Bytes(22, 0x0b), {}, 42));
}
