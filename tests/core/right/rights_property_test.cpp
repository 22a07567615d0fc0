// What must hold of a gateway's rights whatever happens and in whatever order: random sequences of
// grants (repeated, late, reordered), asks, commits that fail, restarts, disks put back to an older
// image, fences, recalls, returns and slices. The oracle knows only what was told: which answers
// went out, what terminals wrote into their journals, and the true time.
#include <deque>
#include <set>

#include "tests/core/right/right_rig.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::test;
using right::GatewayRights;
using right::RightKey;
using right::SpendOutcome;
using right::TakeOutcome;

namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kLifetimeMs = 600 * kMinute;
constexpr std::uint32_t kEpochs = 8;
constexpr std::size_t kGrantsPerEpoch = 24;
constexpr std::size_t kTerminals = 3;

/// Signed once: every seed draws from the same grants.
const std::vector<right::SignedGrant>& all_grants() {
  static const std::vector<right::SignedGrant> grants = [] {
    std::vector<right::SignedGrant> made;
    for (std::uint32_t epoch = 1; epoch <= kEpochs; ++epoch) {
      for (std::uint64_t id = 1; id <= kGrantsPerEpoch; ++id) {
        right::Grant grant = id % 3 == 0
                                 ? budget_of(id, 400)
                                 : lease_of(id, 300, MemberId{static_cast<int>(1 + id % 4)});
        grant.epoch = Epoch{epoch};
        grant.lifetime = Duration{kLifetimeMs};
        made.push_back(signed_by_oa(grant));
      }
    }
    return made;
  }();
  return grants;
}

struct JournalEntry {
  right::LocalAsk sale;
  BootId boot;
  std::vector<record::FundingLeg> legs;  ///< None: a reversal.
};

struct Till {
  StreamId stream;
  BootId boot{1};
  std::uint32_t sales = 0;
  std::vector<JournalEntry> journal;
  std::optional<right::CutSlice> slice;
  Points slice_used;
  std::uint64_t newest_slice = 0;
  std::size_t received = 0;  ///< Committed at the gateway.
  std::size_t applied = 0;

  Seq head() const { return Seq{journal.size()}; }
};

struct PendingAsk {
  std::size_t till;
  right::LocalAsk ask;
};

class Story {
 public:
  explicit Story(std::uint64_t seed) : random_(seed), rights_(config(), disk_) {
    for (std::size_t i = 0; i < kTerminals; ++i) {
      tills_[i].stream = {TerminalId{static_cast<std::uint32_t>(101 + i)}, Incarnation{1}};
    }
    images_.push_back(disk_);
    restart();
  }

  void step() {
    now_ms_ += static_cast<std::int64_t>(draw(20)) * kMinute;
    const std::uint64_t event = draw(28);
    if (event < 3) {
      take();
    } else if (event < 7) {
      ask();
    } else if (event < 8) {
      ask_again();
    } else if (event < 11) {
      commit();
    } else if (event < 13) {
      confirm();
    } else if (event < 14) {
      fence();
    } else if (event < 15) {
      recall();
    } else if (event < 17) {
      settle_return();
    } else if (event < 19) {
      cut();
    } else if (event < 22) {
      spend_slice();
    } else if (event < 23) {
      end_slice();
    } else if (event < 27) {
      upload();
    } else if (draw(2) == 0) {
      crash();
    }
    check();
  }

  std::size_t approvals() const { return told_.size(); }
  std::size_t slice_sales() const { return slice_sales_; }

 private:
  std::uint64_t draw(std::uint64_t below) {
    ByteArray<8> bytes{};
    random_.fill(bytes);
    return load_be<std::uint64_t>(bytes.data()) % below;
  }
  Till& any_till() { return tills_[draw(kTerminals)]; }
  BootTime boot_now() const { return {now_ms_ - booted_ms_}; }
  right::Moment now() const {
    return {boot_now(), WallTime{now_ms_ * 1'000 - 500'000}, WallTime{now_ms_ * 1'000 + 500'000}};
  }
  right::GatewayRightsConfig config() const {
    right::GatewayRightsConfig config = rights_config();
    config.boot = BootId{boots_};
    return config;
  }

  /// Mostly the next one of the present epoch, sometimes one that was on its way for long.
  const right::SignedGrant& any_grant() {
    const std::uint64_t epoch = draw(8) == 0 ? 1 + draw(oa_epoch_) : oa_epoch_;
    std::size_t& next = next_grant_[epoch - 1];
    const std::size_t index = draw(3) == 0 ? draw(kGrantsPerEpoch) : next;
    if (index == next && next + 1 < kGrantsPerEpoch) {
      ++next;
    }
    return all_grants()[(epoch - 1) * kGrantsPerEpoch + index];
  }

  void take() {
    const right::SignedGrant& grant = any_grant();
    const RightKey key = key_of(grant.grant);
    const TakeOutcome outcome = rights_.take(grant, now());
    if (outcome == TakeOutcome::kTaken) {
      CHECK_FALSE(frozen_);
      CHECK_FALSE(ended_.contains(key));  // An erased right never comes back.
      CHECK_TRUE(grant.grant.epoch >= epoch_);
      received_at_[key] = now_ms_;
    }
    epoch_ = std::max(epoch_, rights_.holdings().epoch);
  }

  void ask() {
    const std::size_t index = draw(kTerminals);
    Till& till = tills_[index];
    const auto ask = ask_of(++till.sales,
                            static_cast<std::int64_t>(1 + draw(120)),
                            MemberId{static_cast<std::int64_t>(1 + draw(5))},
                            till.stream,
                            till.boot);
    if (authorise(ask)) {
      pending_.push_back({index, ask});
    } else {
      till.journal.push_back({ask, till.boot, {}});
    }
    asked_.push_back(ask);
  }

  bool authorise(const right::LocalAsk& ask) {
    const auto attempt = attempt_of(ask.points.value, ask.member);
    const auto verdict = rights_.authorise(ask, attempt, boot_now());
    if (verdict.approved()) {
      CHECK_FALSE(frozen_);
      check_may_spend(verdict.leg);
    }
    return verdict.approved();
  }

  /// A late or repeated ask, as it was or with other contents.
  void ask_again() {
    if (asked_.empty()) {
      return;
    }
    right::LocalAsk ask = asked_[draw(asked_.size())];
    ask.boot = tills_[ask.stream.terminal.value - 101].boot;
    const auto told = told_.find(ask.sale);
    if (told != told_.end() && draw(3) == 0) {
      ask.points += Points{1};
      CHECK_FALSE(authorise(ask));
      return;
    }
    const bool approved = authorise(ask);
    if (approved && told != told_.end()) {
      const auto again = rights_.deliver(ask.sale, boot_now());
      CHECK_TRUE(again.leg == told->second);
    }
  }

  void commit() {
    test::commit(disk_, rights_.take_changes());
    note_ended();
    for (std::size_t i = 0; i < kTerminals; ++i) {
      tills_[i].received = uploaded_[i];
    }
    for (const PendingAsk& pending : pending_) {
      Till& till = tills_[pending.till];
      const auto answer = rights_.deliver(pending.ask.sale, boot_now());
      std::vector<record::FundingLeg> legs;
      if (answer.approved()) {
        tell(pending.ask.sale, answer.leg);
        if (draw(5) != 0) {
          legs = {answer.leg};  // Else its customer changed his mind: a reversal.
        }
      }
      till.journal.push_back({pending.ask, till.boot, legs});
    }
    pending_.clear();
    if (cut_) {
      Till& till = tills_[cut_->first];
      if (cut_->second.id.n > till.newest_slice && !till.slice) {
        till.newest_slice = cut_->second.id.n;
        till.slice = cut_->second;
        till.slice_used = Points{0};
      }
      cut_.reset();
    }
    if (draw(8) == 0) {
      images_.push_back(disk_);
    }
  }

  void tell(const SaleId& sale, const record::FundingLeg& leg) {
    CHECK_FALSE(frozen_);
    check_may_spend(leg);
    const auto [known, fresh] = told_.emplace(sale, leg);
    CHECK_TRUE(known->second == leg);  // One sale, one answer.
    if (fresh) {
      used_[right::key_of(leg)] += leg.points;
    }
  }

  void check_may_spend(const record::FundingLeg& leg) {
    const RightKey key = right::key_of(leg);
    CHECK_TRUE(key.epoch == epoch_);
    CHECK_FALSE(ended_.contains(key));
    CHECK_TRUE(now_ms_ - received_at_.at(key) < kLifetimeMs - kMargin.ms);
  }

  void note_ended() {
    std::set<RightKey> live;
    for (const auto& row : disk_.leases) {
      live.insert(right::key_of(row));
    }
    for (const auto& row : disk_.budgets) {
      live.insert(right::key_of(row));
    }
    for (const RightKey& key : on_disk_) {
      if (!live.contains(key)) {
        ended_.insert(key);
      }
    }
    on_disk_ = std::move(live);
  }

  void crash() {
    rolled_back_ = rolled_back_ || draw(6) == 0;
    if (rolled_back_) {
      disk_ = images_[draw(images_.size())];
      asked_.clear();  // No ask is on its way through two starts, and nobody asks what he was told.
    }
    restart();
  }

  void restart() {
    for (const PendingAsk& pending : pending_) {
      tills_[pending.till].journal.push_back({pending.ask, tills_[pending.till].boot, {}});
    }
    pending_.clear();
    cut_.reset();
    for (std::size_t i = 0; i < kTerminals; ++i) {
      uploaded_[i] = tills_[i].received;
    }
    ++boots_;
    booted_ms_ = now_ms_ - static_cast<std::int64_t>(draw(5)) * kMinute;
    rights_ = GatewayRights(config(), disk_);
    epoch_ = disk_.holder.epoch;
    frozen_ = true;
  }

  /// The OA knows the head: of a disk that was put back it ends the epoch first.
  void confirm() {
    if (rolled_back_) {
      if (oa_epoch_ == kEpochs) {
        return;
      }
      ++oa_epoch_;
      rights_.fence(Epoch{oa_epoch_});
      commit();
      rolled_back_ = false;
      epoch_ = Epoch{oa_epoch_};
    }
    rights_.confirm(now());
    frozen_ = false;
  }

  void recall() {
    rights_.tick(boot_now());
    if (draw(2) == 0 && !disk_.leases.empty()) {
      rights_.recall(right::key_of(disk_.leases[draw(disk_.leases.size())]));
    }
  }

  void fence() {
    if (draw(6) == 0 && oa_epoch_ < kEpochs) {
      ++oa_epoch_;
    }
    rights_.fence(Epoch{static_cast<std::uint32_t>(1 + draw(oa_epoch_))});
    epoch_ = rights_.holdings().epoch;
  }

  /// The OA settles a return when every sale it names is settled there.
  void settle_return() {
    commit();
    for (const auto& statement : rights_.returns()) {
      Points committed;
      for (const auto& row : disk_.leases) {
        if (right::key_of(row) == statement.lease) {
          committed = row.used;
          CHECK_TRUE(statement.unspent == row.lease.grant.points - row.used);
        }
      }
      CHECK_TRUE(used_[statement.lease] <= committed);
      CHECK_TRUE(statement.sales.size() <= right::kUsesMax);
      const std::set<SaleId> named(statement.sales.begin(), statement.sales.end());
      for (const auto& [sale, leg] : told_) {
        if (right::key_of(leg) == statement.lease && leg.kind == RightKind::kLease) {
          CHECK_TRUE(named.contains(sale) || is_applied(sale));
        }
      }
      const bool settled = std::all_of(
          named.begin(), named.end(), [&](const SaleId& sale) { return is_applied(sale); });
      if (settled) {
        rights_.on_return_settled(statement.lease);
      }
    }
  }

  bool is_applied(const SaleId& sale) const {
    for (const Till& till : tills_) {
      for (std::size_t i = 0; i < till.applied; ++i) {
        if (till.journal[i].sale.sale == sale) {
          return true;
        }
      }
    }
    return false;
  }

  void cut() {
    const std::size_t index = draw(kTerminals);
    const auto result = rights_.cut_slice(
        {tills_[index].stream, tills_[index].boot, Points{static_cast<std::int64_t>(draw(400))}},
        boot_now());
    if (result.outcome == right::CutOutcome::kCut) {
      CHECK_FALSE(frozen_);
      CHECK_TRUE(result.slice.points <= result.slice.budget.grant.slice_points_max);
      CHECK_TRUE(result.slice.id.epoch == epoch_);
      cut_.emplace(index, result.slice);
    }
  }

  void spend_slice() {
    Till& till = any_till();
    if (!till.slice) {
      return;
    }
    const Points points{static_cast<std::int64_t>(1 + draw(80))};
    if (till.slice_used + points > till.slice->points) {
      return;
    }
    till.slice_used += points;
    const right::Grant& budget = till.slice->budget.grant;
    const auto ask = ask_of(++till.sales, points.value, MemberId{1}, till.stream, till.boot);
    till.journal.push_back(
        {ask, till.boot, {{RightKind::kSlice, budget.id, budget.epoch, points}}});
    used_[right::key_of(budget)] += points;
    asked_.push_back(ask);
    ++slice_sales_;
  }

  /// By return, or because the terminal starts anew.
  void end_slice() {
    const std::size_t index = draw(kTerminals);
    Till& till = tills_[index];
    const Seq received{uploaded_[index]};
    if (draw(2) == 0) {
      if (till.slice) {
        rights_.give_back(till.stream,
                          {till.slice->id, till.slice->points - till.slice_used, till.head()},
                          received);
        till.slice.reset();
      }
      return;
    }
    for (const PendingAsk& pending : pending_) {
      if (pending.till == index) {
        return;  // It waits for an answer; it starts anew another time.
      }
    }
    till.boot = BootId{till.boot.value + 1};
    till.sales = 0;
    till.slice.reset();
    if (cut_ && cut_->first == index) {
      cut_.reset();  // It goes to the connection that asked, which is gone.
    }
    rights_.on_terminal_hello(till.stream, till.boot, till.head(), received);
  }

  void upload() {
    const std::size_t index = draw(kTerminals);
    Till& till = tills_[index];
    for (std::uint64_t n = draw(8); n > 0 && uploaded_[index] < till.journal.size(); --n) {
      const JournalEntry& entry = till.journal[uploaded_[index]];
      const Seq seq{++uploaded_[index]};
      const bool covered =
          rights_.on_record({{till.stream.terminal, till.stream.incarnation, entry.boot, seq},
                             entry.sale,
                             entry.legs,
                             BusinessDay{20'000}});
      CHECK_TRUE(covered || lost_slices_);
    }
    rights_.on_received(till.stream, Seq{uploaded_[index]});
    if (till.received > till.applied) {
      till.applied += 1 + draw(till.received - till.applied);
      rights_.on_applied(till.stream, Seq{till.applied});
    }
  }

  void check() {
    lost_slices_ = lost_slices_ || rolled_back_;
    for (const auto& signed_grant : all_grants()) {
      const auto used = used_.find(right::key_of(signed_grant.grant));
      if (used != used_.end()) {
        CHECK_TRUE(used->second <= signed_grant.grant.points);
      }
    }
    check_disk();
  }

  /// grant = unsliced + direct + used by slices that ended + slices out, and nothing of it
  /// negative.
  void check_disk() {
    std::map<RightKey, Points> slices;
    for (const auto& slice : disk_.slices) {
      slices[slice.budget] += slice.points;
      CHECK_TRUE(slice.used >= Points{0} && slice.used <= slice.points);
    }
    for (const auto& row : disk_.budgets) {
      const Points gone = row.direct + row.by_slices + slices[right::key_of(row)];
      CHECK_TRUE(row.direct >= Points{0} && row.by_slices >= Points{0});
      CHECK_TRUE(gone <= row.budget.grant.points);
    }
    for (const auto& row : disk_.leases) {
      CHECK_TRUE(row.used >= Points{0} && row.used <= row.lease.grant.points);
    }
  }

  SeededRandom random_;
  std::int64_t now_ms_ = 1'790'000'000'000;
  std::int64_t booted_ms_ = 0;
  std::uint64_t boots_ = 1;
  std::uint32_t oa_epoch_ = 1;
  std::array<std::size_t, kEpochs> next_grant_{};
  Epoch epoch_;
  bool frozen_ = true;
  bool rolled_back_ = false;
  bool lost_slices_ = false;  ///< A disk was put back: slices may be out that it does not know.
  right::RightRows disk_;
  std::vector<right::RightRows> images_;
  GatewayRights rights_;
  std::array<Till, kTerminals> tills_;
  std::array<std::size_t, kTerminals> uploaded_{};
  std::vector<PendingAsk> pending_;
  std::optional<std::pair<std::size_t, right::CutSlice>> cut_;
  std::vector<right::LocalAsk> asked_;
  std::map<SaleId, record::FundingLeg> told_;
  std::map<RightKey, Points> used_;  ///< Told, or let through by terminals.
  std::map<RightKey, std::int64_t> received_at_;
  std::set<RightKey> on_disk_;
  std::set<RightKey> ended_;
  std::size_t slice_sales_ = 0;
};

}  // namespace

TEST_GROUP(RightProperties){};

TEST(RightProperties, RandomSequences_KeepEveryRightWithinItsPoints) {
  std::size_t approvals = 0;
  std::size_t slice_sales = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Story story(seed);
    for (int i = 0; i < 500; ++i) {
      story.step();
    }
    approvals += story.approvals();
    slice_sales += story.slice_sales();
  }
  CHECK_TRUE(approvals > 500);  // Else nothing was tried.
  CHECK_TRUE(slice_sales > 100);
}
