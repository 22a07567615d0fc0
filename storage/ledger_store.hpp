// The OA's ledger in SQLite: one writer thread, one transaction a batch. The business rules are in
// core/ledger; this reads what they need and writes what they changed. Tables:
// docs/formats/ledger.md.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/ledger/ledger_store.hpp"

#include "storage/db.hpp"

namespace tally::storage {

/// One enrolment of a device, from its certificate.
struct LedgerDevice {
  Role role = Role::kTerminal;
  std::uint32_t node = 0;
  Incarnation incarnation;
  StoreId store;
  Bytes public_key;
  Bytes wrapped_key;  ///< Terminals: the record key, sealed under the OA's master key.
  WallTime not_after;
  WallTime imported_at;
};

class LedgerStore final : public ledger::LedgerStore {
 public:
  /// Opens or creates the ledger. Errors: those of Db::open and Db::migrate.
  static Result<std::unique_ptr<LedgerStore>> open(const std::string& path);
  ~LedgerStore() override;

  Status begin() override;
  Result<StreamPosition> cursor(StreamId stream) override;
  Result<std::vector<ledger::RawHead>> raw_at(StreamId stream, Seq seq) override;
  Result<bool> is_forked(StreamId stream) override;
  Result<StreamPosition> archived(StreamId stream) override;
  Status set_archived(const std::vector<StreamMark>& positions, WallTime at) override;
  Result<ledger::WorkingSet> read(ledger::ReadPlan plan) override;
  Status write(const ledger::WorkingSet& set, const ledger::IngestChanges& changes) override;
  Result<std::vector<ledger::WaitingRecord>> waiting_for(const std::string& card_token,
                                                         std::size_t count_max) override;
  Result<std::optional<ledger::QuarantinedRecord>> quarantined(std::int64_t number) override;
  Result<std::vector<ledger::TransitRow>> transits(std::size_t count_max) override;
  Result<std::vector<MemberId>> aliases_due(MemberId after, std::size_t count_max) override;
  Result<std::vector<MemberId>> due_expiry(BusinessDay last, std::size_t count_max) override;
  Result<std::vector<ledger::DueVesting>> due_vesting(BusinessDay today,
                                                      std::size_t count_max) override;
  Result<std::optional<ledger::Claim>> claim(const RecordId& record) override;
  Status put_claim(const ledger::Claim& claim) override;
  Result<std::vector<RecordId>> open_claims(StreamId stream,
                                            Seq up_to,
                                            std::size_t count_max) override;
  Status free_claim(const RecordId& record, WallTime at) override;
  Result<std::optional<ledger::TerminalDeath>> death(StreamId stream) override;
  Status put_death(const ledger::TerminalDeath& death) override;
  Status commit() override;
  void rollback() override;
  Result<std::vector<ledger::DirectoryMember>> directory_changes(std::uint64_t after,
                                                                 std::size_t members_max,
                                                                 std::size_t cards_max) override;
  Status put_directory_holder(const ledger::DirectoryHolder& holder) override;
  Result<std::uint64_t> take_numbers(std::uint32_t count) override;

  /// All devices ever imported. Call outside a transaction.
  Result<std::vector<LedgerDevice>> devices();

  /// Adds or replaces one device; inside a transaction.
  Status put_device(const LedgerDevice& device);

  /// Raised when an OA was restored from a back-up.
  Result<std::uint64_t> generation();
  /// Names this ledger since its last restoration, by the time of it in seconds; 1: never restored.
  Result<std::uint64_t> stamp();

  /// For the office's own rows (storage/office_store.hpp) and maintenance between batches.
  Db& db() { return db_; }

 private:
  enum class Sql : std::uint8_t;

  explicit LedgerStore(Db db) : db_(std::move(db)) {}
  Status prepare();
  Statement& at(Sql sql);
  Result<StreamPosition> position(Sql sql, StreamId stream);

  // ledger_read.cpp
  Status read_card(const std::string& token, ledger::WorkingSet& set, std::set<MemberId>& members);
  Status read_record(const RecordId& record, ledger::WorkingSet& set, std::set<MemberId>& members);
  Status read_sale(const SaleId& sale, ledger::WorkingSet& set, std::set<MemberId>& members);
  Status read_right(RightId right, ledger::WorkingSet& set, std::set<MemberId>& members);
  Status read_rights(Statement& ids, ledger::WorkingSet& set, std::set<MemberId>& members);
  Status read_store_risk(StoreId store, ledger::WorkingSet& set, std::set<MemberId>& members);
  Status read_ticket(const ledger::TicketKey& key, ledger::WorkingSet& set);
  Status read_member(MemberId id, ledger::WorkingSet& set);
  Status read_expired(const ledger::Txn& txn, ledger::WorkingSet& set);
  Status read_tombstones(Statement& rows, ledger::WorkingSet& set);
  Result<ledger::Txn> take_txn(Statement& row);
  Status read_sources(ledger::Txn& txn);
  Status read_txns(Statement& rows, ledger::WorkingSet& set, std::set<MemberId>& members);

  // ledger_write.cpp
  Status write_member(const ledger::MemberEntry& entry, std::uint64_t directory_version);
  Status write_txn(const ledger::Entry<ledger::Txn>& entry);
  Status write_sources(const ledger::Txn& txn);
  Status write_transfers(const ledger::WorkingSet& set);
  Status write_right(const ledger::Entry<ledger::Right>& entry);
  Status write_sale(const ledger::Sale& sale);
  Status write_tombstone(const ledger::Tombstone& tombstone);
  Status write_raw(const ledger::NewRaw& raw);
  Status write_ingest(const ledger::IngestChanges& changes);

  // ledger_directory.cpp
  struct DirectoryStatements {
    Statement take_versions;
    Statement changes;
    Statement cards;
    Statement expiring;
    Statement put_holder;
    Statement take_numbers;
  };
  Status prepare_directory();
  Result<std::uint64_t> take_directory_versions(const ledger::WorkingSet& set);
  Status read_directory_member(ledger::DirectoryMember& member,
                               std::uint32_t shard,
                               std::size_t cards_max);

  Db db_;
  std::vector<Statement> statements_;
  DirectoryStatements directory_;
  std::optional<Transaction> transaction_;
};

}  // namespace tally::storage
