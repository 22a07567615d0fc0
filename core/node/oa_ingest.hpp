// First stage at the OA: does a record take a place in its terminal's stream? Checks the MAC, then
// the chain, tells repeats, branches and forks apart, and moves the stream's head. Works inside one
// store transaction and forgets everything at its end. Internal to the OA's machine.
//
// Continuity. Every stored record but the first of a stream has its predecessor stored, or a GAP
// record stands for it (docs/formats/record.md, "Gap"); the head is the record with the highest
// seq. So all that stands before the head is here, and a statement about the head covers it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/ledger/ledger_store.hpp"
#include "core/link/messages.hpp"
#include "core/node/oa_registry.hpp"
#include "core/record/header.hpp"

namespace tally::node {

/// What ingest says of one record.
struct IngestVerdict {
  enum class Kind : std::uint8_t {
    kTaken,    ///< New, in its place (also on a branch): to be applied.
    kRepeat,   ///< Stored already with the same content.
    kForked,   ///< Another content stands under its id: kept, to be put aside.
    kGap,      ///< Something before it is missing: send again from the head.
    kRefused,  ///< Takes no place; `reason` goes back to the source.
    kSkipped,  ///< An earlier record of this stream in this batch did not take its place.
  };
  Kind kind = Kind::kTaken;
  link::RefusalReason reason = link::RefusalReason::kMalformed;
  bool branch = false;     ///< kTaken: its predecessor has another successor.
  std::uint32_t copy = 0;  ///< kForked: which one.
};

class OaIngest {
 public:
  OaIngest(ledger::LedgerStore& store, OaRegistry& registry) : store_(store), registry_(registry) {}

  /// Judges one sealed record whose header was read. Errors: those of the store.
  Result<IngestVerdict> judge(const record::Header& header, ByteView sealed);

  /// The head of a stream, with what this batch added. Errors: those of the store.
  Result<StreamPosition> head(StreamId stream);

  /// Streams whose head this batch moved.
  std::vector<StreamMark> moved_heads() const;

 private:
  Result<std::vector<ledger::RawHead>> at(StreamId stream, Seq seq);
  Result<bool> has_predecessor(const record::Header& header, Seq before);
  IngestVerdict stop(StreamId stream, IngestVerdict verdict);

  ledger::LedgerStore& store_;
  OaRegistry& registry_;
  std::map<StreamId, StreamPosition> heads_;
  std::set<StreamId> moved_;
  std::set<StreamId> stopped_;
  std::map<std::pair<StreamId, Seq>, std::vector<ledger::RawHead>> added_;
};

}  // namespace tally::node
