#include "core/record/header.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace tally::record {

void write_header(const Header& header, std::uint8_t* out) {
  out[0] = kFormatVersion;
  out[1] = static_cast<std::uint8_t>(header.kind);
  store_be(header.key_version, out + 2);
  store_be(header.id.terminal.value, out + 4);
  store_be(header.id.incarnation.value, out + 8);
  store_be(header.id.boot.value, out + 12);
  store_be(header.id.seq.value, out + 20);
  std::copy(header.prev_mac.begin(), header.prev_mac.end(), out + 28);
}

Result<Header> peek_header(ByteView sealed) {
  if (sealed.size() < kHeaderBytes + kMacBytes) {
    return make_error(Errc::kInvalid,
                      "record is shorter than its header and MAC",
                      static_cast<std::int32_t>(sealed.size()));
  }
  if (sealed.size() > kRecordBytesMax) {
    return make_error(Errc::kInvalid,
                      "record is longer than 320 bytes",
                      static_cast<std::int32_t>(sealed.size()));
  }
  if (sealed[0] != kFormatVersion) {
    return make_error(Errc::kUnsupported, "record has an unknown format version", sealed[0]);
  }
  Header header;
  header.kind = static_cast<RecordKind>(sealed[1]);
  header.key_version = load_be<std::uint16_t>(sealed.data() + 2);
  header.id.terminal = TerminalId{load_be<std::uint32_t>(sealed.data() + 4)};
  header.id.incarnation = Incarnation{load_be<std::uint32_t>(sealed.data() + 8)};
  header.id.boot = BootId{load_be<std::uint64_t>(sealed.data() + 12)};
  header.id.seq = Seq{load_be<std::uint64_t>(sealed.data() + 20)};
  std::copy_n(sealed.begin() + 28, kMacBytes, header.prev_mac.begin());
  if (!header.id.terminal || !header.id.incarnation || !header.id.boot || !header.id.seq) {
    return make_error(Errc::kInvalid, "record names no terminal, incarnation, boot or seq");
  }
  if (header.id.seq.value > kSeqMax) {
    return make_error(Errc::kInvalid, "record's seq is out of range");
  }
  return header;
}

Mac peek_mac(ByteView sealed) {
  TALLY_ASSERT(sealed.size() >= kMacBytes);
  Mac mac;
  std::copy_n(sealed.end() - kMacBytes, kMacBytes, mac.begin());
  return mac;
}

ByteView peek_body(ByteView sealed) {
  TALLY_ASSERT(sealed.size() >= kHeaderBytes + kMacBytes);
  return sealed.subspan(kHeaderBytes, sealed.size() - kHeaderBytes - kMacBytes);
}

}  // namespace tally::record
