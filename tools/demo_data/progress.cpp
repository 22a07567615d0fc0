#include "tools/demo_data/progress.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "core/base/iso_day.hpp"

namespace tally::tools::demo {
namespace {

constexpr std::int64_t kPauseMs = 200;
constexpr std::uint32_t kBarCells = 24;

std::string clock_text(std::int64_t seconds) {
  char text[32];
  std::snprintf(text,
                sizeof text,
                "%lld:%02lld",
                static_cast<long long>(seconds / 60),
                static_cast<long long>(seconds % 60));
  return text;
}

}  // namespace

bool Progress::is_due(const Passed& passed, std::int64_t elapsed_ms) {
  if (on_terminal_) {
    const bool due = shown_ms_ < 0 || elapsed_ms - shown_ms_ >= kPauseMs || passed.days == days_;
    shown_ms_ = due ? elapsed_ms : shown_ms_;
    return due;
  }
  const std::uint32_t tenths = passed.days * 10 / days_;
  return std::exchange(tenths_, tenths) < tenths;
}

std::string Progress::text(const Passed& passed, std::int64_t elapsed_ms) {
  if (!is_due(passed, elapsed_ms)) {
    return "";
  }
  const std::int64_t ms = std::max<std::int64_t>(elapsed_ms, 1);
  const auto rate = passed.records * 1'000 / static_cast<std::uint64_t>(ms);
  const std::int64_t left_s = ms * (days_ - passed.days) / passed.days / 1'000;
  std::string text = iso_day_text(passed.day) + ", " + std::to_string(passed.days * 100 / days_) +
                     " %, " + with_commas(passed.records) + " records, " + with_commas(rate) +
                     "/s, " + clock_text(left_s) + " left";
  if (!on_terminal_) {
    return text + "\n";
  }
  const std::uint32_t cells = passed.days * kBarCells / days_;
  return "\r\033[K[" + std::string(cells, '#') + std::string(kBarCells - cells, '.') + "] " + text;
}

}  // namespace tally::tools::demo
