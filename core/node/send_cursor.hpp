// Where the sending of one stream stands: what the receiver has synced, what is on its way, what
// may be sent next. Positions may move backwards; the cursor then rewinds. Used on both hops.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/base/ids.hpp"
#include "core/base/mutant.hpp"

namespace tally::node {

class SendCursor {
 public:
  /// `window` bounds the records sent and not yet acknowledged.
  explicit SendCursor(std::uint64_t window) : window_(window) {}

  /// The receiver's position as it told at the start of a connection, or with a rewind; `oldest` is
  /// the first record the sender still has (0 or 1: all of them).
  void rewind(StreamPosition received, Seq oldest) {
    if (TALLY_MUTANT("positions/never-move-back") && received.seq < received_.seq) {
      return;
    }
    received_ = received;
    oldest_ = oldest;
    next_ = Seq{std::max(received.seq.value + 1, std::max<std::uint64_t>(oldest.value, 1))};
  }

  /// A cumulative acknowledgement; an older one than known changes nothing.
  bool acknowledge(StreamPosition received) {
    if (received.seq <= received_.seq) {
      return false;
    }
    received_ = received;
    next_ = std::max(next_, Seq{received.seq.value + 1});
    return true;
  }

  /// How many records from next() on may be sent now, given the last one on disk.
  std::uint64_t sendable(Seq synced) const {
    const std::uint64_t base = std::max<std::uint64_t>(received_.seq.value + 1, oldest_.value) - 1;
    const std::uint64_t last = std::min(synced.value, base + window_);
    return last >= next_.value ? last - next_.value + 1 : 0;
  }

  void sent(std::uint64_t count) { next_.value += count; }
  /// As sent(), by the last record that went: a GAP record stands for several.
  void sent_through(Seq last) { next_ = std::max(next_, Seq{last.value + 1}); }

  Seq next() const { return next_; }
  Seq oldest() const { return oldest_; }
  const StreamPosition& received() const { return received_; }

 private:
  std::uint64_t window_;
  StreamPosition received_;
  Seq oldest_;
  Seq next_{1};
};

}  // namespace tally::node
