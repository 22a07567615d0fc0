// Sealed records as a gateway, the OA and a restarting terminal read them: header, body, MAC, and
// several in one buffer. What decodes can be sealed again and says the same.
#include "core/codec/record_codec.hpp"
#include "core/record/packed.hpp"
#include "core/record/seal.hpp"

#include "tests/fuzz/fuzz_input.hpp"

using namespace tally;

namespace {

constexpr record::RecordKey kKey{0x42, 0x17};

void check_header(ByteView sealed, const record::Header& header) {
  ByteArray<record::kHeaderBytes> written{};
  record::write_header(header, written.data());
  // The reserved bits of a header are the writer's; the fields are not.
  Bytes same(sealed.begin(), sealed.end());
  std::copy(written.begin(), written.end(), same.begin());
  const auto again = record::peek_header(same);
  TALLY_ASSERT(again.has_value());
  TALLY_ASSERT(again->id == header.id && again->prev_mac == header.prev_mac &&
               again->kind == header.kind && again->key_version == header.key_version);
}

void check_body(const record::Record& record) {
  const auto body = codec::encode_body(record);
  if (!body) {
    // A longer spelling than ours may have said it; ours never needs more room.
    TALLY_ASSERT(body.error().code == Errc::kInvalid);
    return;
  }
  const auto sealed = record::seal(record.header, *body, kKey);
  TALLY_ASSERT(sealed.has_value() && record::verify_mac(*sealed, kKey));
  const auto again = codec::decode_record(*sealed);
  TALLY_ASSERT(again.has_value());
  TALLY_ASSERT(again->business == record.business && again->sale == record.sale &&
               again->card_token == record.card_token && again->funding == record.funding);
  const auto body_again = codec::encode_body(*again);
  TALLY_ASSERT(body_again.has_value() && *body_again == *body);
}

void check_record(ByteView sealed) {
  const auto header = record::peek_header(sealed);
  const auto decoded = codec::decode_record(sealed);
  TALLY_ASSERT(header.has_value() || !decoded.has_value());
  if (!header) {
    return;
  }
  check_header(sealed, *header);
  TALLY_ASSERT(record::peek_body(sealed).size() <= record::kBodyBytesMax);
  record::verify_mac(sealed, kKey);
  if (decoded) {
    check_body(*decoded);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  check_record(input);
  record::PackedReader reader(input);
  Bytes packed;
  while (const auto sealed = reader.next()) {
    check_record(*sealed);
    if (sealed->size() <= record::kRecordBytesMax) {
      record::append_packed(packed, *sealed);
    }
  }
  TALLY_ASSERT(packed.size() <= size);
  return 0;
}
