#include "core/node/terminal_node.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/mutant.hpp"
#include "core/codec/record_codec.hpp"

namespace tally::node {
namespace {

constexpr std::size_t kMarksMax = 8'192;
constexpr Duration kBesideRetry{5'000};

}  // namespace

TerminalNode::TerminalNode(TerminalConfig config, const TerminalSnapshot& snapshot)
    : config_(std::move(config)),
      checkout_(config_.program, config_.language),
      clock_(config_.build_time, config_.utc_offset_s),
      writer_(
          {config_.terminal, config_.incarnation, config_.boot, config_.key, config_.key_version},
          snapshot.head),
      cursor_(config_.send_window_records),
      recent_(config_.key),
      unrecovered_(snapshot) {
  load(snapshot);
}

void TerminalNode::load(const TerminalSnapshot& snapshot) {
  if (!TALLY_MUTANT("chain/head-survives-failed-commit")) {
    writer_.reset(snapshot.head);
  }
  synced_head_ = snapshot.head;
  applied_ = snapshot.applied;
  oldest_ = snapshot.oldest;
  oldest_unreceived_at_ = snapshot.oldest_unreceived_at;
  cursor_.rewind(snapshot.received, snapshot.oldest);
  marks_.clear();
  originals_.clear();
  cancelled_.clear();
  for (const Cancelled& cancelled : snapshot.cancelled) {
    cancelled_.emplace(cancelled.original, cancelled);
  }
  recent_.load(snapshot.recent);
}

TerminalActions TerminalNode::start(Instant now) {
  checkout_.start();
  clock_.start(unrecovered_.time_floor, unrecovered_.anchor, now);
  // The first commit also proves that the disk takes writes before the first customer comes.
  pending_.time_floor = clock_.floor();
  urgent_ = true;
  recover(unrecovered_, now);
  unrecovered_ = {};
  return take(now);
}

TerminalActions TerminalNode::on_key(sale::Key key, Instant now) {
  run(checkout_.on_key(key), now);
  return take(now);
}

TerminalActions TerminalNode::on_code(std::string_view text, Instant now) {
  run(checkout_.on_code(text), now);
  return take(now);
}

TerminalActions TerminalNode::on_device(DeviceEvent event, Instant now) {
  sale::StatusBar& status = checkout_.view().status;
  switch (event) {
    case DeviceEvent::kScannerUnplugged:
      status.scanner_ready = false;
      run(checkout_.on_notice(sale::MessageId::kScannerUnplugged), now);
      break;
    case DeviceEvent::kScannerReady:
      if (!std::exchange(status.scanner_ready, true)) {
        run(checkout_.on_notice(sale::MessageId::kScannerBack), now);
      }
      break;
    case DeviceEvent::kPaperOut:
      if (!std::exchange(status.paper_out, true)) {
        run(checkout_.on_notice(sale::MessageId::kPaperOut), now);
      }
      break;
    case DeviceEvent::kPrinterReady:
      status.paper_out = false;
      break;
    case DeviceEvent::kPrinterFault:
      run(checkout_.on_notice(sale::MessageId::kPrinterFault), now);
      break;
  }
  return take(now);
}

TerminalActions TerminalNode::on_committed(Instant now) {
  TALLY_ASSERT(in_flight_.has_value());
  const TerminalCommit done = std::exchange(in_flight_, std::nullopt).value();
  settle_commit(done, now);
  return take(now);
}

void TerminalNode::settle_commit(const TerminalCommit& commit, Instant now) {
  for (const JournalRow& row : commit.append) {
    note_row(row);
    synced_head_ = {row.seq, row.mac};
    if (!oldest_) {
      oldest_ = row.seq;
    }
  }
  if (commit.gap) {
    settle_gap(*commit.gap);
  }
  if (commit.prune_below) {
    oldest_ = std::max(oldest_, *commit.prune_below);
  }
  switch (work_.step) {
    case Step::kOpenSale:
      if (std::find(commit.open_sales.begin(), commit.open_sales.end(), work_.sale) !=
          commit.open_sales.end()) {
        work_.step = Step::kAuthorise;
        send_ask(
            link::Authorise{work_.card_token, work_.points, work_.bill, config_.program.version},
            config_.authorise_deadline,
            now);
      }
      break;
    case Step::kAppend:
      if (!commit.append.empty() && commit.append.back().seq == work_.rows.back().seq) {
        after_append(now);
      }
      break;
    case Step::kMarkShown:
      if (!commit.shown.empty() && commit.shown.back() == work_.rows.back().seq) {
        finish(now);
      }
      break;
    case Step::kNone:
    case Step::kLookUp:
    case Step::kAuthorise:
    case Step::kReadOriginal:
      break;
  }
  pump_sender();
}

TerminalActions TerminalNode::on_commit_failed(const Error& error, Instant now) {
  in_flight_.reset();
  pending_ = {};
  putting_gap_ = false;
  bridge_.reset();
  urgent_ = false;
  journal_failed_ = true;
  const auto message =
      error.code == Errc::kExhausted ? sale::MessageId::kDiskFull : sale::MessageId::kDiskFault;
  if (work_.step != Step::kNone) {
    decline(message, now);
  } else {
    run(checkout_.on_notice(message), now);
  }
  return take(now);
}

TerminalActions TerminalNode::on_journal_reopened(const TerminalSnapshot& snapshot, Instant now) {
  journal_failed_ = false;
  pending_ =
      {};  // Made while the journal could not be written: numbered from a head it may not have.
  load(snapshot);
  recover(snapshot, now);
  // Where the gateway stands is told again with the next welcome.
  if (linked_) {
    actions_.push_back(DropLink{link::CloseReason::kShutdown, "the journal was reopened"});
    linked_ = false;
  }
  return take(now);
}

TerminalActions TerminalNode::on_rows(ReadPurpose purpose, const RowsRead& read, Instant now) {
  const std::vector<JournalRow>& rows = read.rows;
  switch (purpose) {
    case ReadPurpose::kSend:
      reading_to_send_ = false;
      if (read.unreadable) {
        put_gap(*read.unreadable, now);
      } else {
        send_rows(rows);
      }
      break;
    case ReadPurpose::kVerifyApplied:
      if (const auto statement = std::exchange(verifying_, std::nullopt);
          statement && !rows.empty()) {
        accept_applied(*statement, rows.front().mac);
      }
      break;
    case ReadPurpose::kOriginal:
      on_original_rows(rows, now);
      break;
    case ReadPurpose::kCompare:
      on_own_row(read, now);
      break;
    case ReadPurpose::kBeside:
      reading_to_send_ = false;
      if (read.unreadable) {
        put_gap(*read.unreadable, now);
      } else {
        send_beside(rows, now);
      }
      break;
  }
  return take(now);
}

TerminalActions TerminalNode::tick(Instant now) {
  if ((work_.step == Step::kLookUp || work_.step == Step::kAuthorise) &&
      now.boot >= work_.deadline) {
    ask_failed(now);
  }
  if (branch_ && branch_->sent && now.boot >= branch_->sent_at + kBesideRetry) {
    branch_->sent.reset();  // The OA may not have had what these hang on.
    pump_sender();
  }
  if (!pending_.empty()) {
    urgent_ = true;
  }
  return take(now);
}

void TerminalNode::run(const sale::Effects& effects, Instant now) {
  for (const sale::Effect& effect : effects) {
    if (const auto* look_up = std::get_if<sale::LookUp>(&effect)) {
      begin_look_up(*look_up, now);
    } else if (const auto* enrol = std::get_if<sale::Enrol>(&effect)) {
      begin_enrol(*enrol, now);
    } else if (const auto* earn = std::get_if<sale::Earn>(&effect)) {
      begin_earn(*earn, now);
    } else if (const auto* redeem = std::get_if<sale::Redeem>(&effect)) {
      begin_redeem(*redeem, now);
    } else if (const auto* cancel = std::get_if<sale::VoidSale>(&effect)) {
      begin_void(*cancel, now);
    } else if (const auto* find = std::get_if<sale::FindReceipt>(&effect)) {
      begin_find(*find, now);
    } else if (std::holds_alternative<sale::VoidReceipt>(effect)) {
      begin_void_receipt(now);
    } else if (const auto* refund = std::get_if<sale::RefundReceipt>(&effect)) {
      begin_refund(*refund, now);
    } else if (std::holds_alternative<sale::CancelWork>(effect)) {
      cancel_work(now);
    } else if (std::holds_alternative<sale::SyncNow>(effect)) {
      sync_requested_ = true;
      urgent_ = !pending_.empty();
      pump_sender();
    } else {
      actions_.push_back(std::get<sale::Play>(effect));
    }
  }
}

void TerminalNode::recover(const TerminalSnapshot& snapshot, Instant now) {
  std::size_t reversed = 0;
  for (const JournalRow& row : snapshot.unshown) {
    // Marked in the transaction that holds its reversal, so that the next boot leaves it alone.
    if (!TALLY_MUTANT("shown/reversed-at-every-boot")) {
      pending_.shown.push_back(row.seq);
    }
    const Result<record::Record> record = codec::decode_record(row.bytes);
    if (!record || TALLY_MUTANT("shown/unshown-stands") ||
        std::holds_alternative<record::Reversal>(record->business) ||
        std::holds_alternative<record::Void>(record->business)) {
      continue;
    }
    if (const auto* refund = std::get_if<record::Refund>(&record->business)) {
      // It stands: doing it again would take the goods back twice.
      run(checkout_.on_notice(sale::MessageId::kRefundStands,
                              record::receipt_number(refund->original)),
          now);
      continue;
    }
    ++reversed;
    note_cancelled({record->header.id, CancelledBy::kVoid, true, 0});
    append(Fact{record->sale,
                record->card_token,
                record->member,
                {},
                config_.program.version,
                config_.cashier,
                record::Reversal{record->header.id, record::ReversalReason::kNeverShown}},
           now);
  }
  for (const SaleId sale : snapshot.open_sales) {
    if (TALLY_MUTANT("shown/open-sale-forgotten")) {
      break;
    }
    pending_.closed_sales.push_back(sale);
    append(Fact{sale,
                {},
                {},
                {},
                config_.program.version,
                config_.cashier,
                record::Reversal{std::nullopt, record::ReversalReason::kAbandonedSale}},
           now);
  }
  if (reversed > 0) {
    run(checkout_.on_notice(sale::MessageId::kReversedAtBoot, std::to_string(reversed)), now);
  }
}

void TerminalNode::append(Fact fact, Instant now) {
  JournalRow row = writer_.make(fact, clock_, now);
  // Only what is announced to the customer needs a shown mark of its own.
  row.shown = !std::holds_alternative<record::Accrual>(fact.business) &&
              !std::holds_alternative<record::Redemption>(fact.business) &&
              !std::holds_alternative<record::Refund>(fact.business);
  pending_.append.push_back(std::move(row));
  note_time(now);
  urgent_ = true;
}

void TerminalNode::note_time(Instant now) {
  pending_.time_floor = clock_.floor();
  if (const auto held = clock_.to_hold(now)) {
    pending_.anchor = held;
  }
}

void TerminalNode::note_row(const JournalRow& row) {
  if (marks_.size() == kMarksMax) {
    marks_.pop_front();
  }
  marks_.push_back({row.seq, row.mac, row.made_at});
}

void TerminalNode::flush() {
  if (in_flight_ || !urgent_ || pending_.empty() || journal_failed_) {
    return;
  }
  recent_.add_to(pending_);
  in_flight_ = std::exchange(pending_, {});
  urgent_ = false;
  actions_.push_back(CommitTerminal{*in_flight_});
}

void TerminalNode::refresh_status(Instant now) {
  sale::StatusBar& status = checkout_.view().status;
  status.link = !linked_     ? sale::LinkState::kOffline
                : uplink_up_ ? sale::LinkState::kOnline
                             : sale::LinkState::kGatewayOnly;
  const std::uint64_t head = synced_head_.seq.value;
  const std::uint64_t received = cursor_.received().seq.value;
  status.unsynced_records = head > received ? head - received : 0;
  const WallTime wall = clock_.read(now);
  status.oldest_unsynced_age_s = 0;
  if (status.unsynced_records > 0) {
    const auto first = std::find_if(
        marks_.begin(), marks_.end(), [&](const Mark& m) { return m.seq.value > received; });
    const bool known = first != marks_.end() && first->seq.value == received + 1;
    const WallTime oldest = known ? first->made_at : oldest_unreceived_at_;
    status.oldest_unsynced_age_s = std::max<std::int64_t>(0, (wall.us - oldest.us) / 1'000'000);
  }
  status.syncing = linked_ && status.unsynced_records > 0;
  status.clock_skew_s = clock_.skew_s(now);
  status.clock_quality = clock_.quality(now);
  status.now.us = wall.us / 1'000'000 * 1'000'000;
  if (sync_requested_ && status.unsynced_records == 0 && linked_) {
    sync_requested_ = false;
    run(checkout_.on_notice(sale::MessageId::kSynced), now);
  } else if (sync_requested_ && !linked_) {
    sync_requested_ = false;
    run(checkout_.on_notice(sale::MessageId::kNoAnswer), now);
  }
}

TerminalActions TerminalNode::take(Instant now) {
  bridge(now);
  flush();
  refresh_status(now);
  if (!shown_view_ || *shown_view_ != checkout_.view()) {
    shown_view_ = checkout_.view();
    actions_.push_back(ShowView{});
  }
  return std::exchange(actions_, {});
}

}  // namespace tally::node
