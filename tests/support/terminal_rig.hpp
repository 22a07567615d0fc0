// A terminal's machine on a journal in memory: what the shell does, without threads, disk or time
// of its own. Tests decide when a commit reaches the disk and when the machine dies.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/codec/record_codec.hpp"
#include "core/crypto/p256.hpp"
#include "core/node/terminal_node.hpp"

namespace tally::test {

inline constexpr record::RecordKey kRecordKey{0x42, 0x17};

/// The rows and marks of a terminal, as a disk would keep them.
class MemoryTerminalJournal {
 public:
  void commit(const node::TerminalCommit& commit) {
    for (const node::JournalRow& row : commit.append) {
      rows_.push_back(row);
    }
    if (commit.gap) {
      std::erase_if(rows_, [&](const node::JournalRow& row) {
        return row.seq >= commit.gap->first && row.seq <= commit.gap->row.seq;
      });
      const auto after = std::find_if(rows_.begin(), rows_.end(), [&](const node::JournalRow& row) {
        return row.seq > commit.gap->row.seq;
      });
      rows_.insert(after, commit.gap->row);
      unreadable_.reset();
    }
    for (const Seq seq : commit.shown) {
      for (node::JournalRow& row : rows_) {
        row.shown = row.shown || row.seq == seq;
      }
    }
    for (const node::Cancelled& cancelled : commit.cancelled) {
      std::erase_if(cancelled_, [&](const node::Cancelled& known) {
        return known.original == cancelled.original;
      });
      cancelled_.push_back(cancelled);
    }
    for (const Mac& hash : commit.recent_dropped) {
      std::erase_if(recent_, [&](const auto& known) { return known.token_hash == hash; });
    }
    for (const node::RecentMember& member : commit.recent) {
      std::erase_if(recent_,
                    [&](const auto& known) { return known.token_hash == member.token_hash; });
      recent_.push_back(member);
    }
    for (const SaleId sale : commit.open_sales) {
      open_sales_.push_back(sale);
    }
    for (const SaleId sale : commit.closed_sales) {
      std::erase(open_sales_, sale);
    }
    received_ = commit.received.value_or(received_);
    applied_ = commit.applied.value_or(applied_);
    time_floor_ = commit.time_floor.value_or(time_floor_);
    anchor_ = commit.anchor ? commit.anchor : anchor_;
  }

  node::TerminalSnapshot snapshot() const {
    node::TerminalSnapshot snapshot;
    if (!rows_.empty()) {
      snapshot.head = {rows_.back().seq, rows_.back().mac};
      snapshot.oldest = rows_.front().seq;
    }
    snapshot.received = received_;
    snapshot.applied = applied_;
    for (const node::JournalRow& row : rows_) {
      if (!row.shown) {
        snapshot.unshown.push_back(row);
      }
    }
    snapshot.open_sales = open_sales_;
    snapshot.cancelled = cancelled_;
    snapshot.recent = recent_;
    snapshot.time_floor = time_floor_;
    snapshot.anchor = anchor_;
    return snapshot;
  }

  /// From now on these rows cannot be read.
  void damage(Seq first, Seq last) { unreadable_ = std::pair{first, last}; }

  node::RowsRead read(Seq first, std::uint32_t records_max) const {
    node::RowsRead out;
    if (unreadable_ && first >= unreadable_->first && first <= unreadable_->second) {
      out.unreadable = node::UnreadableRows{first, unreadable_->second, std::nullopt};
      for (const node::JournalRow& row : rows_) {
        if (row.seq.value + 1 == first.value) {
          out.unreadable->mac_before = row.mac;
        }
      }
      return out;
    }
    for (const node::JournalRow& row : rows_) {
      const bool lost =
          unreadable_ && row.seq >= unreadable_->first && row.seq <= unreadable_->second;
      if (row.seq >= first && lost) {
        break;
      }
      if (row.seq >= first && out.rows.size() < records_max) {
        out.rows.push_back(row);
      }
    }
    return out;
  }

  const std::vector<node::JournalRow>& rows() const { return rows_; }

 private:
  std::vector<node::JournalRow> rows_;
  std::optional<std::pair<Seq, Seq>> unreadable_;
  std::vector<SaleId> open_sales_;
  std::vector<node::Cancelled> cancelled_;
  std::vector<node::RecentMember> recent_;
  StreamPosition received_;
  StreamPosition applied_;
  WallTime time_floor_;
  std::optional<node::HeldAnchor> anchor_;
};

/// The same bytes for every rig.
class RepeatableRandom final : public crypto::RandomSource {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) {
      state_ = state_ * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;  // Knuth, MMIX
      byte = static_cast<std::uint8_t>(state_ >> 56U);
    }
  }

 private:
  std::uint64_t state_ = 1;
};

class TerminalRig {
 public:
  explicit TerminalRig(std::uint64_t boot = 1) { start(boot); }

  /// Starts (again) from what is on disk; what was not committed is gone.
  void start(std::uint64_t boot) {
    node::TerminalConfig config;
    config.terminal = TerminalId{101};
    config.incarnation = Incarnation{1};
    config.store = StoreId{1};
    config.boot = BootId{boot};
    config.key = kRecordKey;
    config.oa_key = oa_key.public_key();
    config.random = &random;
    config.software = "test";
    config.build_time = WallTime{1'700'000'000'000'000};
    waiting_commit.reset();
    sent.clear();
    receipts.clear();
    reads.clear();
    node = std::make_unique<node::TerminalNode>(config, journal.snapshot());
    take(node->start(now()));
  }

  RepeatableRandom random;
  crypto::P256KeyPair oa_key = crypto::P256KeyPair::generate(random);

  Instant now() const {
    return {WallTime{1'800'000'000'000'000 + boot_ms * 1'000}, BootTime{boot_ms}};
  }

  void take(node::TerminalActions actions) {
    for (node::TerminalAction& action : actions) {
      if (auto* commit = std::get_if<node::CommitTerminal>(&action)) {
        waiting_commit = std::move(commit->commit);
      } else if (auto* send = std::get_if<node::SendUplink>(&action)) {
        sent.push_back(std::move(send->message));
      } else if (auto* print = std::get_if<node::PrintReceipt>(&action)) {
        receipts.push_back(std::move(print->facts));
      } else if (auto* read = std::get_if<node::ReadRows>(&action)) {
        reads.push_back(*read);
      } else if (std::holds_alternative<node::DropLink>(action)) {
        dropped = true;
      }
    }
  }

  /// One commit reaches the disk. False when none was waiting.
  bool sync() {
    if (!waiting_commit) {
      return false;
    }
    journal.commit(*std::exchange(waiting_commit, std::nullopt));
    take(node->on_committed(now()));
    return true;
  }

  void sync_all() {
    while (sync()) {
    }
  }

  void answer_reads() {
    while (!reads.empty()) {
      const node::ReadRows read = reads.front();
      reads.erase(reads.begin());
      take(node->on_rows(read.purpose, journal.read(read.first, read.records_max), now()));
    }
  }

  void key(sale::Key key) { take(node->on_key(key, now())); }
  void keys(std::initializer_list<sale::Key> keys) {
    for (const sale::Key k : keys) {
      key(k);
    }
  }
  void code(std::string_view text) { take(node->on_code(text, now())); }
  void hear(const link::Message& message) { take(node->on_message(message, now())); }

  void connect(StreamPosition received = {}, bool uplink_up = true) {
    link::Welcome welcome;
    welcome.received = received;
    welcome.uplink_up = uplink_up;
    welcome.anchor = {now().wall, 0, ClockQuality::kAnchored};
    hear(link::Challenge{1});
    hear(welcome);
  }

  void pass(std::int64_t ms) {
    boot_ms += ms;
    take(node->tick(now()));
  }

  /// The last ask sent.
  link::Ask ask() const {
    for (auto message = sent.rbegin(); message != sent.rend(); ++message) {
      if (const auto* found = std::get_if<link::Ask>(&*message)) {
        return *found;
      }
    }
    return {};
  }

  std::size_t asks() const {
    return static_cast<std::size_t>(std::count_if(sent.begin(), sent.end(), [](const auto& m) {
      return std::holds_alternative<link::Ask>(m);
    }));
  }

  record::Record record(std::size_t index) const {
    return *codec::decode_record(journal.rows().at(index).bytes);
  }

  template <class Business>
  std::size_t count() const {
    std::size_t found = 0;
    for (std::size_t i = 0; i < journal.rows().size(); ++i) {
      found += std::holds_alternative<Business>(record(i).business) ? 1U : 0U;
    }
    return found;
  }

  const sale::CheckoutView& view() const { return node->view(); }

  std::int64_t boot_ms = 1'000;
  MemoryTerminalJournal journal;
  std::unique_ptr<node::TerminalNode> node;
  std::optional<node::TerminalCommit> waiting_commit;
  std::vector<link::Message> sent;
  std::vector<node::ReceiptFacts> receipts;
  std::vector<node::ReadRows> reads;
  bool dropped = false;
};

}  // namespace tally::test
