// Several sealed records in one buffer: each is a length (2 bytes, big endian) and its bytes. One
// allocation a batch instead of one a record; the form in which batches travel inside a process and
// lie in the gateway's journal.
#pragma once

#include <optional>

#include "core/base/bytes.hpp"

namespace tally::record {

/// Appends one record. Requires at most kRecordBytesMax bytes.
void append_packed(Bytes& packed, ByteView sealed);

/// Walks the records of a packed buffer; views stay valid as long as the buffer.
class PackedReader {
 public:
  explicit PackedReader(ByteView packed) : rest_(packed) {}

  /// The next record, or none at the end. A length that leaves the buffer ends the walk with
  /// truncated() set.
  std::optional<ByteView> next();

  bool truncated() const { return truncated_; }

 private:
  ByteView rest_;
  bool truncated_ = false;
};

}  // namespace tally::record
