#include "core/crypto/cipher.hpp"

#include "tests/core/crypto/vector.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::crypto;
using tally::test::hex;
using tally::test::hex_array;

namespace {

// "The Galois/Counter Mode of Operation (GCM)", McGrew and Viega, test cases 15 and 16.
const Key256 kGcmKey =
    hex_array<32>("feffe9928665731c6d6a8f9467308308 feffe9928665731c6d6a8f9467308308");
const GcmNonce kGcmNonce = hex_array<12>("cafebabefacedbaddecaf888");
const Bytes kGcmPlaintext =
    hex("d9313225f88406e5a55909c5aff5269a 86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525 b16aedf5aa0de657ba637b391aafd255");
const Bytes kGcmCiphertext =
    hex("522dc1f099567d07f47f37a32a84427d 643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838 c5f61e6393ba7a0abcc9f662898015ad");

}  // namespace

TEST_GROUP(CryptoCipher){};

// NIST SP 800-38A, F.5.5 and F.5.6.
TEST(CryptoCipher, Ctr_NistVector_MatchesBothWays) {
  const Key256 key =
      hex_array<32>("603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4");
  const CounterBlock counter = hex_array<16>("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  const Bytes plaintext =
      hex("6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51"
          "30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710");
  const Bytes ciphertext =
      hex("601ec313775789a5b7a7f504bbf3d228 f443e3ca4d62b59aca84e990cacaf5c5"
          "2b0930daa23de94ce87017ba2d84988d dfc9c58db67aada613c2dd08457941a6");
  CHECK(ciphertext == aes_ctr(key, counter, plaintext));
  CHECK(plaintext == aes_ctr(key, counter, ciphertext));
}

TEST(CryptoCipher, Ctr_NoBytes_GivesNoBytes) {
  CHECK(aes_ctr({}, {}, {}).empty());
}

TEST(CryptoCipher, Gcm_PublishedCase15_Matches) {
  const Bytes sealed = aes_gcm_seal(kGcmKey, kGcmNonce, {}, kGcmPlaintext);
  Bytes expected = kGcmCiphertext;
  const Bytes tag = hex("b094dac5d93471bdec1a502270e3cc6c");
  expected.insert(expected.end(), tag.begin(), tag.end());
  CHECK(expected == sealed);
  CHECK(kGcmPlaintext == *aes_gcm_open(kGcmKey, kGcmNonce, {}, sealed));
}

TEST(CryptoCipher, Gcm_PublishedCase16WithAssociatedBytes_Matches) {
  const Bytes associated = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const ByteView plaintext{kGcmPlaintext.data(), 60};
  Bytes expected(kGcmCiphertext.begin(), kGcmCiphertext.begin() + 60);
  const Bytes tag = hex("76fc6ece0f4e1768cddf8853bb2d551b");
  expected.insert(expected.end(), tag.begin(), tag.end());
  CHECK(expected == aes_gcm_seal(kGcmKey, kGcmNonce, associated, plaintext));
}

TEST(CryptoCipher, GcmOpen_AnyPartChanged_IsCorrupt) {
  const Bytes associated{1, 2, 3};
  const Bytes sealed = aes_gcm_seal(kGcmKey, kGcmNonce, associated, kGcmPlaintext);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= 0x01;
    CHECK(aes_gcm_open(kGcmKey, kGcmNonce, associated, changed).error().code == Errc::kCorrupt);
  }
  CHECK(aes_gcm_open(kGcmKey, kGcmNonce, {}, sealed).error().code == Errc::kCorrupt);
  CHECK(aes_gcm_open(kGcmKey, GcmNonce{}, associated, sealed).error().code == Errc::kCorrupt);
  CHECK(aes_gcm_open(Key256{}, kGcmNonce, associated, sealed).error().code == Errc::kCorrupt);
}

TEST(CryptoCipher, GcmOpen_ShorterThanATag_IsCorrupt) {
  CHECK(aes_gcm_open(kGcmKey, kGcmNonce, {}, Bytes(15)).error().code == Errc::kCorrupt);
  CHECK(aes_gcm_open(kGcmKey, kGcmNonce, {}, {}).error().code == Errc::kCorrupt);
}

TEST(CryptoCipher, Gcm_EmptyPlaintext_RoundTrips) {
  const Bytes sealed = aes_gcm_seal(kGcmKey, kGcmNonce, as_bytes("label"), {});
  LONGS_EQUAL(kGcmTagBytes, sealed.size());
  CHECK(aes_gcm_open(kGcmKey, kGcmNonce, as_bytes("label"), sealed)->empty());
}
