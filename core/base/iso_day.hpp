// Days as people write them in files, "2026-11-24". Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"

namespace tally::tools {

std::string day_text(BusinessDay day);

/// None when it is not ten characters that name a day from 1970 on.
std::optional<BusinessDay> read_day(std::string_view text);

}  // namespace tally::tools
