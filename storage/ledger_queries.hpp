// What the office's pages read of the ledger, beside the running writer: a read-only view of the
// same file. Each call sees the last commit. Blocking; one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ledger/txn.hpp"

#include "storage/db.hpp"

namespace tally::storage {

struct MemberSummary {
  ledger::Member row;
  std::string number;  ///< The first card; empty when there is none.
  std::string language;
  std::string phone_tail;
  std::string frozen_reason;
  WallTime frozen_at;
  Points expiring;  ///< The next points to go; 0 when none ever do.
  BusinessDay expiring_on;
  Bytes sealed;  ///< Personal data; empty when the office has none.
  Bytes wrapped_key;
};

struct LotRow {
  StoreId issuer;
  Points points;
  BusinessDay issued_on;
  BusinessDay expires_on;  ///< ledger::kNoExpiry: never.
};

struct CardRow {
  std::string token;
  ledger::CardState state = ledger::CardState::kActive;
  WallTime issued_at;
};

struct HistoryRow {
  ledger::Txn txn;  ///< Without its sources.
  std::optional<RecordId> original;
  Points left_to_cancel;
};

struct QuarantineRow {
  std::int64_t number = 0;
  RecordId record;
  std::uint8_t kind = 0;
  StoreId store;
  Points points;
  ledger::QuarantineReason reason = ledger::QuarantineReason::kUnknownCard;
  MemberId member;  ///< Whose card it names, when somebody has it.
  WallTime at;
  std::int64_t act = 0;  ///< The office act that decided about it; 0: nobody has.
};

/// An erased member, and the gateways that have not acknowledged it.
struct ErasureRow {
  MemberId member;
  WallTime at;
  std::string user;
  std::string reason;
  std::vector<GatewayId> open;
};

/// Which entries of the quarantine.
enum class QuarantineFilter : std::uint8_t { kOpen, kDecided };

struct LedgerTotals {
  std::int64_t members = 0;
  std::int64_t members_frozen = 0;
  Points available;
  Points held;
  Points pending;
  Points debt;
  bool sums_to_zero = false;
};

struct DayFigures {
  BusinessDay day;
  std::int64_t sales = 0;
  std::int64_t records = 0;
  std::int64_t voids = 0;
  std::int64_t reversals = 0;
  Points accrued;
  Points redeemed;
};

class LedgerQueries {
 public:
  /// Errors: those of Db::open and Db::require.
  static Result<std::unique_ptr<LedgerQueries>> open(const std::string& path);

  Result<std::optional<MemberSummary>> member(MemberId id);
  /// Who has a card or member number.
  Result<std::optional<MemberId>> member_of_card(std::string_view token);
  /// Up to `count_max` members with smaller ids, newest first; with `phone_tail` only those.
  Result<std::vector<MemberId>> members_before(MemberId before,
                                               std::string_view phone_tail,
                                               std::size_t count_max);

  /// Live lots and those in rights, in the order in which they are spent.
  Result<std::vector<LotRow>> lots(MemberId member);
  Result<std::vector<CardRow>> cards(MemberId member);
  /// Newest first, with smaller transaction numbers than `before`. A hold is shown while it is
  /// open; once it has ended the record that used it, or nothing, stands for it.
  Result<std::vector<HistoryRow>> history(MemberId member,
                                          ledger::TxnId before,
                                          std::size_t count_max);
  /// Newest first, with smaller numbers than `before`.
  Result<std::vector<QuarantineRow>> quarantine(std::int64_t before,
                                                std::size_t count_max,
                                                QuarantineFilter filter = QuarantineFilter::kOpen);
  /// Open ones.
  Result<std::int64_t> quarantine_count();

  /// Newest first; a gateway is open that ever synced the directory and not yet up to this.
  Result<std::vector<ErasureRow>> erasures(std::size_t count_max);

  /// For the office's acts (storage/office_acts.hpp).
  Db& db() { return db_; }

  /// Reads every member row: costs time with many members, keep the answer a while.
  Result<LedgerTotals> totals();
  Result<std::int64_t> enrolled_since(WallTime since);
  /// Days that had anything, from `first` on.
  Result<std::vector<DayFigures>> days(BusinessDay first);

 private:
  explicit LedgerQueries(Db db) : db_(std::move(db)) {}
  Result<std::int64_t> single(std::string_view sql);

  Db db_;
};

}  // namespace tally::storage
