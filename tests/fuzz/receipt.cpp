// The QR code of a receipt, scanned or typed: base45, the readable part, the sealed part. And the
// way there: every record has a code that gives back exactly that record.
#include <string>

#include "core/base/base45.hpp"
#include "core/record/seal.hpp"

#include "tests/fuzz/fuzz_input.hpp"

using namespace tally;

namespace {

constexpr record::RecordKey kKey{0x42, 0x17};
constexpr record::RecordKey kOtherKey{0x43, 0x17};

void read(std::string_view text) {
  if (const auto bytes = base45_decode(text)) {
    TALLY_ASSERT(base45_encode(*bytes) == text);
  }
  const auto id = record::peek_receipt_code(text);
  const auto opened = record::open_receipt_code(text, kKey);
  TALLY_ASSERT(id.has_value() || !opened.has_value());
  if (opened) {
    const auto header = record::peek_header(*opened);
    TALLY_ASSERT(header && header->id == id->id && record::peek_mac(*opened) == id->mac);
    TALLY_ASSERT(record::verify_mac(*opened, kKey));
    TALLY_ASSERT(!record::open_receipt_code(text, kOtherKey).has_value());
  }
}

void write(ByteView sealed) {
  const auto header = record::peek_header(sealed);
  if (!header) {
    return;
  }
  // Only a record with a MAC of its own has a code that opens.
  const auto signed_record = record::seal(*header, record::peek_body(sealed), kKey);
  TALLY_ASSERT(signed_record.has_value());
  const auto code = record::receipt_code(*signed_record, kKey);
  TALLY_ASSERT(code.has_value());
  const auto opened = record::open_receipt_code(*code, kKey);
  TALLY_ASSERT(opened.has_value() && *opened == *signed_record);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read(fuzz::text_of(data, size));
  write(ByteView(data, size));
  return 0;
}
