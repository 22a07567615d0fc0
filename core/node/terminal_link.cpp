// The terminal's side of the link: hello, sending, the three acknowledgements, clock anchors.
#include <algorithm>
#include <utility>

#include "core/base/bytes.hpp"
#include "core/base/mutant.hpp"
#include "core/crypto/record_key.hpp"
#include "core/node/terminal_node.hpp"
#include "core/record/header.hpp"
#include "core/record/packed.hpp"

namespace tally::node {
namespace {

/// A pushed anchor is no older than a link that heartbeats keep alive: the idle time-out.
constexpr Duration kAnchorAgeMax{15'000};

bool is_gap(const JournalRow& row) {
  const Result<record::Header> header = record::peek_header(row.bytes);
  return header && header->kind == record::RecordKind::kGap;
}

}  // namespace

TerminalActions TerminalNode::on_message(const link::Message& message, Instant now) {
  if (const auto* challenge = std::get_if<link::Challenge>(&message)) {
    on_challenge(*challenge, now);
  } else if (const auto* welcome = std::get_if<link::Welcome>(&message)) {
    on_welcome(*welcome, now);
  } else if (const auto* received = std::get_if<link::Received>(&message)) {
    on_received(*received, now);
  } else if (const auto* applied = std::get_if<link::Applied>(&message)) {
    on_applied(*applied);
  } else if (const auto* answer = std::get_if<link::Answer>(&message)) {
    on_answer(*answer, now);
  } else if (const auto* refusal = std::get_if<link::RecordRefusal>(&message)) {
    on_refusal(*refusal, now);
  } else if (const auto* state = std::get_if<link::StoreState>(&message)) {
    uplink_up_ = state->uplink_up;
    if (branch_) {
      branch_->sent.reset();
    }
    pump_sender();
  } else if (const auto* anchor = std::get_if<link::TimeAnchor>(&message)) {
    on_anchor(*anchor, kAnchorAgeMax, now);
  } else if (const auto* block = std::get_if<link::NumberBlock>(&message)) {
    numbers_.add(*block);
  } else if (const auto* close = std::get_if<link::Close>(&message)) {
    on_close(*close, now);
  }
  // Archived has no use here yet; the other kinds have no place on this hop and are ignored.
  return take(now);
}

TerminalActions TerminalNode::on_link_down(LinkFault fault, Instant now) {
  linked_ = false;
  uplink_up_ = false;
  reading_to_send_ = false;
  comparing_.reset();
  compare_from_.reset();
  branch_.reset();
  if (fault == LinkFault::kCertificateRefused) {
    notice_once(sale::MessageId::kCertificateRefused, now);
  }
  if (work_.step == Step::kLookUp || work_.step == Step::kAuthorise) {
    ask_failed(now);
  }
  return take(now);
}

void TerminalNode::on_challenge(const link::Challenge& challenge, Instant now) {
  link::Hello hello;
  hello.nonce = challenge.nonce;
  hello.role = Role::kTerminal;
  hello.node = config_.terminal.value;
  hello.incarnation = config_.incarnation;
  hello.boot = config_.boot;
  hello.head = synced_head_;
  hello.oldest = oldest_;
  hello.unsynced_records = checkout_.view().status.unsynced_records;
  hello.oldest_unsynced_age = Duration{checkout_.view().status.oldest_unsynced_age_s * 1'000};
  hello.program = config_.program.version;
  hello.software = config_.software;
  hello.wall = now.wall;
  hello.boot_time = now.boot;
  hello_at_ = now.boot;
  actions_.push_back(SendUplink{std::move(hello)});
}

void TerminalNode::on_welcome(const link::Welcome& welcome, Instant now) {
  linked_ = true;
  uplink_up_ = welcome.uplink_up;
  last_notice_ = sale::MessageId::kNone;
  on_anchor(welcome.anchor, hello_at_ ? now.boot - *hello_at_ : kAnchorAgeMax, now);
  if (welcome.version >= link::kVersionWithDirectory) {
    order_numbers();
  }
  quarantined_ = false;
  branched_ = false;
  received_before_ = cursor_.received().seq;
  cursor_.rewind(TALLY_MUTANT("positions/welcome-ignored") ? cursor_.received() : welcome.received,
                 oldest_);
  compare_with(welcome.received, now);
}

void TerminalNode::on_anchor(const link::TimeAnchor& anchor, Duration delay, Instant now) {
  clock_.anchor(anchor, delay, now);
  note_time(now);
  const std::int64_t skew_s = clock_.skew_s(now).value_or(0);
  if (skew_s > config_.skew_warning_s || skew_s < -config_.skew_warning_s) {
    notice_once(sale::MessageId::kClockWrong, now, std::to_string(skew_s));
  }
}

void TerminalNode::on_received(const link::Received& received, Instant now) {
  if (received.beside) {
    on_received_beside(received);
    return;
  }
  for (const StreamMark& mark : received.positions) {
    const bool beyond = mark.position.seq > synced_head_.seq && !compare_from_;
    if (mark.stream != writer_.stream() || beyond) {
      continue;
    }
    if (received.rewind) {
      quarantined_ = false;
      cursor_.rewind(mark.position, oldest_);
      if (branch_ && mark.position.seq < branch_->told.seq) {
        // The gateway no longer stands by what it told: compared again when it has that place anew.
        compare_from_ = std::exchange(branch_, std::nullopt)->told.seq;
        branched_ = false;
      }
      keep_received(mark.position);
    } else if (compare_from_ && mark.position.seq >= *compare_from_) {
      cursor_.acknowledge(mark.position);
      compare_with(mark.position, now);
    } else if (cursor_.acknowledge(mark.position)) {
      keep_received(mark.position);
    }
  }
  pump_sender();
}

/// As long as this disk and the gateway may tell of two streams, the gateway's places are none of
/// this one's: what stood here before still says from where on a branch has to be sent.
void TerminalNode::keep_received(const StreamPosition& position) {
  if (!branch_ && !compare_from_) {
    pending_.received = position;
  }
}

void TerminalNode::on_applied(const link::Applied& applied) {
  for (const link::AppliedStatement& statement : applied.statements) {
    if (statement.stream != writer_.stream() || statement.position.seq <= applied_.seq ||
        statement.position.seq > synced_head_.seq) {
      continue;
    }
    const auto mark = std::find_if(marks_.begin(), marks_.end(), [&](const Mark& m) {
      return m.seq == statement.position.seq;
    });
    if (mark != marks_.end()) {
      accept_applied(statement, mark->mac);
    } else if (!verifying_) {
      verifying_ = statement;
      actions_.push_back(ReadRows{ReadPurpose::kVerifyApplied, statement.position.seq, 1});
    }
  }
}

void TerminalNode::accept_applied(const link::AppliedStatement& statement, const Mac& own_mac) {
  const Mac expected = crypto::make_applied_statement_mac(
      writer_.key(), statement.stream, statement.position.seq, statement.position.mac);
  const bool genuine = (TALLY_MUTANT("chain/statement-unverified") ||
                        equal_in_constant_time(expected, statement.statement_mac)) &&
                       (TALLY_MUTANT("chain/own-mac-not-compared") ||
                        equal_in_constant_time(own_mac, statement.position.mac));
  if (!genuine || statement.position.seq <= applied_.seq) {
    return;
  }
  applied_ = statement.position;
  pending_.applied = applied_;
  if (applied_.seq.value > config_.rows_kept) {
    pending_.prune_below = Seq{applied_.seq.value - config_.rows_kept};
  }
  while (!marks_.empty() && marks_.front().seq < applied_.seq) {
    marks_.pop_front();
  }
}

void TerminalNode::on_refusal(const link::RecordRefusal& refusal, Instant now) {
  if (refusal.stream != writer_.stream()) {
    return;
  }
  if (refusal.reason == link::RefusalReason::kBranch) {
    // Both stand at the OA. What it has beyond this disk are places that are taken.
    if (!branch_ && refusal.continue_from.seq > synced_head_.seq) {
      bridge_ = refusal.continue_from;
      notice_once(sale::MessageId::kBranched, now);
    }
    return;
  }
  if (refusal.reason == link::RefusalReason::kBadChain && branch_) {
    return;  // One of the branch before it is missing: it goes again when no answer comes.
  }
  if (refusal.reason == link::RefusalReason::kBadChain && !branched_) {
    start_branch(refusal.continue_from, now);
    return;
  }
  quarantined_ = true;
  notice_once(sale::MessageId::kQuarantined, now);
}

void TerminalNode::on_close(const link::Close& close, Instant now) {
  linked_ = false;
  uplink_up_ = false;
  switch (close.reason) {
    case link::CloseReason::kIdentityInUse:
      notice_once(sale::MessageId::kIdentityInUse, now);
      break;
    case link::CloseReason::kIncarnationRetired:
      notice_once(sale::MessageId::kIncarnationRetired, now);
      break;
    case link::CloseReason::kIdentityMismatch:
    case link::CloseReason::kRevoked:
      notice_once(sale::MessageId::kCertificateRefused, now);
      break;
    default:
      break;
  }
}

void TerminalNode::pump_sender() {
  if (!linked_ || quarantined_ || reading_to_send_ || putting_gap_ || comparing_) {
    return;
  }
  if (branch_) {
    pump_branch();
    return;
  }
  const std::uint64_t count =
      std::min<std::uint64_t>(cursor_.sendable(synced_head_.seq), link::kBatchRecordsMax);
  if (count > 0) {
    reading_to_send_ = true;
    actions_.push_back(
        ReadRows{ReadPurpose::kSend, cursor_.next(), static_cast<std::uint32_t>(count)});
  }
}

void TerminalNode::send_rows(const std::vector<JournalRow>& rows) {
  // A gap stands at the last of what it stands for.
  const bool fits = !rows.empty() && (rows.front().seq == cursor_.next() ||
                                      (rows.front().seq > cursor_.next() && is_gap(rows.front())));
  if (!linked_ || branch_ || comparing_ || !fits) {
    // The link went down or rewound while the rows were being read.
    if (!rows.empty()) {
      pump_sender();
    }
    return;
  }
  link::RecordBatch batch;
  for (const JournalRow& row : rows) {
    record::append_packed(batch.packed, row.bytes);
    ++batch.count;
  }
  cursor_.sent_through(rows.back().seq);
  actions_.push_back(SendUplink{std::move(batch)});
  pump_sender();
}

/// The chain goes on around what this disk lost; the office is told, and so is the cashier.
void TerminalNode::put_gap(const UnreadableRows& lost, Instant now) {
  if (!linked_ || quarantined_ || putting_gap_ || journal_failed_ ||
      lost.first != (branch_ ? branch_->next : cursor_.next()) || lost.last > synced_head_.seq) {
    return;
  }
  const Seq before{lost.first.value - 1};
  std::optional<Mac> mac_before = lost.mac_before;
  for (const StreamPosition& known : {cursor_.received(), applied_, StreamPosition{}}) {
    if (!mac_before && known.seq == before) {
      mac_before = known.mac;
    }
  }
  if (!mac_before) {
    // Dropped long ago, so the OA has posted these too: a gateway that is new starts behind them.
    oldest_ = Seq{lost.last.value + 1};
    cursor_.rewind(cursor_.received(), oldest_);
    pump_sender();
    return;
  }
  putting_gap_ = true;
  pending_.gap = GapInPlace{
      lost.first,
      writer_.make_gap({lost.first, lost.last}, *mac_before, config_.program.version, clock_, now)};
  note_time(now);
  urgent_ = true;
  run(checkout_.on_notice(sale::MessageId::kRecordsUnreadable,
                          std::to_string(lost.last.value - before.value)),
      now);
}

void TerminalNode::settle_gap(const GapInPlace& gap) {
  putting_gap_ = false;
  if (synced_head_.seq == gap.row.seq) {
    synced_head_.mac = gap.row.mac;
  }
  std::erase_if(marks_,
                [&](const Mark& mark) { return mark.seq >= gap.first && mark.seq <= gap.row.seq; });
  const auto after = std::find_if(
      marks_.begin(), marks_.end(), [&](const Mark& mark) { return mark.seq > gap.row.seq; });
  marks_.insert(after, {gap.row.seq, gap.row.mac, gap.row.made_at});
}

void TerminalNode::notice_once(sale::MessageId message, Instant now, std::string argument) {
  if (last_notice_ == message) {
    return;
  }
  last_notice_ = message;
  run(checkout_.on_notice(message, std::move(argument)), now);
}

}  // namespace tally::node
