// Makes the records of one stream: numbers them, chains them, seals them. What it has made may not
// be synced yet; after a failed commit it starts again from the head the journal really has.
#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/node/node_clock.hpp"
#include "core/node/terminal_journal.hpp"
#include "core/record/record.hpp"
#include "core/record/seal.hpp"

namespace tally::node {

/// What does not change from record to record.
struct RecordMaker {
  TerminalId terminal;
  Incarnation incarnation;
  BootId boot;
  record::RecordKey key{};
  std::uint16_t key_version = 1;
};

/// The part of a record that the sale decides.
struct Fact {
  SaleId sale;
  std::string card_token;
  MemberId member;
  std::vector<record::FundingLeg> funding;
  ProgramVersion program;
  CashierId cashier;
  record::Business business;
};

class RecordWriter {
 public:
  RecordWriter(RecordMaker maker, StreamPosition head);

  /// The next record of the stream. A fact that does not fit 320 bytes is a programming error:
  /// every part of it was bounded when it was entered.
  JournalRow make(const Fact& fact, NodeClock& clock, Instant now);

  /// A GAP record in the place of records [first, last], which can no longer be read;
  /// `mac_before` is that of record `first` − 1. It becomes the head when `last` is.
  JournalRow make_gap(
      record::Gap gap, Mac mac_before, ProgramVersion program, NodeClock& clock, Instant now);

  /// A GAP record behind the head and behind `other`, where another disk of this terminal stood:
  /// it hangs on the lower of the two and stands for all places between them and itself.
  JournalRow make_bridge(const StreamPosition& other,
                         ProgramVersion program,
                         NodeClock& clock,
                         Instant now);

  /// The last record made, synced or not.
  const StreamPosition& head() const { return head_; }

  /// Starts again from what is on disk.
  void reset(StreamPosition head) { head_ = head; }

  RecordId id_of(Seq seq) const { return {maker_.terminal, maker_.incarnation, maker_.boot, seq}; }
  const record::RecordKey& key() const { return maker_.key; }
  StreamId stream() const { return {maker_.terminal, maker_.incarnation}; }

 private:
  JournalRow make_at(const RecordId& id,
                     const Mac& prev_mac,
                     const Fact& fact,
                     NodeClock& clock,
                     Instant now) const;

  RecordMaker maker_;
  StreamPosition head_;
};

}  // namespace tally::node
