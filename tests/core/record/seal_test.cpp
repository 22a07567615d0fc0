#include "core/record/seal.hpp"

#include <string>

#include "core/record/packed.hpp"
#include "core/record/record.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;

namespace {

constexpr record::RecordKey kKey{1, 2, 3, 4, 5, 6, 7, 8};
constexpr record::RecordKey kOtherKey{8, 7, 6, 5, 4, 3, 2, 1};

record::Header header() {
  return {record::RecordKind::kAccrual,
          1,
          {TerminalId{101}, Incarnation{2}, BootId{3}, Seq{4}},
          Mac{9, 9}};
}

Bytes sealed(ByteView body = as_bytes("body")) {
  return *record::seal(header(), body, kKey);
}

}  // namespace

TEST_GROUP(Seal){};

TEST(Seal, HeaderAndMac_ReadAtFixedOffsets_AreWhatWasWritten) {
  const Bytes bytes = sealed();
  LONGS_EQUAL(record::kHeaderBytes + 4 + record::kMacBytes, bytes.size());
  const auto read = record::peek_header(bytes);
  CHECK(read->id == header().id);
  CHECK(read->prev_mac == header().prev_mac);
  CHECK(read->kind == record::RecordKind::kAccrual);
  CHECK(as_text(record::peek_body(bytes)) == "body");
  CHECK_TRUE(record::verify_mac(bytes, kKey));
}

TEST(Seal, AnyByteChanged_FailsTheMac) {
  const Bytes bytes = sealed();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes changed = bytes;
    changed[i] ^= 1U;
    CHECK_FALSE(record::verify_mac(changed, kKey));
  }
  CHECK_FALSE(record::verify_mac(bytes, kOtherKey));
}

TEST(Seal, BodyBeyond260Bytes_IsRefused) {
  CHECK_TRUE(record::seal(header(), Bytes(record::kBodyBytesMax), kKey).has_value());
  CHECK(record::seal(header(), Bytes(record::kBodyBytesMax + 1), kKey).error().code ==
        Errc::kInvalid);
}

TEST(Seal, HeaderTooShortTooLongOrIncomplete_IsRefused) {
  const Bytes bytes = sealed({});
  CHECK(record::peek_header(ByteView(bytes).first(bytes.size() - 1)).error().code ==
        Errc::kInvalid);
  CHECK(record::peek_header(Bytes(record::kRecordBytesMax + 1, 1)).error().code == Errc::kInvalid);
  Bytes no_seq = bytes;
  std::fill(no_seq.begin() + 20, no_seq.begin() + 28, std::uint8_t{0});
  CHECK(record::peek_header(no_seq).error().code == Errc::kInvalid);
  Bytes newer = bytes;
  newer[0] = 2;
  CHECK(record::peek_header(newer).error().code == Errc::kUnsupported);
}

TEST(Seal, ReceiptCode_RoundTrip_GivesExactlyThatRecord) {
  const Bytes bytes = sealed(Bytes(record::kBodyBytesMax, 0x5a));
  const auto text = record::receipt_code(bytes, kKey);
  CHECK_TRUE(text->starts_with("TR1:"));
  CHECK(text->size() < 500);
  CHECK(record::peek_receipt_code(*text)->id == header().id);
  CHECK(*record::open_receipt_code(*text, kKey) == bytes);
}

TEST(Seal, ReceiptCode_HidesTheBody) {
  const std::string text = *record::receipt_code(sealed(as_bytes("9156000000000017")), kKey);
  const std::string other = *record::receipt_code(sealed(as_bytes("9156000000000025")), kKey);
  // Everything after the clear part differs from the first encrypted byte on: no shared key stream.
  CHECK(text.substr(text.size() - 20) != other.substr(other.size() - 20));
}

TEST(Seal, ReceiptCode_WrongKeyOrChanged_IsDenied) {
  std::string text = *record::receipt_code(sealed(), kKey);
  CHECK(record::open_receipt_code(text, kOtherKey).error().code == Errc::kDenied);
  char& last = text[text.size() - 2];
  last = last == 'A' ? 'B' : 'A';
  CHECK_FALSE(record::open_receipt_code(text, kKey).has_value());
}

TEST(Seal, ReceiptCode_NotOne_IsRefused) {
  for (const char* text :
       {"", "TR1:", "TR1:ABC", "TR2:ABCDEF", "9156000000000017", "TR1:\xe5\xbc\xa0"}) {
    CHECK_FALSE_TEXT(record::peek_receipt_code(text).has_value(), text);
  }
  CHECK_FALSE(record::peek_receipt_code("TR1:" + std::string(1000, 'A')).has_value());
}

TEST(Seal, ReceiptNumber_RoundTrip_AndRejections) {
  const auto number = record::parse_receipt_number(record::receipt_number(header().id));
  LONGS_EQUAL(101, number->terminal.value);
  LONGS_EQUAL(2, number->incarnation.value);
  LONGLONGS_EQUAL(4, number->seq.value);
  for (const char* text :
       {"", "1-2", "1-2-", "-1-2-3", "1-2-3-4", "1-0-3", "a-1-2", "1 -2-3", "4294967296-1-1"}) {
    CHECK_FALSE_TEXT(record::parse_receipt_number(text).has_value(), text);
  }
}

TEST(Seal, Packed_Walk_GivesEachRecord) {
  Bytes packed;
  record::append_packed(packed, as_bytes("one"));
  record::append_packed(packed, as_bytes("three"));
  record::PackedReader reader(packed);
  CHECK(as_text(*reader.next()) == "one");
  CHECK(as_text(*reader.next()) == "three");
  CHECK_FALSE(reader.next().has_value());
  CHECK_FALSE(reader.truncated());
}

TEST(Seal, Packed_LengthLeavesTheBuffer_IsTruncated) {
  for (const Bytes& packed : {Bytes{0}, Bytes{0, 4, 1, 2}, Bytes{0xff, 0xff}}) {
    record::PackedReader reader(packed);
    CHECK_FALSE(reader.next().has_value());
    CHECK_TRUE(reader.truncated());
  }
}
