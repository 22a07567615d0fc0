// The days that decide about points, worked out a second time: which day it is in the office, on
// which day points expire, which lots a sweep may take and which it must have taken. Reads the
// whole ledger; called now and then.
#pragma once

#include "core/base/time.hpp"
#include "core/program/program.hpp"

#include "storage/db.hpp"
#include "tests/sim/truth.hpp"
#include "tests/sim/verdict.hpp"

namespace tally::sim {

/// What the calendar says at `at`, in a place that is `kOfficeAheadS` ahead of Greenwich.
inline constexpr std::int64_t kOfficeAheadS = 8 * 3'600;
std::int64_t calendar_day(WallTime at);

/// The last day of the month in which `day` lies.
std::int64_t end_of_month(std::int64_t day);

/// Reports the first rule that does not hold.
void check_day_rules(storage::Db& db,
                     const program::Program& program,
                     Truth& truth,
                     Verdict& verdict);

/// When the office has had hours to sweep: no lot is left that was over at `now`.
void check_swept(storage::Db& db, WallTime now, Verdict& verdict);

}  // namespace tally::sim
