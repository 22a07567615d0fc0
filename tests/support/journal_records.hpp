// Records that look real to a journal: a true header and chain, any bytes for body and MAC.
#pragma once

#include "core/base/bytes.hpp"
#include "core/node/gateway_journal.hpp"
#include "core/node/terminal_journal.hpp"
#include "core/record/header.hpp"
#include "core/record/packed.hpp"

namespace tally::tests {

/// Makes the records of one stream, each following the last.
class RecordChain {
 public:
  explicit RecordChain(StreamId stream, StreamPosition head = {}) : stream_(stream), head_(head) {}

  Bytes next(std::size_t body_bytes = 60) {
    return next_at(Seq{head_.seq.value + 1}, record::RecordKind::kNote, body_bytes);
  }

  /// A GAP record in the place of the last of `count` records that cannot be read any more. What
  /// follows it names the MAC of the lost one.
  node::PackedRecords next_gap(std::uint32_t count) {
    const Seq last{head_.seq.value + count};
    node::PackedRecords out{stream_, last, 1, {}, {}};
    record::append_packed(out.packed, next_at(last, record::RecordKind::kGap, 60));
    out.end = head_;
    head_.mac = Mac{0xee};
    return out;
  }

  Bytes next_at(Seq seq, record::RecordKind kind, std::size_t body_bytes) {
    record::Header header{
        kind, 1, {stream_.terminal, stream_.incarnation, BootId{7}, seq}, head_.mac};
    Bytes sealed(record::kHeaderBytes + body_bytes, static_cast<std::uint8_t>(seq.value));
    record::write_header(header, sealed.data());
    head_.seq = seq;
    head_.mac = mac_at(seq);
    sealed.insert(sealed.end(), head_.mac.begin(), head_.mac.end());
    return sealed;
  }

  node::JournalRow next_row(bool shown = false) {
    Bytes sealed = next();
    return {head_.seq,
            head_.mac,
            std::move(sealed),
            WallTime{static_cast<std::int64_t>(head_.seq.value * 1000)},
            shown};
  }

  node::PackedRecords next_packed(std::uint32_t count) {
    node::PackedRecords out{stream_, Seq{head_.seq.value + 1}, count, {}, {}};
    for (std::uint32_t i = 0; i < count; ++i) {
      record::append_packed(out.packed, next());
    }
    out.end = head_;
    return out;
  }

  const StreamPosition& head() const { return head_; }

  /// The MAC of the record with this number.
  Mac mac_at(Seq seq) const {
    Mac mac{};
    for (std::size_t i = 0; i < mac.size(); ++i) {
      mac[i] = static_cast<std::uint8_t>(seq.value * 31 + i + stream_.terminal.value);
    }
    return mac;
  }

 private:
  StreamId stream_;
  StreamPosition head_;
};

}  // namespace tally::tests
