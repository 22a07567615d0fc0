// Makes a demo year in an empty directory, day by day.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "core/base/result.hpp"

#include "tools/demo_data/size.hpp"
#include "tools/demo_data/summary.hpp"

namespace tally::tools::demo {

/// How far it is.
struct Passed {
  std::uint32_t days = 0;
  BusinessDay day;  ///< The last one done.
  std::uint64_t records = 0;
};

/// Makes everything that an OA's data directory holds. `go_on` is called after each day and ends it
/// by false: none then, and `data` holds what was done. Errors: those of provisioning and of the
/// ledger; kExhausted when the disk is full.
Result<std::optional<Summary>> make_year(const std::filesystem::path& data,
                                         const Size& size,
                                         const std::function<bool(const Passed&)>& go_on);

}  // namespace tally::tools::demo
