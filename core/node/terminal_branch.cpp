// A disk that is not what the gateway knows: a restored image, a card swapped back. Places that are
// taken are never taken again. What this disk has and the gateway has not goes beside the stream to
// the OA, which posts both (a branch); then the terminal goes on behind all that was ever sent,
// with a GAP record for the places it cannot read (docs/formats/record.md, "Branch").
#include <algorithm>
#include <utility>

#include "core/node/terminal_node.hpp"
#include "core/record/packed.hpp"

namespace tally::node {

void TerminalNode::compare_with(const StreamPosition& told, Instant now) {
  branch_.reset();
  comparing_.reset();
  compare_from_.reset();
  const bool differs_at_head = told.seq == synced_head_.seq && told.mac != synced_head_.mac;
  if (told.seq > synced_head_.seq || differs_at_head) {
    start_branch(told, now);
    return;
  }
  if (told.seq && told.seq < synced_head_.seq) {
    comparing_ = told;
    actions_.push_back(ReadRows{ReadPurpose::kCompare, told.seq, 1});
    return;
  }
  pending_.received = told;
  pump_sender();
}

void TerminalNode::on_own_row(const RowsRead& read, Instant now) {
  if (!comparing_) {
    return;  // From before the link went down.
  }
  const StreamPosition told = std::exchange(comparing_, std::nullopt).value();
  // A row that is gone or stands for others says nothing; what is sent next will tell.
  if (!read.rows.empty() && read.rows.front().seq == told.seq &&
      read.rows.front().mac != told.mac) {
    start_branch(told, now);
    return;
  }
  pending_.received = told;
  pump_sender();
}

void TerminalNode::start_branch(const StreamPosition& told, Instant now) {
  branched_ = true;
  const std::uint64_t first = std::min(received_before_.value + 1, told.seq.value);
  branch_ = Branch{told, Seq{std::max({first, oldest_.value, std::uint64_t{1}})}, {}, {}};
  notice_once(sale::MessageId::kBranched, now);
  pump_sender();
}

void TerminalNode::pump_branch() {
  if (branch_->sent) {
    return;
  }
  const Seq last = synced_head_.seq;
  if (branch_->next <= last) {
    if (uplink_up_) {
      reading_to_send_ = true;
      const std::uint64_t count = last.value - branch_->next.value + 1;
      actions_.push_back(ReadRows{
          ReadPurpose::kBeside,
          branch_->next,
          static_cast<std::uint32_t>(std::min<std::uint64_t>(count, link::kBatchRecordsMax))});
    }
    return;
  }
  // What is on its way to disk still takes a place of the branch.
  if (pending_.append.empty() && writer_.head().seq == synced_head_.seq) {
    end_branch();
  }
}

void TerminalNode::send_beside(const std::vector<JournalRow>& rows, Instant now) {
  if (!branch_ || !linked_ || branch_->sent) {
    pump_sender();  // The branch ended while its rows were being read.
    return;
  }
  if (rows.empty()) {
    // Dropped since it was applied: the OA has it.
    branch_->next = Seq{std::max(branch_->next.value + 1, oldest_.value)};
    pump_sender();
    return;
  }
  link::RecordBatch batch;
  batch.beside = true;
  for (const JournalRow& row : rows) {
    record::append_packed(batch.packed, row.bytes);
    ++batch.count;
  }
  branch_->sent = rows.back().seq;
  branch_->sent_at = now.boot;
  actions_.push_back(SendUplink{std::move(batch)});
}

void TerminalNode::on_received_beside(const link::Received& received) {
  if (!branch_ || !branch_->sent) {
    return;
  }
  const bool answered = std::any_of(
      received.positions.begin(), received.positions.end(), [&](const StreamMark& mark) {
        return mark.stream == writer_.stream() && mark.position.seq == *branch_->sent;
      });
  if (answered) {
    branch_->next = Seq{branch_->sent->value + 1};
    branch_->sent.reset();
    pump_sender();
  }
}

void TerminalNode::end_branch() {
  const StreamPosition told = std::exchange(branch_, std::nullopt)->told;
  // Up to the own head everything is at the OA.
  cursor_.rewind(told.seq >= synced_head_.seq ? told : synced_head_, oldest_);
  pending_.received = std::min(told, synced_head_);
  bridge_ = told;
}

/// Never behind the own head, never in a place that another disk of this terminal has taken.
void TerminalNode::bridge(Instant now) {
  if (!bridge_ || journal_failed_) {
    return;
  }
  const StreamPosition other = *std::exchange(bridge_, std::nullopt);
  pending_.append.push_back(writer_.make_bridge(other, config_.program.version, clock_, now));
  note_time(now);
  urgent_ = true;
}

}  // namespace tally::node
