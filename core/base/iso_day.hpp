// Days as files, pages and receipts write them: "2026-11-24".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"

namespace tally {

std::string iso_day_text(BusinessDay day);

/// None when it is not ten characters that name a day from 1970 on.
std::optional<BusinessDay> parse_iso_day(std::string_view text);

}  // namespace tally
