// The OA as far as a gateway sees it: takes a record only when what it hangs on is there, and says
// where the stream stands.
#pragma once

#include <algorithm>
#include <map>
#include <utility>

#include "core/codec/record_codec.hpp"
#include "core/node/gateway_node.hpp"
#include "core/record/packed.hpp"
#include "core/record/seal.hpp"

#include "tests/support/terminal_rig.hpp"

#include <CppUTest/TestHarness.h>

namespace tally::test {

/// The OA's ingest in short (docs/formats/ledger.md, "Stream and head").
class SmallOa {
 public:
  static constexpr StreamId kStream{TerminalId{101}, Incarnation{1}};

  node::GatewayActions hear(node::GatewayNode& gateway, const link::Message& message, Instant now) {
    const auto* batch = std::get_if<link::RecordBatch>(&message);
    if (batch == nullptr) {
      return {};
    }
    link::Received answer;
    answer.beside = batch->beside;
    node::GatewayActions actions;
    record::PackedReader reader(batch->packed);
    while (const auto sealed = reader.next()) {
      const auto header = *record::peek_header(*sealed);
      if (!record::verify_mac(*sealed, kRecordKey)) {
        append(
            actions,
            gateway.on_uplink_message(
                link::RecordRefusal{kStream, header.id.seq, link::RefusalReason::kBadMac, head()},
                now));
        break;
      }
      const StreamPosition at{header.id.seq, record::peek_mac(*sealed)};
      if (!take(header, *sealed, at)) {
        append(actions,
               gateway.on_uplink_message(link::Received{{{kStream, head()}}, true, false}, now));
        return actions;
      }
      answer.positions.push_back({kStream, at});
    }
    if (batch->beside) {
      append(actions, gateway.on_uplink_message(answer, now));
    }
    append(actions,
           gateway.on_uplink_message(link::Received{{{kStream, head()}}, false, false}, now));
    return actions;
  }

  static void append(node::GatewayActions& to, node::GatewayActions more) {
    for (node::GatewayAction& action : more) {
      to.push_back(std::move(action));
    }
  }

  StreamPosition head() const {
    return records.empty() ? StreamPosition{} : records.rbegin()->first;
  }
  std::size_t accruals() const {
    return static_cast<std::size_t>(std::count_if(records.begin(), records.end(), [](auto& each) {
      return record::peek_header(each.second)->kind == record::RecordKind::kAccrual;
    }));
  }

  std::map<StreamPosition, Bytes> records;

 private:
  bool take(const record::Header& header, ByteView sealed, const StreamPosition& at) {
    if (records.contains(at)) {
      return true;
    }
    for (const auto& [there, bytes] : records) {
      CHECK_FALSE(record::peek_header(bytes)->id == header.id);  // No id has two contents.
    }
    Seq before{header.id.seq.value - 1};
    const auto record = codec::decode_record(sealed);
    if (const auto* gap = std::get_if<record::Gap>(&record->business)) {
      CHECK_TRUE(record::stands_for(*gap, header.id.seq));
      before = Seq{gap->first.value - 1};
    }
    const bool hangs = !before || std::any_of(records.begin(), records.end(), [&](auto& each) {
      const bool is_gap = record::peek_header(each.second)->kind == record::RecordKind::kGap;
      return each.first.seq == before && (each.first.mac == header.prev_mac || is_gap);
    });
    if (hangs) {
      records[at] = Bytes(sealed.begin(), sealed.end());
    }
    return hangs;
  }
};

}  // namespace tally::test
