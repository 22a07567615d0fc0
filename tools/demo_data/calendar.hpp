// How busy the shops are on a day: the rhythm of the week, and the seasons of Chinese retail.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"

namespace tally::tools::demo {

/// 0 Monday … 6 Sunday.
int weekday_of(BusinessDay day);

/// 1000: an ordinary day. Spring Festival's run-up and its empty days, National Day, 618, 11.11 and
/// Christmas are in it. Spring Festivals are known from 2020 to 2035.
std::int64_t traffic_permille(BusinessDay day);

}  // namespace tally::tools::demo
