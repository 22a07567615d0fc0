#include "tests/sim/trace.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace tally::sim {
namespace {

constexpr std::uint64_t kPrime = 0x100000001b3U;

}  // namespace

void Trace::mix(std::uint64_t value) {
  for (int i = 0; i < 8; ++i) {
    hash_ = (hash_ ^ (value & 0xffU)) * kPrime;
    value >>= 8;
  }
}

void Trace::mix(ByteView bytes) {
  for (const std::uint8_t byte : bytes) {
    hash_ = (hash_ ^ byte) * kPrime;
  }
}

void Trace::note(std::uint64_t event, std::int64_t at_ms, std::string text) {
  mix(static_cast<std::uint64_t>(at_ms));
  mix(ByteView(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  lines_[count_++ % kKept] = Line{event, at_ms, std::move(text)};
}

std::vector<std::string> Trace::last() const {
  std::vector<std::string> out;
  const std::size_t first = count_ > kKept ? count_ - kKept : 0;
  for (std::size_t i = first; i < count_; ++i) {
    const Line& line = lines_[i % kKept];
    out.push_back(std::to_string(line.event) + "  " + format_sim_time(line.at_ms) + "  " +
                  line.text);
  }
  return out;
}

std::string format_sim_time(std::int64_t at_ms) {
  std::array<char, 40> text{};
  std::snprintf(text.data(),
                text.size(),
                "%lld %02d:%02d:%02d.%03d",
                static_cast<long long>(at_ms / 86'400'000),
                static_cast<int>(at_ms / 3'600'000 % 24),
                static_cast<int>(at_ms / 60'000 % 60),
                static_cast<int>(at_ms / 1'000 % 60),
                static_cast<int>(at_ms % 1'000));
  return text.data();
}

}  // namespace tally::sim
