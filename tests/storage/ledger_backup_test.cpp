// Back-ups of a ledger in use, and an OA restored from one.
#include "storage/ledger_backup.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/storage/oa_world.hpp"

using namespace tally;
using namespace tally::tests;
using storage::BackupContent;

TEST_GROUP(LedgerBackup) {
  OaWorld world;
  Till till{TerminalId{101}};
  std::string backup = world.directory.file("backup.db");
  std::string ledger = world.directory.file("ledger.db");
  WallTime now{1'764'000'000'000'000};

  void setup() override {
    world.enrol("card");
  }

  void back_up() {
    const Status done = storage::backup_ledger(ledger, backup);
    CHECK_TRUE_TEXT(done.has_value(), done ? "" : describe(done.error()).c_str());
  }

  // The OA is destroyed and comes back from the back-up.
  void restore(std::uint64_t generation_min = 0) {
    world.node.reset();
    world.store.reset();
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(ledger + suffix);
    }
    const auto restored = storage::restore_ledger(backup, ledger, generation_min, now);
    CHECK_TRUE_TEXT(restored.has_value(), restored ? "" : describe(restored.error()).c_str());
    world.config.ledger_generation = *restored;
    world.config.ledger_stamp = static_cast<std::uint64_t>(now.us / 1'000'000);
    world.open();
    CHECK_EQUAL(world.config.ledger_stamp, *world.store->stamp());
    CHECK_EQUAL(*restored, *world.store->generation());
  }

  std::int64_t balance_of_books() {
    return world.count(
        "SELECT (SELECT sum(balance) FROM account) + (SELECT sum(available + held + pending + "
        "debt) FROM member)");
  }

  void outcome(link::AskOutcome expected, const link::Answer& answer) {
    CHECK_EQUAL(static_cast<int>(expected), static_cast<int>(answer.outcome));
  }
};

TEST(LedgerBackup, OfALedgerInUse_ContainsWhatWasCommitted) {
  world.upload({till.accrual("card", 10), till.accrual("card", 20)});
  const StreamPosition then = till.head();
  back_up();
  world.upload({till.accrual("card", 40)});
  const auto content = storage::read_backup(backup);
  CHECK_TRUE(content.has_value());
  CHECK_EQUAL(1U, content->generation);
  CHECK_EQUAL(1U, content->heads.size());
  CHECK_TRUE(content->heads[0] == (StreamMark{till.stream(), then}));
  CHECK_EQUAL(70, world.available("card"));
}

TEST(LedgerBackup, OverAnUnfinishedOne_IsWhole) {
  std::ofstream(backup) << "what a power cut left of the last try";
  back_up();
  CHECK_TRUE(storage::read_backup(backup).has_value());
}

TEST(LedgerBackup, OfNothingOrOfAnotherFile_IsRefused) {
  CHECK_TRUE(storage::backup_ledger(world.directory.file("none.db"), backup).error().code ==
             Errc::kNotFound);
  std::ofstream(world.directory.file("text.db")) << std::string(10'000, 'x');
  CHECK_FALSE(storage::backup_ledger(world.directory.file("text.db"), backup).has_value());
}

TEST(LedgerBackup, DamagedFile_IsRefusedByName) {
  world.upload({till.accrual("card", 10)});
  back_up();
  const auto size = std::filesystem::file_size(backup);
  std::fstream file(backup, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(size / 2));
  file << std::string(4'096, '\xff');
  file.close();
  CHECK_FALSE(storage::read_backup(backup).has_value());
}

TEST(LedgerBackup, Notice_ComesBackAndNoDamagePasses) {
  const BackupContent content{7,
                              {{till.stream(), {Seq{42}, Mac{1, 2, 3}}},
                               {{TerminalId{102}, Incarnation{3}}, {Seq{1}, Mac{9}}}}};
  const std::string text = storage::backup_notice(content);
  const auto parsed = storage::parse_backup_notice(text);
  CHECK_TRUE(parsed.has_value());
  CHECK_EQUAL(7U, parsed->generation);
  CHECK_TRUE(parsed->heads == content.heads);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string bad = text;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    CHECK_FALSE(storage::parse_backup_notice(bad).has_value());
    CHECK_FALSE(storage::parse_backup_notice(text.substr(0, i)).has_value());
  }
}

TEST(LedgerBackup, Restore_OverALedger_IsRefused) {
  back_up();
  CHECK_TRUE(storage::restore_ledger(backup, ledger, 0, now).error().code == Errc::kConflict);
}

TEST(LedgerBackup, Restore_OpensAGenerationThatRisesEachTime) {
  back_up();
  restore();
  CHECK_EQUAL(2U, world.config.ledger_generation);
  restore(7);
  CHECK_EQUAL(7U, world.config.ledger_generation);
}

TEST(LedgerBackup, OaRestoredToYesterday_IsRefilledAndNothingIsLostOrDoubled) {
  const std::vector<Bytes> before{till.accrual("card", 100), till.accrual("card", 20)};
  world.upload(before);
  const StreamPosition then = till.head();
  back_up();
  std::vector<Bytes> after{till.accrual("card", 500)};
  world.upload(after);
  const auto hold = world.authorise(till, till.sale(1), "card", 300);
  after.push_back(till.redemption("card", 300, till.sale(1), hold.right->id));
  after.push_back(till.accrual("stranger", 5));
  world.upload({after[1], after[2]});
  CHECK_EQUAL(320, world.available("card"));
  restore();
  const auto welcome = world.connect(OaWorld::kLine);
  const auto received = OaWorld::of_type<link::Received>(welcome);
  CHECK_TRUE(received.at(0).rewind);
  CHECK_TRUE(received[0].positions.at(0).position == then);
  CHECK_TRUE(OaWorld::of_type<link::Archived>(welcome).at(0).positions.at(0).position == then);
  CHECK_EQUAL(120, world.available("card"));
  world.upload(after);
  world.upload(before);
  CHECK_EQUAL(320, world.available("card"));
  CHECK_EQUAL(0, world.count("SELECT coalesce(sum(balance), 0) FROM account WHERE kind = 11"));
  CHECK_EQUAL(0, balance_of_books());
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM quarantine WHERE reason = 1"));
}

TEST(LedgerBackup, HoldThatWentDownWithTheLedger_IsNotGivenOutAgain) {
  world.upload({till.accrual("card", 500)});
  back_up();
  const auto lost = world.authorise(till, till.sale(1), "card", 300);
  restore();
  world.connect(OaWorld::kLine);
  world.say(link::Refilled{world.config.ledger_stamp});
  const auto fresh = world.authorise(till, till.sale(2), "card", 300);
  CHECK_TRUE(lost.right->id < fresh.right->id);
  // What it paid is the member's, as far as it is there; the store bears the rest.
  world.upload({till.redemption("card", 300, till.sale(1), lost.right->id)});
  CHECK_EQUAL(0, world.available("card"));
  CHECK_EQUAL(-100, world.count("SELECT sum(balance) FROM account WHERE kind = 10"));
  CHECK_EQUAL(0, world.count("SELECT coalesce(sum(balance), 0) FROM account WHERE kind = 11"));
}

TEST(LedgerBackup, MemberNumbersOfALostLedger_AreNotGivenOutAgain) {
  back_up();
  const MemberId lost = world.enrol("lost");
  restore();
  const MemberId lost_too = world.enrol("lost too");
  CHECK_TRUE(lost < lost_too);
  now.us += 60'000'000;
  restore();
  CHECK_TRUE(lost_too < world.enrol("fresh"));
}

TEST(LedgerBackup, GatewayThatHasNotSentAgain_IsGrantedNothing) {
  world.upload({till.accrual("card", 500)});
  const auto held = world.authorise(till, till.sale(1), "card", 100);
  back_up();
  restore();
  world.connect(OaWorld::kLine);
  CHECK_FALSE(world.node->gateways().at(0).refilled);
  outcome(link::AskOutcome::kUnavailable, world.authorise(till, till.sale(2), "card", 10));
  outcome(link::AskOutcome::kOk, world.ask(till, SaleId{}, link::Inquire{"card"}));
  outcome(link::AskOutcome::kOk, world.ask(till, till.sale(1), link::Release{held.right->id}));
  world.say(link::Refilled{world.config.ledger_stamp - 1});
  outcome(link::AskOutcome::kUnavailable, world.authorise(till, till.sale(2), "card", 10));
  world.say(link::Refilled{world.config.ledger_stamp});
  outcome(link::AskOutcome::kOk, world.authorise(till, till.sale(2), "card", 10));
}

TEST(LedgerBackup, GatewayThatSentAgainBefore_IsGrantedAtOnce) {
  world.upload({till.accrual("card", 500)});
  back_up();
  restore();
  link::Hello hello;
  hello.role = Role::kGateway;
  hello.node = OaWorld::kGateway.value;
  hello.incarnation = Incarnation{1};
  hello.boot = BootId{1};
  hello.ledger_stamp = world.config.ledger_stamp;
  world.handle({node::GatewayMessage{OaWorld::kLine, {Role::kGateway, 11, Incarnation{1}}, hello}});
  outcome(link::AskOutcome::kOk, world.authorise(till, till.sale(2), "card", 10));
}

TEST(LedgerBackup, Archived_IsToldNowAndAtEachArrival) {
  world.upload({till.accrual("card", 10)});
  const StreamMark mark{till.stream(), till.head()};
  const StreamMark foreign{{TerminalId{900}, Incarnation{1}}, {Seq{5}, Mac{5}}};
  const auto actions = world.node->archive({mark, foreign}, world.now);
  CHECK_TRUE(actions.has_value());
  const auto told = OaWorld::of_type<link::Archived>(*actions);
  CHECK_EQUAL(1U, told.size());
  CHECK_EQUAL(1U, told[0].positions.size());
  CHECK_TRUE(told[0].positions[0] == mark);
  world.open();
  const auto again = OaWorld::of_type<link::Archived>(world.connect(node::ConnectionId{3}));
  CHECK_TRUE(again.at(0).positions.at(0) == mark);
  CHECK_EQUAL(0U, again[0].positions.at(1).position.seq.value);
}
