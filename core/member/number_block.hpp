// Member numbers that tills give out without asking (docs/formats/directory.md, "Numbers"): the
// upper half of the card serials, cut by the ledger's generation, so that an OA restored from a
// back-up cannot give a number a second time.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/result.hpp"

namespace tally::member {

inline constexpr std::uint64_t kTillSerialFirst = 50'000'000'000;
inline constexpr std::uint64_t kSerialsPerGeneration = 1'000'000'000;
inline constexpr std::uint64_t kGenerationsMax = 49;

/// The serial of the `n`-th number (from 1) taken in a generation (from 1). Errors: kExhausted when
/// that many were never foreseen.
constexpr Result<std::uint64_t> till_serial(std::uint64_t generation, std::uint64_t n) {
  if (generation == 0 || generation > kGenerationsMax || n == 0 || n >= kSerialsPerGeneration) {
    return make_error(Errc::kExhausted, "all member numbers of this generation are taken");
  }
  return kTillSerialFirst + (generation - 1) * kSerialsPerGeneration + n;
}

/// Whether a card number is one that tills give out.
bool is_till_number(std::string_view card_number);

}  // namespace tally::member
