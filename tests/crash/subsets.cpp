#include "tests/crash/subsets.hpp"

#include <algorithm>

namespace tally::crash {
namespace {

using tests::SectorFate;
using Fates = std::vector<SectorFate>;

void add_whole(std::size_t sectors, std::vector<Fates>& out) {
  for (std::size_t bits = 0; bits < std::size_t{1} << sectors; ++bits) {
    Fates fates(sectors, SectorFate::kDropped);
    for (std::size_t i = 0; i < sectors; ++i) {
      fates[i] = (bits >> i & 1U) != 0 ? SectorFate::kKept : SectorFate::kDropped;
    }
    out.push_back(std::move(fates));
  }
  for (std::size_t i = 0; i < sectors; ++i) {
    Fates fates(sectors, SectorFate::kKept);
    fates[i] = SectorFate::kTorn;
    out.push_back(std::move(fates));
  }
}

void add_sample(std::size_t sectors, std::uint64_t seed, std::vector<Fates>& out) {
  out.emplace_back(sectors, SectorFate::kDropped);
  out.emplace_back(sectors, SectorFate::kKept);
  out.emplace_back(sectors, SectorFate::kTorn);
  const std::size_t picked = std::min(sectors, kSampleMax);
  for (std::size_t i = 0; i < picked; ++i) {
    // The last one is always among them: it is what a commit waits for.
    const std::size_t at = sectors - 1 - i * sectors / picked;
    Fates alone(sectors, SectorFate::kDropped);
    alone[at] = SectorFate::kKept;
    Fates missing(sectors, SectorFate::kKept);
    missing[at] = SectorFate::kDropped;
    Fates first(sectors, SectorFate::kDropped);
    std::fill_n(first.begin(), at, SectorFate::kKept);
    out.push_back(std::move(alone));
    out.push_back(std::move(missing));
    out.push_back(std::move(first));
  }
  std::uint64_t random = seed * 0x9e3779b97f4a7c15U + 1;
  for (std::size_t n = 0; n < kRandomSubsets; ++n) {
    Fates fates;
    for (std::size_t i = 0; i < sectors; ++i) {
      random ^= random << 13;  // xorshift64, Marsaglia 2003.
      random ^= random >> 7;
      random ^= random << 17;
      fates.push_back(static_cast<SectorFate>((random >> 20) % 3));
    }
    out.push_back(std::move(fates));
  }
}

}  // namespace

std::vector<Fates> subsets(std::size_t sectors, std::uint64_t seed) {
  std::vector<Fates> out;
  if (sectors <= kSectorsWhole) {
    add_whole(sectors, out);
  } else {
    add_sample(sectors, seed, out);
  }
  return out;
}

}  // namespace tally::crash
