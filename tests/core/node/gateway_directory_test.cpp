#include "core/node/gateway_directory.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/node/gateway_node.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using node::ConnectionId;

namespace {

constexpr ConnectionId kTill{1};

link::DirectoryEntry entry_of(std::int64_t member,
                              const char* card,
                              const link::DirectoryKey& key) {
  link::DirectoryEntry entry;
  entry.member = MemberId{member};
  entry.token_hash = crypto::mac16(key.key, as_bytes(card));
  entry.masked_name = "张*";
  entry.balance = Points{500};
  entry.balance_as_of = WallTime{1'000};
  return entry;
}

}  // namespace

TEST_GROUP(GatewayDirectory) {
  std::unique_ptr<node::GatewayNode> gateway;
  std::optional<node::DirectoryCommit> waiting;
  std::vector<node::LookUpMember> look_ups;
  std::vector<link::Message> to_till;
  std::vector<link::Message> to_oa;
  link::DirectoryKey key{{7}};
  std::int64_t boot_ms = 1'000;

  void setup() override {
    node::GatewayConfig config;
    config.gateway = GatewayId{11};
    config.incarnation = Incarnation{1};
    config.boot = BootId{3};
    gateway = std::make_unique<node::GatewayNode>(config, node::GatewaySnapshot{});
    link::Hello hello;
    hello.node = 101;
    hello.incarnation = Incarnation{1};
    hello.boot = BootId{9};
    take(gateway->on_terminal_message(kTill, hello, now()));
  }

  Instant now() const {
    return {WallTime{1'800'000'000'000'000 + boot_ms * 1'000}, BootTime{boot_ms}};
  }

  void take(node::GatewayActions actions) {
    for (auto& action : actions) {
      if (auto* commit = std::get_if<node::CommitDirectory>(&action)) {
        CHECK_FALSE(waiting.has_value());
        waiting = std::move(commit->commit);
      } else if (auto* send = std::get_if<node::SendToTerminal>(&action)) {
        to_till.push_back(std::move(send->message));
      } else if (auto* up = std::get_if<node::SendToOa>(&action)) {
        to_oa.push_back(std::move(up->message));
      } else if (auto* wanted = std::get_if<node::LookUpMember>(&action)) {
        look_ups.push_back(*wanted);
      }
    }
  }

  void open(std::uint64_t version = 0, std::uint64_t cards = 0) {
    node::DirectoryState state;
    state.version = version;
    state.cards = cards;
    if (version != 0) {
      state.key = key.key;
    }
    take(gateway->on_directory_opened(state, now()));
  }
  void oa_says(const link::Message& message) {
    take(gateway->on_uplink_message(message, now()));
  }
  void oa_up(std::uint32_t version = link::kVersionMax) {
    oa_says(link::Challenge{5});
    link::Welcome welcome;
    welcome.version = version;
    welcome.anchor = {now().wall, 0, ClockQuality::kAnchored};
    oa_says(welcome);
  }
  void oa_down() {
    take(gateway->on_uplink_down(now()));
  }
  node::DirectoryCommit sync(std::uint64_t cards) {
    CHECK_TRUE(waiting.has_value());
    const node::DirectoryCommit done = std::exchange(waiting, std::nullopt).value();
    take(gateway->on_directory_committed(cards, now()));
    return done;
  }
  void inquire(const char* card) {
    link::Ask ask;
    ask.ask_id = 77;
    ask.deadline = Duration{1'500};
    ask.question = link::Inquire{card};
    take(gateway->on_terminal_message(kTill, ask, now()));
  }
  template <class T>
  std::vector<T> of_type(const std::vector<link::Message>& messages) const {
    std::vector<T> found;
    for (const link::Message& message : messages) {
      if (const T* wanted = std::get_if<T>(&message)) {
        found.push_back(*wanted);
      }
    }
    return found;
  }
  std::vector<link::DirectoryAck> acks() const {
    return of_type<link::DirectoryAck>(to_oa);
  }
  std::vector<link::Answer> answers() const {
    return of_type<link::Answer>(to_till);
  }

  /// Open, connected, one member synced, all acknowledged.
  void sync_one() {
    open();
    oa_up();
    oa_says(key);
    sync(0);
    oa_says(link::DirectoryChunk{10, 0, true, {entry_of(5, "1", key)}});
    sync(1);
    to_oa.clear();
  }
};

TEST(GatewayDirectory, Chunk_IsAcknowledgedOnlyAfterTheSync) {
  open();
  oa_up();
  oa_says(key);
  CHECK_TRUE(sync(0).key == key.key);
  oa_says(link::DirectoryChunk{10, 0, true, {entry_of(5, "1", key)}});
  CHECK_EQUAL(0U, acks().back().version);
  const auto commit = sync(1);
  CHECK_TRUE(commit.clear);
  CHECK_EQUAL(10U, commit.version);
  CHECK_EQUAL(10U, acks().back().version);
  CHECK_TRUE(gateway->directory().current());
}

TEST(GatewayDirectory, ChunkThatComesWithTheKey_WaitsForIt) {
  open();
  oa_up();
  oa_says(key);
  oa_says(link::DirectoryChunk{10, 0, true, {entry_of(5, "1", key)}});
  sync(0);
  CHECK_EQUAL(10U, sync(1).version);
  CHECK_EQUAL(1U, acks().size());
  CHECK_EQUAL(10U, acks().back().version);
}

TEST(GatewayDirectory, DeltaOnWhatIsHere_IsStored) {
  sync_one();
  oa_says(link::DirectoryChunk{12, 10, true, {entry_of(6, "2", key)}});
  CHECK_FALSE(sync(2).clear);
  CHECK_EQUAL(12U, acks().back().version);
}

TEST(GatewayDirectory, DeltaOnSomethingElse_IsAnsweredWithWhatIsHere) {
  sync_one();
  oa_says(link::DirectoryChunk{13, 12, true, {entry_of(6, "2", key)}});
  CHECK_FALSE(waiting.has_value());
  CHECK_EQUAL(10U, acks().back().version);
}

TEST(GatewayDirectory, SecondCopyOfAChunk_IsNotAcknowledgedAgain) {
  sync_one();
  const link::DirectoryChunk chunk{12, 10, true, {entry_of(6, "2", key)}};
  oa_says(chunk);
  sync(2);
  oa_says(chunk);
  CHECK_FALSE(waiting.has_value());
  CHECK_EQUAL(1U, acks().size());
}

// Simulator, seed 9 of 24 h, 6 terminals, 3 gateways, other weights: the member could be looked up
// again although the erasure was acknowledged.
TEST(GatewayDirectory, LateCopyOfASnapshot_DoesNotBringBackWhoWasErased) {
  sync_one();
  link::DirectoryEntry erased;
  erased.member = MemberId{5};
  erased.erased = true;
  oa_says(link::DirectoryChunk{12, 10, true, {erased}});
  sync(0);
  to_oa.clear();
  oa_says(link::DirectoryChunk{10, 0, true, {entry_of(5, "1", key)}});
  CHECK_FALSE(waiting.has_value());
  CHECK_EQUAL(1U, acks().size());
  CHECK_EQUAL(12U, acks().back().version);
}

TEST(GatewayDirectory, SnapshotOfAnotherGeneration_IsTakenWhateverItsVersion) {
  sync_one();
  for (const std::uint64_t generation : {3U, 2U}) {  // The second OA has an older back-up.
    const std::uint64_t version = generation << 40U | 4U;
    oa_says(link::DirectoryChunk{version, 0, true, {entry_of(5, "1", key)}});
    CHECK_TRUE(sync(1).clear);
    CHECK_EQUAL(version, acks().back().version);
  }
}

TEST(GatewayDirectory, OtherKey_EmptiesTheDirectory) {
  sync_one();
  oa_says(link::DirectoryKey{{8}});
  const auto commit = sync(0);
  CHECK_TRUE(commit.clear);
  CHECK_EQUAL(0U, commit.version);
  CHECK_EQUAL(0U, acks().back().version);
}

TEST(GatewayDirectory, Hello_SaysWhatIsSynced) {
  open(4'711, 3);
  oa_says(link::Challenge{5});
  CHECK_EQUAL(4'711U, of_type<link::Hello>(to_oa).back().directory_version);
}

TEST(GatewayDirectory, FileOpenedAfterTheHello_SaysWhereItIs) {
  oa_up();
  oa_says(key);
  oa_says(link::DirectoryChunk{10, 0, true, {}});
  CHECK_FALSE(waiting.has_value());
  open(9, 3);
  CHECK_EQUAL(9U, acks().back().version);
}

TEST(GatewayDirectory, OaOfVersion1_IsNeitherAcknowledgedNorAskedForNumbers) {
  open();
  oa_up(1);
  boot_ms += 60'000;
  take(gateway->tick(now()));
  CHECK_EQUAL(1U, to_oa.size());  // The hello.
}

// Simulator, seed 106 of 48 h, 9 terminals, 3 gateways: the chunk was stored under the old key, and
// nobody it named was found again.
TEST(GatewayDirectory, NewKeyAndItsChunkDuringACommit_TheKeyComesFirst) {
  sync_one();
  boot_ms += 5'000;
  oa_says(link::Ping{1});
  oa_down();  // Notes how long everything was true: a commit.
  oa_up();
  const link::DirectoryKey other{{8}};
  oa_says(other);
  oa_says(link::DirectoryChunk{11, 10, true, {entry_of(5, "1", other)}});
  to_oa.clear();
  sync(1);
  CHECK_TRUE(acks().empty());
  const node::DirectoryCommit key_change = sync(0);
  CHECK_TRUE(key_change.clear);
  CHECK_TRUE(key_change.key == other.key);
  CHECK_FALSE(waiting.has_value());
  CHECK_EQUAL(1U, acks().size());
  CHECK_EQUAL(0U, acks().front().version);
  oa_says(link::DirectoryChunk{11, 0, true, {entry_of(5, "1", other)}});
  CHECK_EQUAL(11U, sync(1).version);
}

TEST(GatewayDirectory, InquiryWithoutUplink_IsAnsweredFromTheDirectory) {
  sync_one();
  oa_down();
  inquire("1");
  CHECK_EQUAL(1U, look_ups.size());
  const auto found = entry_of(5, "1", key);
  CHECK_TRUE(look_ups[0].token_hash == *found.token_hash);
  take(gateway->on_member_found(look_ups[0].look_up, found, now()));
  const link::Answer answer = answers().back();
  CHECK_EQUAL(77U, answer.ask_id);
  CHECK_TRUE(answer.outcome == link::AskOutcome::kOk);
  CHECK_EQUAL(500, answer.member->available.value);
  CHECK_FALSE(answer.right.has_value());
  // It was true when the OA was last heard, although the row is older.
  CHECK_TRUE(answer.member->as_of.us > found.balance_as_of.us);
}

TEST(GatewayDirectory, CardThatIsNotThere_IsNoAnswer) {
  sync_one();
  oa_down();
  inquire("3");
  take(gateway->on_member_found(look_ups[0].look_up, std::nullopt, now()));
  CHECK_TRUE(answers().back().outcome == link::AskOutcome::kUnavailable);
}

TEST(GatewayDirectory, LostCard_LooksFrozen) {
  sync_one();
  oa_down();
  inquire("1");
  auto found = entry_of(5, "1", key);
  found.denied = true;
  take(gateway->on_member_found(look_ups[0].look_up, found, now()));
  CHECK_TRUE(answers().back().member->frozen);
}

TEST(GatewayDirectory, AuthorisationWithoutUplink_IsNeverAnsweredFromTheDirectory) {
  sync_one();
  oa_down();
  link::Ask ask;
  ask.sale = make_sale_id(TerminalId{101}, BootId{9}, 1);
  ask.deadline = Duration{3'000};
  ask.question = link::Authorise{"1", Points{100}, Money{10'000}, ProgramVersion{1}};
  take(gateway->on_terminal_message(kTill, ask, now()));
  CHECK_TRUE(look_ups.empty());
  CHECK_TRUE(answers().back().outcome == link::AskOutcome::kUnavailable);
}

TEST(GatewayDirectory, SlowOa_LeavesTimeToAnswerFromTheDirectory) {
  sync_one();
  inquire("1");
  CHECK_TRUE(look_ups.empty());
  boot_ms += 1'000;
  take(gateway->tick(now()));
  CHECK_EQUAL(1U, look_ups.size());
}

TEST(GatewayDirectory, InquiryOnItsWayWhenTheUplinkFails_IsLookedUpHere) {
  sync_one();
  inquire("1");
  oa_down();
  CHECK_EQUAL(1U, look_ups.size());
}

TEST(GatewayDirectory, FailedFile_AnswersEverybodyWithUnavailable) {
  sync_one();
  oa_down();
  inquire("1");
  take(gateway->on_directory_failed(now()));
  CHECK_TRUE(answers().back().outcome == link::AskOutcome::kUnavailable);
  inquire("1");
  CHECK_EQUAL(1U, look_ups.size());
  CHECK_EQUAL(2U, answers().size());
}

TEST(GatewayDirectory, FailureWhileAChunkIsOnItsWay_IsToldWhenOpenAgain) {
  sync_one();
  oa_says(link::DirectoryChunk{12, 10, true, {entry_of(6, "2", key)}});
  take(gateway->on_directory_failed(now()));
  waiting.reset();
  CHECK_TRUE(acks().empty());
  open(10, 1);
  CHECK_EQUAL(10U, acks().back().version);
}

TEST(GatewayDirectory, UplinkDown_KeepsUntilWhenEverythingWasTrue) {
  sync_one();
  boot_ms += 5'000;
  oa_says(link::TimeAnchor{now().wall, 0, ClockQuality::kAnchored});
  const WallTime heard = now().wall;
  boot_ms += 15'000;
  oa_down();
  CHECK_EQUAL(heard.us, sync(1).synced_at.us);
  CHECK_TRUE(acks().empty());
  CHECK_FALSE(gateway->directory().current());
}

TEST(GatewayDirectory, Numbers_AreOrderedOnceAndHandedOnInPieces) {
  open();
  oa_up();
  const auto orders = of_type<link::NumberRequest>(to_oa);
  CHECK_EQUAL(1U, orders.size());
  oa_says(link::NumberBlock{50'000'000'001, orders[0].count});
  take(gateway->on_terminal_message(kTill, link::NumberRequest{1'000}, now()));
  take(gateway->on_terminal_message(kTill, link::NumberRequest{10}, now()));
  const auto blocks = of_type<link::NumberBlock>(to_till);
  CHECK_EQUAL(2U, blocks.size());
  CHECK_EQUAL(50'000'000'001U, blocks[0].first);
  CHECK_EQUAL(50U, blocks[0].count);
  CHECK_EQUAL(50'000'000'051U, blocks[1].first);
  boot_ms += 60'000;
  take(gateway->tick(now()));
  CHECK_EQUAL(1U, of_type<link::NumberRequest>(to_oa).size());
}

TEST(GatewayDirectory, NumbersOfAnEarlierBoot_AreGone) {
  open();
  oa_up();
  oa_says(link::NumberBlock{50'000'000'001, 1'000});
  setup();
  take(gateway->on_terminal_message(kTill, link::NumberRequest{10}, now()));
  CHECK_TRUE(of_type<link::NumberBlock>(to_till).empty());
}
