#include "tests/crash/till.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/codec/record_codec.hpp"
#include "core/record/packed.hpp"

namespace tally::crash {

RecordId Till::make(record::Business business, const std::string& card, WallTime at) {
  record::Record made;
  made.business = std::move(business);
  made.card_token = card;
  made.wall = at;
  made.business_day = BusinessDay{20'834};
  made.program = ProgramVersion{1};
  made.header.kind = record::kind_of(made.business);
  made.header.id = {stream_.terminal, stream_.incarnation, BootId{boot_}, Seq{sealed_.size() + 1}};
  made.header.prev_mac = sealed_.empty() ? Mac{} : record::peek_mac(sealed_.back());
  const auto body = codec::encode_body(made);
  TALLY_ASSERT(body.has_value());
  sealed_.push_back(*record::seal(made.header, *body, key_));
  records_.push_back(made);
  return made.header.id;
}

link::Hello Till::hello() const {
  link::Hello hello;
  hello.nonce = 1;
  hello.role = Role::kTerminal;
  hello.node = stream_.terminal.value;
  hello.incarnation = stream_.incarnation;
  hello.boot = BootId{boot_};
  hello.head = {head(), sealed_.empty() ? Mac{} : record::peek_mac(sealed_.back())};
  hello.oldest = Seq{1};
  hello.software = "crash";
  return hello;
}

void Till::hear(const link::Message& message) {
  if (const auto* welcome = std::get_if<link::Welcome>(&message)) {
    linked_ = true;
    sent_ = welcome->received.seq.value;
  } else if (const auto* received = std::get_if<link::Received>(&message);
             received != nullptr && received->rewind) {
    for (const StreamMark& mark : received->positions) {
      sent_ = mark.stream == stream_ ? mark.position.seq.value : sent_;
    }
  }
}

link::RecordBatch Till::next_batch() {
  link::RecordBatch batch;
  while (linked_ && sent_ < sealed_.size() && batch.count < link::kBatchRecordsMax) {
    record::append_packed(batch.packed, sealed_[sent_++]);
    ++batch.count;
  }
  return batch;
}

void Till::renumber() {
  const std::vector<record::Record> facts = std::exchange(records_, {});
  const std::map<std::string, std::int64_t> points = points_;
  for (const record::Record& fact : facts) {
    records_.push_back(fact);
  }
  for (const record::Record& fact : facts) {
    if (std::holds_alternative<record::Accrual>(fact.business)) {
      make(fact.business, fact.card_token, fact.wall);
    }
  }
  points_ = points;
}

}  // namespace tally::crash
