#include "storage/ledger_story.hpp"

#include <utility>

#include "core/base/crc32c.hpp"

#include "storage/ledger_schema.hpp"
#include "storage/ledger_statements.hpp"

namespace tally::storage {
namespace {

constexpr std::string_view kTxnColumns =
    "SELECT t.id, t.member, t.kind, t.result, t.terminal, t.incarnation, t.seq, t.boot, t.mac, "
    "t.sale, t.store, t.at_terminal, t.business_day, t.happened_us, t.posted_us, t.points, "
    "t.balance_after, t.bill_minor, t.discount_minor, t.currency, t.about, t.cause, "
    "t.returned_minor, o.terminal, o.incarnation, o.seq, o.boot "
    "FROM txn t LEFT JOIN txn o ON o.shard = t.shard AND o.id = t.about ";
constexpr std::string_view kIsRecord = "terminal = ? AND incarnation = ? AND seq = ? AND boot = ?";
/// A record has a handful; a till that makes more is lying and must not cost more.
constexpr std::string_view kLaterMax = "1000";

Result<ledger::Txn> take_txn(Statement& rows) {
  ledger::Txn txn;
  txn.id = ledger::TxnId{rows.int64(0)};
  txn.member = MemberId{rows.int64(1)};
  txn.kind = static_cast<ledger::TxnKind>(rows.int64(2));
  txn.result = static_cast<ledger::TxnResult>(rows.int64(3));
  if (!rows.is_null(4)) {
    txn.record = take_record(rows, 4);
    TALLY_TRY_ASSIGN(txn.mac, rows.array<16>(8));
  }
  TALLY_TRY_ASSIGN(txn.sale, take_sale(rows, 9));
  txn.store = StoreId{rows.uint32(10)};
  txn.terminal = TerminalId{rows.uint32(11)};
  txn.business_day = BusinessDay{rows.int32(12)};
  txn.happened_at = WallTime{rows.int64(13)};
  txn.posted_at = WallTime{rows.int64(14)};
  txn.points = Points{rows.int64(15)};
  txn.balance_after = Points{rows.int64(16)};
  const auto currency = static_cast<Currency>(rows.int64(19));
  txn.bill = Money{rows.int64(17), currency};
  txn.discount = Money{rows.int64(18), currency};
  txn.about = ledger::TxnId{rows.int64(20)};
  txn.cause = ledger::TxnId{rows.int64(21)};
  txn.returned_minor = rows.int64(22);
  return txn;
}

}  // namespace

Result<std::vector<RecordId>> LedgerStories::ids_at(TerminalId terminal,
                                                    Incarnation incarnation,
                                                    Seq seq) {
  TALLY_TRY_ASSIGN(
      Statement rows,
      db_.prepare(
          "SELECT boot FROM raw_record WHERE terminal = ?1 AND incarnation = ?2 AND seq = ?3 UNION "
          "SELECT boot FROM txn WHERE terminal = ?1 AND incarnation = ?2 AND seq = ?3 UNION "
          "SELECT boot FROM tombstone WHERE terminal = ?1 AND incarnation = ?2 AND seq = ?3 "
          "ORDER BY boot LIMIT 100"));
  rows.bind_all(terminal, incarnation, seq);
  std::vector<RecordId> ids;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      return ids;
    }
    ids.push_back({terminal, incarnation, BootId{rows.uint64(0)}, seq});
  }
}

Result<std::vector<StoryTxn>> LedgerStories::txns(Statement rows) {
  std::vector<StoryTxn> found;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      break;
    }
    StoryTxn story;
    TALLY_TRY_ASSIGN(story.txn, take_txn(rows));
    if (!rows.is_null(23)) {
      story.about_record = take_record(rows, 23);
    }
    found.push_back(std::move(story));
  }
  for (StoryTxn& story : found) {
    TALLY_TRY(add_details(story));
  }
  return found;
}

Status LedgerStories::add_details(StoryTxn& story) {
  ledger::Txn& txn = story.txn;
  const std::uint32_t shard = shard_of(txn.member);
  TALLY_TRY_ASSIGN(Statement legs,
                   db_.prepare("SELECT from_kind, from_owner, to_kind, to_owner, points, code, "
                               "expires_on, issuer, lot FROM transfer WHERE shard = ? AND txn = ? "
                               "ORDER BY leg"));
  legs.bind_all(shard, txn.id);
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, legs.step());
    if (!there) {
      break;
    }
    ledger::Transfer transfer;
    transfer.from = {static_cast<ledger::AccountKind>(legs.int64(0)), legs.int64(1)};
    transfer.to = {static_cast<ledger::AccountKind>(legs.int64(2)), legs.int64(3)};
    transfer.points = Points{legs.int64(4)};
    transfer.code = static_cast<ledger::TransferCode>(legs.int64(5));
    transfer.lot = take_lot_ref(legs, 6, 7, 8);
    story.legs.push_back(transfer);
  }
  TALLY_TRY_ASSIGN(Statement sources,
                   db_.prepare("SELECT kind, store, expires_on, issuer, lot, points, vests_on FROM "
                               "txn_source WHERE shard = ? AND txn = ? ORDER BY n"));
  sources.bind_all(shard, txn.id);
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, sources.step());
    if (!there) {
      break;
    }
    ledger::Source source;
    source.kind = static_cast<ledger::AccountKind>(sources.int64(0));
    source.store = StoreId{sources.uint32(1)};
    source.lot = take_lot_ref(sources, 2, 3, 4);
    source.points = Points{sources.int64(5)};
    source.vests_on = BusinessDay{sources.int32(6)};
    txn.sources.push_back(source);
  }
  TALLY_TRY_ASSIGN(story.act, OfficeActs(db_).of_txn(txn.id));
  return {};
}

Status LedgerStories::add_later(RecordStory& story) {
  if (!story.posted) {
    return {};
  }
  const ledger::Txn& txn = story.posted->txn;
  // What cancels it is its member's; what it caused (a cancellation that had waited, the other half
  // of a way between two members) may lie on another shard.
  TALLY_TRY_ASSIGN(
      Statement rows,
      db_.prepare(
          std::string(kTxnColumns)
              .append("WHERE (t.shard, t.id) IN (SELECT shard, id FROM txn WHERE shard = ?1 "
                      "AND member = ?2 AND about = ?3 UNION "
                      "SELECT shard, id FROM txn WHERE cause = ?3 AND cause <> 0) "
                      "ORDER BY t.id LIMIT ")
              .append(kLaterMax)));
  rows.bind_all(shard_of(txn.member), txn.member, txn.id);
  TALLY_TRY_ASSIGN(story.later, txns(std::move(rows)));
  return {};
}

Status LedgerStories::add_raws(RecordStory& story) {
  TALLY_TRY_ASSIGN(Statement rows,
                   db_.prepare(std::string("SELECT r.no, r.copy, r.mac, r.sealed, r.crc, r.store, "
                                           "r.gateway, r.received_us, q.reason, q.at_us, "
                                           "q.decision, q.act FROM raw_record r LEFT JOIN "
                                           "quarantine q ON q.no = r.no WHERE ")
                                   .append(kIsRecord)
                                   .append(" ORDER BY r.copy LIMIT 100")));
  bind_record(rows, 1, *story.record);
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      break;
    }
    StoryRaw raw;
    raw.number = rows.int64(0);
    raw.copy = rows.uint32(1);
    TALLY_TRY_ASSIGN(raw.mac, rows.array<16>(2));
    raw.sealed.assign(rows.blob(3).begin(), rows.blob(3).end());
    raw.whole = crc32c(raw.sealed) == rows.uint32(4);
    raw.store = StoreId{rows.uint32(5)};
    raw.gateway = GatewayId{rows.uint32(6)};
    raw.received_at = WallTime{rows.int64(7)};
    story.raws.push_back(std::move(raw));
    if (rows.is_null(8)) {
      continue;
    }
    StoryQuarantine aside;
    aside.number = story.raws.back().number;
    aside.reason = static_cast<ledger::QuarantineReason>(rows.int64(8));
    aside.at = WallTime{rows.int64(9)};
    if (rows.int64(10) != 0) {
      aside.decision = static_cast<ledger::QuarantineDecision>(rows.int64(10));
      TALLY_TRY_ASSIGN(aside.act, OfficeActs(db_).find(rows.int64(11)));
    }
    story.quarantine.push_back(std::move(aside));
  }
  TALLY_TRY_ASSIGN(Statement waiting,
                   db_.prepare(std::string("SELECT by_txn, kind, store, returned_minor, "
                                           "whole_minor FROM tombstone WHERE ")
                                   .append(kIsRecord)
                                   .append(" ORDER BY id LIMIT 100")));
  bind_record(waiting, 1, *story.record);
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, waiting.step());
    if (!there) {
      return {};
    }
    ledger::Tombstone tombstone;
    tombstone.original = story.record;
    tombstone.by = ledger::TxnId{waiting.int64(0)};
    tombstone.kind = static_cast<ledger::TxnKind>(waiting.int64(1));
    tombstone.store = StoreId{waiting.uint32(2)};
    tombstone.returned_minor = waiting.int64(3);
    tombstone.whole_minor = waiting.int64(4);
    story.awaited_by.push_back(tombstone);
  }
}

Result<std::vector<ledger::Txn>> LedgerStories::all_txns() {
  TALLY_TRY_ASSIGN(Statement rows, db_.prepare(std::string(kTxnColumns).append("ORDER BY t.id")));
  std::vector<ledger::Txn> all;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      return all;
    }
    TALLY_TRY_ASSIGN(ledger::Txn txn, take_txn(rows));
    all.push_back(std::move(txn));
  }
}

Result<std::vector<StoryTxn>> LedgerStories::txns_where(std::string_view where,
                                                        const RecordId& record) {
  TALLY_TRY_ASSIGN(Statement rows, db_.prepare(std::string(kTxnColumns).append(where)));
  bind_record(rows, 1, record);
  return txns(std::move(rows));
}

Result<RecordStory> LedgerStories::of_record(const RecordId& record) {
  RecordStory story;
  story.record = record;
  TALLY_TRY(add_raws(story));
  TALLY_TRY_ASSIGN(
      std::vector<StoryTxn> posted,
      txns_where("WHERE t.terminal = ? AND t.incarnation = ? AND t.seq = ? AND t.boot = ?",
                 record));
  if (!posted.empty()) {
    story.posted = std::move(posted.front());
  }
  TALLY_TRY(add_later(story));
  return story;
}

Result<std::optional<RecordStory>> LedgerStories::of_txn(ledger::TxnId txn) {
  TALLY_TRY_ASSIGN(Statement rows,
                   db_.prepare(std::string(kTxnColumns).append("WHERE t.shard = ? AND t.id = ?")));
  for (std::uint32_t shard = 0; shard < kShards; ++shard) {
    rows.bind_all(shard, txn);
    bool found = false;
    std::optional<RecordId> record;
    {
      Rows each(rows);
      TALLY_TRY_ASSIGN(found, each.next());
      if (found && !rows.is_null(4)) {
        record = take_record(rows, 4);
      }
    }
    if (!found) {
      continue;
    }
    if (record) {
      TALLY_TRY_ASSIGN(RecordStory story, of_record(*record));
      return std::optional(std::move(story));
    }
    rows.bind_all(shard, txn);
    TALLY_TRY_ASSIGN(std::vector<StoryTxn> own, txns(std::move(rows)));
    RecordStory story;
    story.posted = std::move(own.front());
    TALLY_TRY(add_later(story));
    return std::optional(std::move(story));
  }
  return std::optional<RecordStory>{};
}

}  // namespace tally::storage
