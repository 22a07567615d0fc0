#include "core/crypto/hpke.hpp"

#include "tests/core/crypto/key_pem.hpp"
#include "tests/core/crypto/vector.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::crypto;
using tally::test::hex;
using tally::test::SeededRandom;

namespace {

// RFC 9180, appendix A.3.1: receiver's key, ephemeral key, info, first plaintext and its associated
// bytes. The RFC encrypts with AES-128 there; the ciphertext below is the same message under
// AES-256, made and opened by pyca/cryptography 48 (hazmat.primitives.hpke).
constexpr std::string_view kSecret =
    "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2";
constexpr std::string_view kPoint =
    "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a82"
    "6a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0";
constexpr std::string_view kEphemeral =
    "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9"
    "8536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4";
constexpr std::string_view kCiphertext =
    "518c46e6810fbc55362f7d5995b0f54339d93664ca44e5c74d0f289c4f7983b4781b193de04ad3319f177244de";
constexpr std::string_view kInfo = "4f6465206f6e2061204772656369616e2055726e";

}  // namespace

TEST_GROUP(CryptoHpke) {
  SeededRandom random{7};
  P256KeyPair receiver = *P256KeyPair::from_pem(test::key_pem(kSecret, kPoint), random);
};

TEST(CryptoHpke, Rfc9180Message_Opens) {
  const auto opened = hpke_open(receiver,
                                hex(kInfo),
                                as_bytes("Count-0"),
                                hex(std::string(kEphemeral).append(kCiphertext)),
                                random);
  CHECK_TRUE(opened.has_value());
  CHECK_TRUE(as_text(*opened) == "Beauty is truth, truth beauty");
}

TEST(CryptoHpke, WhatWasSealed_OpensForTheReceiverOnly) {
  const auto sealed = hpke_seal(
      receiver.public_key(), as_bytes("for"), as_bytes("of"), as_bytes("13800001234"), random);
  CHECK_EQUAL(kHpkeOverheadBytes + 11, sealed->size());
  const auto opened = hpke_open(receiver, as_bytes("for"), as_bytes("of"), *sealed, random);
  CHECK_TRUE(as_text(*opened) == "13800001234");
  const P256KeyPair other = P256KeyPair::generate(random);
  CHECK_TRUE(hpke_open(other, as_bytes("for"), as_bytes("of"), *sealed, random).error().code ==
             Errc::kCorrupt);
}

TEST(CryptoHpke, TwoSeals_ShareNothing) {
  const auto first = hpke_seal(receiver.public_key(), {}, {}, as_bytes("13800001234"), random);
  const auto second = hpke_seal(receiver.public_key(), {}, {}, as_bytes("13800001234"), random);
  CHECK_TRUE(*first != *second);
}

TEST(CryptoHpke, AnyFlippedByte_IsCorrupt) {
  const Bytes sealed =
      *hpke_seal(receiver.public_key(), as_bytes("for"), as_bytes("of"), as_bytes("138"), random);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= 0x10U;
    const auto opened = hpke_open(receiver, as_bytes("for"), as_bytes("of"), changed, random);
    CHECK_TRUE(opened.error().code == Errc::kCorrupt);
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    CHECK_FALSE(
        hpke_open(receiver, as_bytes("for"), as_bytes("of"), ByteView(sealed).first(size), random)
            .has_value());
  }
}

TEST(CryptoHpke, OtherInfoOrAssociatedBytes_AreCorrupt) {
  const Bytes sealed =
      *hpke_seal(receiver.public_key(), as_bytes("for"), as_bytes("of"), as_bytes("138"), random);
  CHECK_FALSE(hpke_open(receiver, as_bytes("fox"), as_bytes("of"), sealed, random).has_value());
  CHECK_FALSE(hpke_open(receiver, as_bytes("for"), as_bytes("on"), sealed, random).has_value());
}

TEST(CryptoHpke, ReceiverThatIsNoPoint_IsInvalid) {
  PublicKey nonsense{};
  nonsense[0] = 4;
  CHECK_TRUE(hpke_seal(nonsense, {}, {}, as_bytes("138"), random).error().code == Errc::kInvalid);
}
