// The OA's machine when its store fails at any call: nothing is acknowledged or answered, and after
// reopening everything can be sent again.
#include <filesystem>
#include <utility>
#include <vector>

#include "tests/storage/oa_world.hpp"

using namespace tally;
using namespace tally::tests;

namespace {

/// Passes calls on to a real store until the `fails_at`-th one, which fails.
class FailingStore final : public ledger::LedgerStore {
 public:
  explicit FailingStore(ledger::LedgerStore& store) : store_(store) {}

  Status begin() override { return fails() ? Status(error()) : store_.begin(); }
  Result<StreamPosition> cursor(StreamId stream) override {
    return fails() ? Result<StreamPosition>(error()) : store_.cursor(stream);
  }
  Result<std::vector<ledger::RawHead>> raw_at(StreamId stream, Seq seq) override {
    return fails() ? Result<std::vector<ledger::RawHead>>(error()) : store_.raw_at(stream, seq);
  }
  Result<bool> is_forked(StreamId stream) override {
    return fails() ? Result<bool>(error()) : store_.is_forked(stream);
  }
  Result<StreamPosition> archived(StreamId stream) override {
    return fails() ? Result<StreamPosition>(error()) : store_.archived(stream);
  }
  Status set_archived(const std::vector<StreamMark>& positions, WallTime at) override {
    return fails() ? Status(error()) : store_.set_archived(positions, at);
  }
  Result<ledger::WorkingSet> read(ledger::ReadPlan plan) override {
    return fails() ? Result<ledger::WorkingSet>(error()) : store_.read(std::move(plan));
  }
  Status write(const ledger::WorkingSet& set, const ledger::IngestChanges& changes) override {
    return fails() ? Status(error()) : store_.write(set, changes);
  }
  Result<std::vector<ledger::WaitingRecord>> waiting_for(const std::string& card,
                                                         std::size_t count_max) override {
    return fails() ? Result<std::vector<ledger::WaitingRecord>>(error())
                   : store_.waiting_for(card, count_max);
  }
  Result<std::optional<ledger::QuarantinedRecord>> quarantined(std::int64_t number) override {
    return store_.quarantined(number);
  }
  Result<std::vector<ledger::TransitRow>> transits(std::size_t count_max) override {
    return store_.transits(count_max);
  }
  Result<std::vector<MemberId>> aliases_due(MemberId after, std::size_t count_max) override {
    return store_.aliases_due(after, count_max);
  }
  Result<std::vector<MemberId>> due_expiry(BusinessDay last, std::size_t count_max) override {
    return fails() ? Result<std::vector<MemberId>>(error()) : store_.due_expiry(last, count_max);
  }
  Result<std::vector<ledger::DueVesting>> due_vesting(BusinessDay today,
                                                      std::size_t count_max) override {
    return fails() ? Result<std::vector<ledger::DueVesting>>(error())
                   : store_.due_vesting(today, count_max);
  }
  Result<std::optional<ledger::Claim>> claim(const RecordId& record) override {
    return fails() ? Result<std::optional<ledger::Claim>>(error()) : store_.claim(record);
  }
  Status put_claim(const ledger::Claim& claim) override {
    return fails() ? Status(error()) : store_.put_claim(claim);
  }
  Result<std::vector<RecordId>> open_claims(StreamId stream,
                                            Seq up_to,
                                            std::size_t count_max) override {
    return fails() ? Result<std::vector<RecordId>>(error())
                   : store_.open_claims(stream, up_to, count_max);
  }
  Status free_claim(const RecordId& record, WallTime at) override {
    return fails() ? Status(error()) : store_.free_claim(record, at);
  }
  Result<std::optional<ledger::TerminalDeath>> death(StreamId stream) override {
    return fails() ? Result<std::optional<ledger::TerminalDeath>>(error()) : store_.death(stream);
  }
  Status put_death(const ledger::TerminalDeath& death) override {
    return fails() ? Status(error()) : store_.put_death(death);
  }
  Status commit() override {
    if (!fails()) {
      return store_.commit();
    }
    if (commits_nevertheless) {
      CHECK_TRUE(store_.commit().has_value());
    }
    return error();
  }
  void rollback() override { store_.rollback(); }
  Result<std::vector<ledger::DirectoryMember>> directory_changes(std::uint64_t after,
                                                                 std::size_t members_max,
                                                                 std::size_t cards_max) override {
    return fails() ? Result<std::vector<ledger::DirectoryMember>>(error())
                   : store_.directory_changes(after, members_max, cards_max);
  }
  Status put_directory_holder(const ledger::DirectoryHolder& holder) override {
    return fails() ? Status(error()) : store_.put_directory_holder(holder);
  }
  Result<std::uint64_t> take_numbers(std::uint32_t count) override {
    return fails() ? Result<std::uint64_t>(error()) : store_.take_numbers(count);
  }

  int calls = 0;
  int fails_at = 0;
  bool commits_nevertheless = false;  ///< The sync's error came after the data was there.

 private:
  bool fails() { return ++calls == fails_at; }
  static Error error() { return make_error(Errc::kCorrupt, "the disk failed"); }

  ledger::LedgerStore& store_;
};

}  // namespace

TEST_GROUP(OaNodeFailure) {
  OaWorld world;
  Till till{TerminalId{101}};
  link::PeerIdentity peer{Role::kGateway, 11, Incarnation{1}};
  std::vector<Bytes> sealed;
  link::Ask ask;

  void setup() override {
    world.enrol("card");
    world.upload({till.accrual("card", 100)});
    sealed = {till.accrual("card", 10),
              till.accrual("new card", 5),
              till.other(record::Enrolment{"new card", "王*", {}, 1}, "new card"),
              till.redemption("card", 30, till.sale(5), RightId{})};
    ask.ask_id = 1;
    ask.sale = till.sale(6);
    ask.deadline = Duration{1'000};
    ask.terminal = till.stream().terminal;
    ask.incarnation = till.stream().incarnation;
    ask.question = link::Authorise{"card", Points{20}, Money{10'000}, ProgramVersion{1}};
  }

  std::vector<node::OaEvent> day() {
    return {node::GatewayMessage{OaWorld::kLine, peer, OaWorld::batch(sealed)},
            node::GatewayMessage{OaWorld::kLine, peer, ask}};
  }

  /// Plays the day over a store that fails once, then again over the reopened one. False when it
  /// did not come to the failing call.
  bool play(int fails_at, bool commits_nevertheless) {
    FailingStore failing(*world.store);
    node::OaNode node(world.config, failing, world.registry);
    link::Hello hello;
    hello.role = peer.role;
    hello.node = peer.node;
    hello.incarnation = peer.incarnation;
    hello.boot = BootId{1};
    const std::vector<node::OaEvent> arrival{node::GatewayMessage{OaWorld::kLine, peer, hello}};
    CHECK_TRUE(node.handle(arrival, world.now).has_value());
    failing.calls = 0;
    failing.fails_at = fails_at;
    failing.commits_nevertheless = commits_nevertheless;
    const auto events = day();
    const auto actions = node.handle(events, world.now);
    const bool failed = !actions.has_value();
    CHECK_EQUAL(failed, failing.calls >= fails_at);
    world.open();
    world.connect(OaWorld::kLine);
    const auto again = world.handle(day());
    const auto answers = OaWorld::of_type<link::Answer>(again);
    CHECK_TRUE(answers.at(0).outcome == link::AskOutcome::kOk);
    CHECK_TRUE(OaWorld::of_type<link::Received>(again).at(0).positions.at(0).position ==
               till.head());
    CHECK_EQUAL(60, world.available("card"));
    CHECK_EQUAL(5, world.available("new card"));
    CHECK_EQUAL(5, world.count("SELECT count(*) FROM raw_record"));
    CHECK_EQUAL(0, world.count("SELECT count(*) FROM quarantine"));
    CHECK_EQUAL(20, world.count("SELECT sum(points) FROM right_lot"));
    CHECK_EQUAL(0,
                world.count("SELECT (SELECT sum(balance) FROM account) + (SELECT sum(available + "
                            "held + pending + debt) FROM member)"));
    return failed;
  }
};

TEST(OaNodeFailure, FirstCall_NothingIsSaidAndAllCanBeSentAgain) {
  CHECK_TRUE(play(1, false));
}

TEST(OaNodeFailure, EveryLaterCall_TheSame) {
  // Each round on a ledger of its own, until a round ends without coming to the failing call.
  int fails_at = 2;
  for (;; ++fails_at) {
    world.node.reset();
    world.store.reset();
    std::filesystem::remove_all(world.directory.path());
    std::filesystem::create_directory(world.directory.path());
    world.open();
    world.connect(OaWorld::kLine);
    till = Till{TerminalId{101}};
    setup();
    if (!play(fails_at, false)) {
      break;
    }
  }
  CHECK_TRUE(fails_at > 8);
}

TEST(OaNodeFailure, CommitThatFailedAfterTheData_IsRecognisedWhenSentAgain) {
  // The commit is the last call of the batch: count first, on a twin of this world.
  OaWorld twin;
  FailingStore counting(*twin.store);
  node::OaNode node(twin.config, counting, twin.registry);
  twin.enrol("card");
  Till same{TerminalId{101}};
  twin.upload({same.accrual("card", 100)});
  link::Hello hello;
  hello.role = peer.role;
  hello.node = peer.node;
  hello.incarnation = peer.incarnation;
  hello.boot = BootId{1};
  const std::vector<node::OaEvent> arrival{node::GatewayMessage{OaWorld::kLine, peer, hello}};
  CHECK_TRUE(node.handle(arrival, twin.now).has_value());
  counting.calls = 0;
  const auto events = day();
  CHECK_TRUE(node.handle(events, twin.now).has_value());
  CHECK_TRUE(play(counting.calls, true));
}
