#include "tests/crash/score.hpp"

#include <algorithm>
#include <cstring>

#include <sys/mman.h>

#include "core/base/assert.hpp"

namespace tally::crash {

Score::Score() {
  // One process at a time writes: who makes another process waits for its end.
  void* memory = ::mmap(nullptr,
                        sizeof(Shared),
                        PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
                        -1,
                        0);
  TALLY_ASSERT(memory != MAP_FAILED);
  shared_ = static_cast<Shared*>(memory);
}

Score::~Score() {
  ::munmap(shared_, sizeof(Shared));
}

bool Score::clean() const {
  const Counts& c = shared_->counts;
  return c.lost + c.doubled + c.corrupt + c.stuck + c.aborted == 0;
}

void Score::say(const std::string& text) {
  if (shared_->text_count < kTextsMax) {
    char* to = shared_->texts[shared_->text_count++];
    const std::size_t size = std::min(text.size(), kTextBytes - 1);
    std::memcpy(to, text.data(), size);
    to[size] = '\0';
  }
}

std::vector<std::string> Score::texts() const {
  return {shared_->texts, shared_->texts + shared_->text_count};
}

bool Score::is_new(std::uint64_t value) {
  value = value == 0 ? 1 : value;
  for (std::size_t at = value % kSlots;; at = (at + 1) % kSlots) {
    if (shared_->seen[at] == value) {
      return false;
    }
    if (shared_->seen[at] == 0) {
      shared_->seen[at] = value;
      return true;
    }
  }
}

Score::Counts operator+(const Score::Counts& a, const Score::Counts& b) {
  return {a.points + b.points,
          a.subsets + b.subsets,
          a.whole + b.whole,
          a.recoveries + b.recoveries,
          a.days + b.days,
          a.refused + b.refused,
          a.lost + b.lost,
          a.doubled + b.doubled,
          a.corrupt + b.corrupt,
          a.stuck + b.stuck,
          a.aborted + b.aborted};
}

}  // namespace tally::crash
