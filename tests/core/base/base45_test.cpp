#include "core/base/base45.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;

TEST_GROUP(BaseBase45){};

// RFC 9285, sections 4.3 and 4.4.
TEST(BaseBase45, Encode_PublishedExamples_Match) {
  STRCMP_EQUAL("BB8", base45_encode(as_bytes("AB")).c_str());
  STRCMP_EQUAL("%69 VD92EX0", base45_encode(as_bytes("Hello!!")).c_str());
  STRCMP_EQUAL("UJCLQE7W581", base45_encode(as_bytes("base-45")).c_str());
  STRCMP_EQUAL("", base45_encode({}).c_str());
}

TEST(BaseBase45, Decode_PublishedExample_Matches) {
  CHECK(as_text(*base45_decode("QED8WEX0")) == "ietf!");
  CHECK(base45_decode("")->empty());
}

TEST(BaseBase45, RoundTrip_EveryByteAndLength_GivesTheSame) {
  Bytes bytes;
  for (unsigned i = 0; i < 256; ++i) {
    CHECK(bytes == *base45_decode(base45_encode(bytes)));
    bytes.push_back(static_cast<std::uint8_t>(255 - i));
  }
}

TEST(BaseBase45, Decode_ImpossibleLength_IsRefused) {
  CHECK(base45_decode("A").error().code == Errc::kInvalid);
  CHECK(base45_decode("BB8A").error().code == Errc::kInvalid);
}

TEST(BaseBase45, Decode_CharacterOutsideTheAlphabet_IsRefused) {
  CHECK(base45_decode("bb8").error().code == Errc::kInvalid);
  CHECK(base45_decode("BB\n").error().code == Errc::kInvalid);
  CHECK(base45_decode("B\xe5").error().code == Errc::kInvalid);
}

TEST(BaseBase45, Decode_GroupOutOfRange_IsRefused) {
  CHECK(base45_decode("GGW").error().code == Errc::kInvalid);  // RFC 9285: 65536
  CHECK(base45_decode("FGW").has_value());                     // 65535
  CHECK(base45_decode("U5").has_value());                      // 255
  CHECK(base45_decode("V5").error().code == Errc::kInvalid);   // 256
}
