// The oracle at one gateway: what it has synced follows without a hole or a repeat, is what
// terminals made, survives, and is all it acknowledges.
#pragma once

#include <map>
#include <set>
#include <string>

#include "core/node/gateway_journal.hpp"

#include "tests/sim/ledger_watch.hpp"
#include "tests/sim/truth.hpp"
#include "tests/sim/verdict.hpp"

namespace tally::sim {

class GatewayWatch {
 public:
  GatewayWatch(Verdict& verdict, const Truth& truth, std::string name)
      : verdict_(verdict), truth_(truth), name_(std::move(name)) {}

  void on_committed(const node::GatewayCommit& commit);
  /// The last commit may or may not be on disk: what the next opening shows counts.
  void on_doubt() { in_doubt_ = true; }
  void on_opened(const node::GatewaySnapshot& snapshot);
  /// The gateway was replaced: nothing is left of what it had.
  void on_replaced() {
    received_.clear();
    newest_.clear();
    kept_.clear();
  }
  /// A terminal of this stream changes its records on the way, which no gateway can tell.
  void distrust(StreamId stream) { distrusted_.insert(stream); }

  /// How far it has each stream on its disk, of those it can vouch for.
  std::map<StreamId, StreamPosition> synced() const;
  /// Where the others end, which passed through hands that change records.
  std::map<StreamId, Seq> doubtful() const;
  /// From where on it has a stream: from its beginning, unless a lying terminal left that out.
  Seq oldest(StreamId stream) const;
  /// At the end, when every queue is empty: the OA has what this gateway has.
  void check_end(const LedgerWatch& ledger);

  /// What the gateway is about to tell a terminal.
  void on_told(const link::Message& message);
  void on_welcomed(StreamId stream, const link::Welcome& welcome);

 private:
  void check_told(StreamId stream, const StreamPosition& position, const char* word);
  void take(const node::PackedRecords& pack);
  void heard_of(StreamId stream);

  Verdict& verdict_;
  const Truth& truth_;
  std::string name_;
  std::map<StreamId, StreamPosition> received_;
  std::map<TerminalId, Incarnation> newest_;  ///< As far as it can know.
  std::map<StreamId, std::map<Seq, Mac>> kept_;
  std::set<StreamId> ends_in_gap_;
  std::set<StreamId> distrusted_;
  bool in_doubt_ = false;
};

}  // namespace tally::sim
