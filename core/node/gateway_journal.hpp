// What the gateway's machine asks its disk to keep, and what it gets back at start: plain data
// between core/node and storage/. One GatewayCommit is one transaction (group commit: everything
// that queued up while the last one was on its way to disk).
#pragma once

#include <optional>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/link/messages.hpp"

namespace tally::node {

using link::AppliedStatement;  // Opaque to the gateway.

/// Consecutive records of one stream, packed: each is a length (2 bytes, big endian) and the sealed
/// bytes. A GAP record that stands for others is the first of its pack.
struct PackedRecords {
  StreamId stream;
  Seq first;
  std::uint32_t count = 0;
  Bytes packed;
  StreamPosition end;  ///< The last of them.
};

/// A record whose copy here the OA refused, as its terminal sent it again.
struct RenewedRecord {
  StreamId stream;
  StreamPosition position;
  Bytes sealed;
};

/// A change to the gateway's journal; everything in it becomes durable together or not at all.
struct GatewayCommit {
  std::vector<RenewedRecord> renewed;  ///< Put in the place of their copies, before the others.
  std::vector<PackedRecords> append;
  std::vector<StreamMark> forwarded;  ///< RECEIVED by the OA; may move backwards.
  std::vector<AppliedStatement> applied;
  std::vector<StreamMark> archived;
  std::vector<StreamId> streams_opened;  ///< First contact of an incarnation.
  std::optional<WallTime> time_floor;
  /// All that was here when the OA's ledger with this stamp was heard of is at the OA.
  std::optional<std::uint64_t> ledger_stamp;

  bool empty() const {
    return renewed.empty() && append.empty() && forwarded.empty() && applied.empty() &&
           archived.empty() && streams_opened.empty() && !time_floor && !ledger_stamp;
  }
};

struct GatewayStreamState {
  StreamId stream;
  StreamPosition received;   ///< Synced here.
  StreamPosition forwarded;  ///< Synced at the OA.
  AppliedStatement applied;
  StreamPosition archived;
  WallTime oldest_unforwarded_at;
  Seq oldest;                ///< First record still here; 0 when there is none.
  bool ends_in_gap = false;  ///< RECEIVED is a GAP record.
};

/// The journal at start.
struct GatewaySnapshot {
  std::vector<GatewayStreamState> streams;
  WallTime time_floor;
  std::uint64_t ledger_stamp = 1;
};

}  // namespace tally::node
