// Seeded bugs for measuring the simulator (docs/testing.md, "Mutation score"). In every build but
// the preset `mutants` TALLY_MUTANT(name) is the constant false and nothing of a mutant is left in
// the program. There it asks which one mutant this process was told to be, once, before anything
// runs. Written beside the right code:
//
//   return TALLY_MUTANT("lot-order/newest-first") ? a.expires_on > b.expires_on
//                                                 : a.expires_on < b.expires_on;
//
// Every name stands in tests/sim/mutants.cpp with what is broken and the invariant that must see
// it.
#pragma once

#ifdef TALLY_MUTANTS

#include <cstdint>
#include <string_view>

namespace tally::mutant {

/// FNV-1a: comparing a number costs nothing in the hot paths that hold mutants.
constexpr std::uint64_t number_of(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : name) {
    hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3U;
  }
  return hash;
}

inline constinit std::uint64_t chosen = 0;   ///< number_of() a name; 0 is none.
inline constinit std::uint64_t reached = 0;  ///< How often the chosen mutant's code was reached.

/// In every object file of this build, so that no program can hide that it holds mutants.
[[gnu::used]] inline constexpr char kMark[] = "tallystick build with mutants";

inline bool is_chosen(std::uint64_t number) {
  if (chosen != number) [[likely]] {
    return false;
  }
  ++reached;
  return true;
}

}  // namespace tally::mutant

#define TALLY_MUTANT(name)                                             \
  (::tally::mutant::is_chosen([] {                                     \
    constexpr std::uint64_t number = ::tally::mutant::number_of(name); \
    return number;                                                     \
  }()))

#else

#define TALLY_MUTANT(name) false

#endif
