#include "core/codec/envelope_codec.hpp"

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "core/link/frame.hpp"

#include "tests/support/sample_messages.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;

namespace {

std::map<std::string, std::string> vectors() {
  const char* root = std::getenv("TALLY_SOURCE_DIR");
  std::ifstream file(std::string(root == nullptr ? "." : root) + "/proto/vectors/envelope.tsv");
  std::map<std::string, std::string> all;
  std::string line;
  while (std::getline(file, line)) {
    const auto tab = line.find('\t');
    if (tab != std::string::npos && line[0] != '#') {
      all[line.substr(0, tab)] = line.substr(tab + 1);
    }
  }
  return all;
}

Errc decode_error(const char* hex) {
  codec::EnvelopeCodec codec;
  const auto message = codec.decode(*from_hex(hex));
  CHECK_FALSE(message.has_value());
  return message.error().code;
}

}  // namespace

TEST_GROUP(EnvelopeCodec){};

TEST(EnvelopeCodec, EveryKind_Encoded_IsTheGoldenMessage) {
  codec::EnvelopeCodec codec;
  const auto golden = vectors();
  for (const auto& [name, message] : test::sample_messages()) {
    CHECK_TRUE_TEXT(golden.contains(name), name.c_str());
    STRCMP_EQUAL_TEXT(golden.at(name).c_str(), to_hex(codec.encode(message)).c_str(), name.c_str());
  }
}

TEST(EnvelopeCodec, EveryGoldenMessage_DecodedAndEncoded_IsTheSame) {
  codec::EnvelopeCodec codec;
  const auto golden = vectors();
  CHECK(golden.size() >= test::sample_messages().size());
  for (const auto& [name, hex] : golden) {
    const auto message = codec.decode(*from_hex(hex));
    CHECK_TRUE_TEXT(message.has_value(), name.c_str());
    STRCMP_EQUAL_TEXT(hex.c_str(), to_hex(codec.encode(*message)).c_str(), name.c_str());
  }
}

TEST(EnvelopeCodec, UnknownFieldOfANewerVersion_IsIgnored) {
  codec::EnvelopeCodec codec;
  // Ping{token 9} with an additional field 15 inside.
  const auto message = codec.decode(*from_hex("2a0408097805"));
  CHECK_TRUE(message.has_value());
  LONGLONGS_EQUAL(9, std::get<link::Ping>(*message).token);
}

TEST(EnvelopeCodec, EmptyPayload_IsUnsupported) {
  CHECK(decode_error("") == Errc::kUnsupported);
}

TEST(EnvelopeCodec, UnknownMessageKind_IsUnsupported) {
  CHECK(decode_error("da0700") == Errc::kUnsupported);
}

TEST(EnvelopeCodec, KindWithoutAMachine_IsUnsupported) {
  CHECK(decode_error("f20100") == Errc::kUnsupported);  // Grant
}

TEST(EnvelopeCodec, Garbage_IsInvalid) {
  CHECK(decode_error("ffffffffffffffffffffff") == Errc::kInvalid);
  CHECK(decode_error("0a") == Errc::kInvalid);
}

TEST(EnvelopeCodec, TruncatedMessage_IsInvalidAtEveryLength) {
  codec::EnvelopeCodec codec;
  const Bytes whole = codec.encode(test::sample_messages()[1].second);
  for (std::size_t size = 1; size < whole.size(); ++size) {
    CHECK_FALSE(codec.decode(ByteView(whole).first(size)).has_value());
  }
}

TEST(EnvelopeCodec, RecordOf321Bytes_IsInvalid) {
  std::string hex =
      "52c40"
      "2";  // records, length 324
  hex += "0ac102" + std::string(2 * 321, '0');
  CHECK(decode_error(hex.c_str()) == Errc::kInvalid);
}

TEST(EnvelopeCodec, EmptyBatch_IsInvalid) {
  CHECK(decode_error("5200") == Errc::kInvalid);
}

TEST(EnvelopeCodec, PositionMacOfWrongLength_IsInvalid) {
  // Received{Position{terminal 1, mac of 3 bytes}}
  CHECK(decode_error("5a090a070801220301020"
                     "3") == Errc::kInvalid);
}

TEST(EnvelopeCodec, NegativePointsInAnAuthorisation_AreInvalid) {
  codec::EnvelopeCodec codec;
  link::Ask ask{
      1, {}, Duration{1}, {}, {}, link::Authorise{"1", Points{-1}, {1, Currency::kCny}, {}}};
  CHECK(codec.decode(codec.encode(ask)).error().code == Errc::kInvalid);
}

TEST(EnvelopeCodec, TextBeyondItsBound_IsCutBetweenCharacters) {
  codec::EnvelopeCodec codec;
  std::string name;
  for (int i = 0; i < 30; ++i) {
    name += "张";
  }
  link::Answer answer{1, {}, link::AskOutcome::kOk, link::MemberView{}, {}};
  answer.member->masked_name = name;
  const auto back = codec.decode(codec.encode(answer));
  const std::string& cut = std::get<link::Answer>(*back).member->masked_name;
  LONGS_EQUAL(48, cut.size());
  CHECK(cut == name.substr(0, 48));
}
