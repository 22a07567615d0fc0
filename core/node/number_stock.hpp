// Member numbers a node may give out in this boot (docs/formats/directory.md, "Numbers"). In memory
// only, on purpose: what is left is lost at the next start, so a restored disk gives none twice.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>

#include "core/link/messages.hpp"

namespace tally::node {

class NumberStock {
 public:
  /// Blocks beyond `kBlocksMax` are let go: nobody asked for them.
  void add(const link::NumberBlock& block) {
    if (blocks_.size() < kBlocksMax) {
      blocks_.push_back(block);
    }
  }

  /// Up to `count_max` numbers in one piece; none when there is none left.
  std::optional<link::NumberBlock> take(std::uint32_t count_max) {
    if (blocks_.empty()) {
      return std::nullopt;
    }
    link::NumberBlock& front = blocks_.front();
    const link::NumberBlock taken{front.first, std::min(count_max, front.count)};
    front.first += taken.count;
    front.count -= taken.count;
    if (front.count == 0) {
      blocks_.pop_front();
    }
    return taken;
  }

  std::uint64_t left() const {
    std::uint64_t left = 0;
    for (const link::NumberBlock& block : blocks_) {
      left += block.count;
    }
    return left;
  }

 private:
  static constexpr std::size_t kBlocksMax = 16;

  std::deque<link::NumberBlock> blocks_;
};

}  // namespace tally::node
