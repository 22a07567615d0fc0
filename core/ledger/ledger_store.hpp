// What the OA's machine needs of its store, whatever the engine (docs/formats/ledger.md). One
// transaction a batch: begin, read, decide in core/, write, commit. Implemented by
// storage/ledger_store.hpp. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/ledger/claim.hpp"
#include "core/ledger/directory.hpp"
#include "core/ledger/office.hpp"
#include "core/ledger/working_set.hpp"
#include "core/record/header.hpp"

namespace tally::ledger {

/// A stored record as far as continuity and repeats need it.
struct RawHead {
  BootId boot;
  std::uint32_t copy = 0;  ///< 0; above: another content under the same id (a fork).
  Mac mac{};
  Mac prev_mac{};
  record::RecordKind kind = record::RecordKind::kNote;
};

/// A record to be kept verbatim.
struct NewRaw {
  record::Header header;
  std::uint32_t copy = 0;
  Mac mac{};
  Bytes sealed;
  StoreId store;
  GatewayId via;  ///< The gateway that brought it; none when the terminal came itself.
  WallTime received_at;
  std::optional<QuarantineReason> quarantine;  ///< None: it was posted.
  std::string card_token;                      ///< Of a quarantined one: what may free it.
  Points points;                               ///< Of a quarantined one, for the person's list.
};

/// Values are those of the tables.
enum class AlarmKind : std::uint8_t {
  kBranch = 1,  ///< Two records with one predecessor: a lying disk, a restored image.
  kFork = 2,    ///< One id with two contents.
  kGap = 3,     ///< A terminal cannot read some of its records any more.
};

struct Alarm {
  AlarmKind kind = AlarmKind::kBranch;
  RecordId record;
  WallTime at;
};

/// A quarantined record about which the office decided; its row stays and says so.
struct DecidedRecord {
  std::int64_t number = 0;
  QuarantineDecision decision = QuarantineDecision::kPost;
  std::int64_t act = 0;  ///< The office act that says who, when and why.
};

/// What ingest decided, written together with the working set.
struct IngestChanges {
  std::vector<NewRaw> raws;         ///< In the order in which they were taken.
  std::vector<StreamMark> cursors;  ///< The streams' new heads.
  std::vector<Alarm> alarms;
  std::vector<StreamId> forked;        ///< Streams that are quarantined from now on.
  std::vector<std::int64_t> repaired;  ///< Numbers of quarantined records that are posted now.
  std::vector<DecidedRecord> decided;

  bool empty() const {
    return raws.empty() && cursors.empty() && alarms.empty() && forked.empty() &&
           repaired.empty() && decided.empty();
  }
};

/// Points on the way between two members, with the lots they left in.
struct TransitRow {
  Transit transit;
  std::vector<Lot> lots;
};

/// A quarantined record about which nobody has decided.
struct QuarantinedRecord {
  std::int64_t number = 0;
  QuarantineReason reason = QuarantineReason::kUnknownCard;
  std::uint32_t copy = 0;
  StoreId store;
  Bytes sealed;
};

/// A quarantined record that waits for its card.
struct WaitingRecord {
  std::int64_t number = 0;  ///< In ingest order.
  Bytes sealed;
  StoreId store;
};

/// An accrual whose points have waited long enough.
struct DueVesting {
  MemberId member;
  TxnId accrual;
};

class LedgerStore : public DirectoryStore {
 public:
  /// Opens the one transaction; everything below happens inside it. Errors of all calls: those of
  /// the engine. After any error the transaction must be rolled back and nothing of it be answered.
  virtual Status begin() = 0;

  /// The head of a stream; seq 0 when nothing of it is stored.
  virtual Result<StreamPosition> cursor(StreamId stream) = 0;

  /// All records stored at one place of a stream, over all boots and copies.
  virtual Result<std::vector<RawHead>> raw_at(StreamId stream, Seq seq) = 0;

  /// Whether a fork was seen in the stream.
  virtual Result<bool> is_forked(StreamId stream) = 0;

  /// How far a stream is inside a verified back-up; seq 0 when nothing of it is.
  virtual Result<StreamPosition> archived(StreamId stream) = 0;

  /// Keeps positions of a back-up, in place of those of the one before.
  virtual Status set_archived(const std::vector<StreamMark>& positions, WallTime at) = 0;

  /// Locks and reads what a batch needs.
  virtual Result<WorkingSet> read(ReadPlan plan) = 0;

  /// Writes what changed. Errors: also kDuplicate when a record, ticket or card is there already,
  /// which the rules exclude: the batch must not be committed.
  virtual Status write(const WorkingSet& set, const IngestChanges& changes) = 0;

  /// Up to `count_max` quarantined records that wait for a card, oldest first.
  virtual Result<std::vector<WaitingRecord>> waiting_for(const std::string& card_token,
                                                         std::size_t count_max) = 0;

  /// The record with this number, when it waits for a decision.
  virtual Result<std::optional<QuarantinedRecord>> quarantined(std::int64_t number) = 0;

  /// Up to `count_max` rows of the transit queue, oldest first.
  virtual Result<std::vector<TransitRow>> transits(std::size_t count_max) = 0;

  /// Up to `count_max` merged members with ids above `after` that have something to be moved on:
  /// points available, or RISK or DEBT open.
  virtual Result<std::vector<MemberId>> aliases_due(MemberId after, std::size_t count_max) = 0;
  /// Up to `count_max` members with a lot that expired on `last` or before, soonest expiry first,
  /// then by shard and number. Whoever is swept does not come again.
  virtual Result<std::vector<MemberId>> due_expiry(BusinessDay last, std::size_t count_max) = 0;

  /// Up to `count_max` accruals with points that vest on `today` or before, the longest due first.
  virtual Result<std::vector<DueVesting>> due_vesting(BusinessDay today, std::size_t count_max) = 0;

  /// The claim of a record, if its receipt was claimed.
  virtual Result<std::optional<Claim>> claim(const RecordId& record) = 0;

  /// Errors: also kDuplicate when the record is claimed already.
  virtual Status put_claim(const Claim& claim) = 0;

  /// Up to `count_max` open claims of a stream at or before a place.
  virtual Result<std::vector<RecordId>> open_claims(StreamId stream,
                                                    Seq up_to,
                                                    std::size_t count_max) = 0;

  /// The claim has become an ordinary posting.
  virtual Status free_claim(const RecordId& record, WallTime at) = 0;

  /// What was said of a terminal's end.
  virtual Result<std::optional<TerminalDeath>> death(StreamId stream) = 0;

  /// Keeps it, in place of what was there.
  virtual Status put_death(const TerminalDeath& death) = 0;

  /// On success everything since begin() is on disk; only then may anything of it be answered. On
  /// any error the outcome is unknown until the store has been reopened.
  virtual Status commit() = 0;

  /// Gives up everything since begin(); harmless when there is nothing.
  virtual void rollback() = 0;
};

}  // namespace tally::ledger
