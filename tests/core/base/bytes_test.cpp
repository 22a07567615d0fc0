#include "core/base/bytes.hpp"

#include "core/base/crc32c.hpp"
#include "core/base/ids.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;

TEST_GROUP(BaseBytes){};

TEST(BaseBytes, Hex_RoundTrip_GivesTheSameBytes) {
  const Bytes bytes{0x00, 0x7f, 0xff};
  STRCMP_EQUAL("007fff", to_hex(bytes).c_str());
  CHECK(bytes == *from_hex("007FfF"));
}

TEST(BaseBytes, FromHex_OddOrWrongDigit_IsRefused) {
  CHECK(from_hex("abc").error().code == Errc::kInvalid);
  CHECK(from_hex("0g").error().code == Errc::kInvalid);
}

TEST(BaseBytes, BigEndian_RoundTrip_GivesTheSameInteger) {
  ByteArray<8> bytes{};
  store_be<std::uint64_t>(0x0102030405060708, bytes.data());
  LONGS_EQUAL(1, bytes[0]);
  CHECK(load_be<std::uint64_t>(bytes.data()) == 0x0102030405060708);
}

TEST(BaseBytes, ConstantTimeEqual_OtherLengthOrByte_IsFalse) {
  CHECK_TRUE(equal_in_constant_time(as_bytes("abc"), as_bytes("abc")));
  CHECK_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("abd")));
  CHECK_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("ab")));
}

TEST(BaseBytes, Crc32c_PublishedCheckValue_Matches) {
  LONGLONGS_EQUAL(0xe3069283U, crc32c(as_bytes("123456789")));
  LONGLONGS_EQUAL(0xe3069283U, crc32c(as_bytes("6789"), crc32c(as_bytes("12345"))));
}

TEST(BaseBytes, SaleId_OtherCounter_IsAnotherSale) {
  const SaleId one = make_sale_id(TerminalId{101}, BootId{7}, 1);
  CHECK(one == make_sale_id(TerminalId{101}, BootId{7}, 1));
  CHECK(one != make_sale_id(TerminalId{101}, BootId{7}, 2));
  CHECK(one != make_sale_id(TerminalId{102}, BootId{7}, 1));
}
