// A till that is nothing but its records: it seals whatever fact a test wants, keeps everything in
// memory and sends from where the gateway stands. For the kinds of records that the terminal's
// machine does not make (notes, gaps, shift closes, enrolments, refunds).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/link/messages.hpp"
#include "core/record/record.hpp"
#include "core/record/seal.hpp"

namespace tally::crash {

class Till {
 public:
  Till(StreamId stream, record::RecordKey key) : stream_(stream), key_(key) {}

  /// Makes one more record of this till and gives its id.
  RecordId make(record::Business business, const std::string& card, WallTime at);

  /// What the gateway hears next, and what it says.
  link::Hello hello() const;
  void hear(const link::Message& message);
  void disconnect() { linked_ = false; }
  /// Records not sent yet on this connection; none when there is nothing to send.
  link::RecordBatch next_batch();

  /// Forgets its numbers and sends all its facts again as new ones: the mistake of a kit that makes
  /// a new key for each try.
  void renumber();

  StreamId stream() const { return stream_; }
  Seq head() const { return Seq{sealed_.size()}; }
  const std::vector<Bytes>& sealed() const { return sealed_; }
  /// Points that its records gave to each card, after its refunds and voids.
  const std::map<std::string, std::int64_t>& points_by_card() const { return points_; }
  void expect(const std::string& card, std::int64_t points) { points_[card] += points; }

 private:
  StreamId stream_;
  record::RecordKey key_;
  std::vector<record::Record> records_;
  std::vector<Bytes> sealed_;
  std::map<std::string, std::int64_t> points_;
  std::uint64_t boot_ = 9;
  bool linked_ = false;
  std::size_t sent_ = 0;
};

}  // namespace tally::crash
