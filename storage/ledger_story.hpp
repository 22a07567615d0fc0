// Everything a ledger file knows about one record or transaction, for `tally explain`: read-only,
// beside a running OA or on a stopped one's file. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/result.hpp"
#include "core/ledger/txn.hpp"

#include "storage/db.hpp"
#include "storage/office_acts.hpp"

namespace tally::storage {

/// A transaction with its legs, and the record of the one it cancels.
struct StoryTxn {
  ledger::Txn txn;
  std::vector<ledger::Transfer> legs;
  std::optional<RecordId> about_record;
  std::optional<OfficeActRow> act;  ///< The office act that made it.
};

/// A stored record; several under one id are a fork.
struct StoryRaw {
  std::int64_t number = 0;
  std::uint32_t copy = 0;
  Mac mac{};
  Bytes sealed;
  bool whole = false;  ///< Its check sum fits.
  StoreId store;
  GatewayId gateway;
  WallTime received_at;
};

struct StoryQuarantine {
  std::int64_t number = 0;
  ledger::QuarantineReason reason = ledger::QuarantineReason::kUnknownCard;
  WallTime at;
  std::optional<ledger::QuarantineDecision> decision;
  std::optional<OfficeActRow> act;
};

struct RecordStory {
  std::optional<RecordId> record;  ///< None: a transaction of the ledger's own.
  std::vector<StoryRaw> raws;      ///< In the order of their copies.
  std::vector<StoryQuarantine> quarantine;
  std::optional<StoryTxn> posted;
  std::vector<StoryTxn> later;                ///< Cancels it, or follows from it; oldest first.
  std::vector<ledger::Tombstone> awaited_by;  ///< Cancellations that are waiting for this record.
};

class LedgerStories {
 public:
  explicit LedgerStories(Db& db) : db_(db) {}

  /// The ids under which something is known of this place in a stream, over all boots: stored,
  /// posted, or waited for. Errors of all calls: those of the database.
  Result<std::vector<RecordId>> ids_at(TerminalId terminal, Incarnation incarnation, Seq seq);
  Result<RecordStory> of_record(const RecordId& record);
  /// Every transaction in the order of its number, without sources and legs. All of them in memory.
  Result<std::vector<ledger::Txn>> all_txns();
  /// None when there is no such transaction.
  Result<std::optional<RecordStory>> of_txn(ledger::TxnId txn);

 private:
  Result<std::vector<StoryTxn>> txns(Statement rows);
  Result<std::vector<StoryTxn>> txns_where(std::string_view where, const RecordId& record);
  Status add_details(StoryTxn& story);
  Status add_later(RecordStory& story);
  Status add_raws(RecordStory& story);

  Db& db_;
};

}  // namespace tally::storage
