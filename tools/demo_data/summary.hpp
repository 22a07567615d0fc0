// What a finished demo holds, counted in its ledger.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

#include "storage/db.hpp"
#include "tools/demo_data/size.hpp"

namespace tally::tools::demo {

/// The word of each kind in the manifest, by record::RecordKind; [0] is unused.
inline constexpr std::array<std::string_view, 10> kRecordKindWords{"",
                                                                   "accrual",
                                                                   "redemption",
                                                                   "void",
                                                                   "refund",
                                                                   "reversal",
                                                                   "enrolment",
                                                                   "note",
                                                                   "gap",
                                                                   "shift_close"};

struct Summary {
  std::uint64_t members = 0;
  std::array<std::uint64_t, kRecordKindWords.size()> records{};  ///< By record::RecordKind.
  std::int64_t points_issued = 0;                                ///< Less what was cancelled.
  std::int64_t points_redeemed = 0;                              ///< As above.
  std::int64_t points_expired = 0;
  std::int64_t points_outstanding = 0;  ///< Owed to members.
  std::uint64_t holds = 0;              ///< Redemptions authorised online.
  std::uint64_t quarantined = 0;        ///< Decided or not.
  std::uint64_t alarms = 0;
  std::uint64_t office_acts = 0;
  std::int64_t seconds = 0;  ///< What making it took.

  std::uint64_t records_total() const;
  bool operator==(const Summary&) const = default;
};

/// Errors: those of reading.
Result<Summary> summarise(storage::Db& ledger);

/// One JSON object: the size, the summary, and where it is. `made_now` is false for one made
/// before.
std::string summary_json(const Size& size,
                         const Summary& summary,
                         const std::string& directory,
                         bool made_now);
/// For people; ends with how to start the OA on it.
std::string summary_text(const Size& size,
                         const Summary& summary,
                         const std::string& directory,
                         bool made_now);

/// "1,234,567".
std::string with_commas(std::uint64_t number);

}  // namespace tally::tools::demo
