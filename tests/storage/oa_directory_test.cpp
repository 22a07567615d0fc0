// The member directory between the OA's machine and its ledger: snapshot, deltas, erasures,
// numbers.
#include "core/node/oa_directory.hpp"

#include "core/member/number_block.hpp"

#include "tests/storage/oa_world.hpp"

using namespace tally;
using namespace tally::tests;

namespace {

struct DirectoryWorld : OaWorld {
  DirectoryWorld() { node->forget_connections(); }

  link::Hello hello(std::uint64_t version) {
    link::Hello hello;
    hello.role = Role::kGateway;
    hello.node = kGateway.value;
    hello.incarnation = Incarnation{1};
    hello.boot = BootId{1};
    hello.directory_version = version;
    return hello;
  }
  node::OaActions come(std::uint64_t version) { return say(hello(version)); }
  std::optional<link::DirectoryChunk> chunk_in(const node::OaActions& actions) {
    const auto chunks = of_type<link::DirectoryChunk>(actions);
    CHECK(chunks.size() <= 1);
    return chunks.empty() ? std::nullopt : std::optional(chunks.front());
  }
  std::optional<link::DirectoryChunk> acknowledge(std::uint64_t version) {
    return chunk_in(say(link::DirectoryAck{version}));
  }
  std::optional<link::DirectoryChunk> after_a_second() {
    now.boot.ms += 1'000;
    auto actions = node->push_directory(now);
    CHECK_TRUE(actions.has_value());
    return chunk_in(*actions);
  }
  Mac hash_of(const std::string& card) {
    return crypto::mac16(*registry.directory_key(kStore), as_bytes(card));
  }
  void execute(const char* sql) { CHECK_TRUE(store->db().execute(sql).has_value()); }
  /// Follows up to the last chunk; gives how many entries came.
  std::size_t sync(std::optional<link::DirectoryChunk> chunk) {
    std::size_t entries = 0;
    while (chunk) {
      entries += chunk->entries.size();
      synced = chunk->version;
      chunk = acknowledge(synced);
    }
    return entries;
  }
  std::uint64_t synced = 0;
};

}  // namespace

TEST_GROUP(OaDirectory) {
  DirectoryWorld world;
};

TEST(OaDirectory, NewGateway_GetsTheKeyThenASnapshot) {
  const MemberId member = world.enrol("9156000000000017");
  const auto actions = world.come(0);
  const auto keys = OaWorld::of_type<link::DirectoryKey>(actions);
  CHECK_EQUAL(1U, keys.size());
  CHECK_TRUE(keys.front().key == *world.registry.directory_key(OaWorld::kStore));
  const auto chunk = world.chunk_in(actions);
  CHECK_TRUE(chunk.has_value());
  CHECK_EQUAL(0U, chunk->base);
  CHECK_TRUE(chunk->last);
  CHECK_EQUAL(1U, chunk->entries.size());
  const link::DirectoryEntry& entry = chunk->entries.front();
  CHECK_TRUE(entry.member == member);
  CHECK_TRUE(entry.token_hash == world.hash_of("9156000000000017"));
  STRCMP_EQUAL("张*", entry.masked_name.c_str());
  CHECK_EQUAL(1U, chunk->version >> 40U);
}

TEST(OaDirectory, GatewayOfVersion1_IsToldNothing) {
  world.enrol("9156000000000017");
  auto hello = world.hello(0);
  hello.version_max = 1;
  const auto actions = world.say(hello);
  CHECK_TRUE(OaWorld::of_type<link::DirectoryKey>(actions).empty());
  CHECK_FALSE(world.chunk_in(actions).has_value());
  CHECK_EQUAL(1U, OaWorld::of_type<link::Welcome>(actions).front().version);
}

TEST(OaDirectory, LongSnapshot_IsOneUnacknowledgedChunkAtATime) {
  for (int i = 0; i < 200; ++i) {
    world.enrol(std::to_string(1'000 + i));
  }
  auto chunk = world.chunk_in(world.come(0));
  CHECK_EQUAL(96U, chunk->entries.size());
  CHECK_FALSE(chunk->last);
  CHECK_FALSE(world.after_a_second().has_value());
  const auto second = world.acknowledge(chunk->version);
  CHECK_EQUAL(chunk->version, second->base);
  const auto third = world.acknowledge(second->version);
  CHECK_EQUAL(8U, third->entries.size());
  CHECK_TRUE(third->last);
  CHECK_FALSE(world.acknowledge(third->version).has_value());
}

TEST(OaDirectory, Changes_GatherForASecondAndComeOnce) {
  world.enrol("1");
  world.enrol("2");
  world.sync(world.chunk_in(world.come(0)));
  Till till{TerminalId{101}};
  CHECK_FALSE(world.chunk_in(world.upload({till.accrual("1", 10)})).has_value());
  CHECK_FALSE(world.chunk_in(world.upload({till.accrual("1", 5)})).has_value());
  const auto delta = world.after_a_second();
  CHECK_EQUAL(1U, delta->entries.size());
  CHECK_EQUAL(15, delta->entries.front().balance.value);
  CHECK_TRUE(delta->last);
}

TEST(OaDirectory, KnownVersion_GetsOnlyWhatChangedSince) {
  world.enrol("1");
  world.sync(world.chunk_in(world.come(0)));
  world.enrol("2");
  world.say(link::Close{});
  world.node->forget_connections();
  const auto delta = world.chunk_in(world.come(world.synced));
  CHECK_EQUAL(world.synced, delta->base);
  CHECK_EQUAL(1U, delta->entries.size());
  CHECK_TRUE(delta->entries.front().token_hash == world.hash_of("2"));
}

TEST(OaDirectory, GatewayThatHasEverything_IsToldSoOnce) {
  world.enrol("1");
  world.sync(world.chunk_in(world.come(0)));
  world.node->forget_connections();
  const auto chunk = world.chunk_in(world.come(world.synced));
  CHECK_EQUAL(world.synced, chunk->base);
  CHECK_EQUAL(world.synced, chunk->version);
  CHECK_TRUE(chunk->entries.empty());
  CHECK_TRUE(chunk->last);
  CHECK_FALSE(world.acknowledge(chunk->version).has_value());
  CHECK_FALSE(world.after_a_second().has_value());
}

TEST(OaDirectory, VersionOfAnotherGeneration_StartsOver) {
  world.enrol("1");
  const auto chunk = world.chunk_in(world.come(node::wire_directory_version(2, 5'000'000)));
  CHECK_EQUAL(0U, chunk->base);
  CHECK_EQUAL(1U, chunk->entries.size());
}

TEST(OaDirectory, LedgerWithoutADirectory_TellsOfAllItsMembers) {
  world.enrol("1");
  world.enrol("2");
  world.open_as_version(3);
  const auto chunk = world.chunk_in(world.come(0));
  CHECK_EQUAL(2U, chunk->entries.size());
  world.enrol("3");
  world.node->forget_connections();
  CHECK_EQUAL(3U, world.sync(world.chunk_in(world.come(0))));
}

TEST(OaDirectory, EmptyLedger_SaysSo) {
  const auto chunk = world.chunk_in(world.come(0));
  CHECK_TRUE(chunk->entries.empty());
  CHECK_TRUE(chunk->last);
  CHECK_FALSE(world.acknowledge(chunk->version).has_value());
  CHECK_FALSE(world.after_a_second().has_value());
}

TEST(OaDirectory, AckOfAnotherVersion_GoesOnFromThere) {
  for (int i = 0; i < 100; ++i) {
    world.enrol(std::to_string(1'000 + i));
  }
  const auto first = world.chunk_in(world.come(0));
  const auto again = world.acknowledge(0);
  CHECK_EQUAL(0U, again->base);
  CHECK_EQUAL(first->version, again->version);
}

// It had the key in the file; a snapshot without it would be refused for ever.
TEST(OaDirectory, GatewayThatDroppedItsFile_GetsTheKeyAgainBeforeTheSnapshot) {
  world.enrol("1");
  world.sync(world.chunk_in(world.come(0)));
  const auto actions = world.say(link::DirectoryAck{0});
  CHECK_EQUAL(1U, OaWorld::of_type<link::DirectoryKey>(actions).size());
  CHECK_EQUAL(0U, world.chunk_in(actions)->base);
  CHECK_EQUAL(1U, world.chunk_in(actions)->entries.size());
}

TEST(OaDirectory, ChunkOfWhichNothingIsHeard_ComesAgainAfterAMinute) {
  world.enrol("1");
  const auto chunk = world.chunk_in(world.come(0));
  for (int second = 1; second < 60; ++second) {
    CHECK_FALSE(world.after_a_second().has_value());
  }
  const auto again = world.after_a_second();
  CHECK_EQUAL(chunk->base, again->base);
  CHECK_EQUAL(chunk->version, again->version);
  CHECK_EQUAL(1U, again->entries.size());
  CHECK_FALSE(world.acknowledge(again->version).has_value());
}

// The acknowledgement of the first copy, which took its time, is one of less than the second has.
TEST(OaDirectory, LateAcknowledgementOfTheFirstCopy_GoesOnFromThere) {
  world.enrol("1");
  const auto chunk = world.chunk_in(world.come(0));
  world.now.boot.ms += 60'000;
  world.enrol("2");
  CHECK_EQUAL(2U, world.after_a_second()->entries.size());
  const auto rest = world.acknowledge(chunk->version);
  CHECK_EQUAL(chunk->version, rest->base);
  CHECK_EQUAL(1U, rest->entries.size());
}

TEST(OaDirectory, MemberWithTwoCards_StandsInOneChunkWithBoth) {
  const MemberId member = world.enrol("1");
  world.sync(world.chunk_in(world.come(0)));
  world.execute(
      "INSERT INTO card VALUES('2', 1, 1, 1800000000000000); UPDATE card SET state = 2 WHERE token "
      "= '1'");
  const auto delta = world.after_a_second();
  CHECK_EQUAL(2U, delta->entries.size());
  CHECK_TRUE(delta->entries[0].token_hash == world.hash_of("2"));
  CHECK_FALSE(delta->entries[0].denied);
  CHECK_TRUE(delta->entries[1].token_hash == world.hash_of("1"));
  CHECK_TRUE(delta->entries[1].denied);
  CHECK_TRUE(delta->entries[1].member == member);
}

TEST(OaDirectory, CardThatMovesToAnotherMember_ChangesBoth) {
  world.enrol("1");
  world.enrol("2");
  world.sync(world.chunk_in(world.come(0)));
  world.execute("UPDATE card SET member = 2 WHERE token = '1'");
  const auto delta = world.after_a_second();
  CHECK_EQUAL(3U, delta->entries.size());
  CHECK_EQUAL(2, delta->entries[0].member.value);
  CHECK_EQUAL(2, delta->entries[1].member.value);
  CHECK_FALSE(delta->entries[2].token_hash.has_value());
}

TEST(OaDirectory, LastAcknowledgement_IsKept) {
  world.enrol("1");
  world.sync(world.chunk_in(world.come(0)));
  CHECK_EQUAL(static_cast<std::int64_t>(world.synced),
              world.count("SELECT acknowledged FROM directory_holder WHERE gateway = 11"));
}

// An OA restored from an old back-up may be of a lower generation than what its gateways have: that
// would look like an acknowledgement of everything erased since.
TEST(OaDirectory, VersionOfANewerGeneration_AcknowledgesNothing) {
  world.enrol("1");
  const std::uint64_t version = std::uint64_t{3} << 40U | 9U;
  const auto stored = [&] {
    return world.count("SELECT acknowledged FROM directory_holder WHERE gateway = 11");
  };
  const auto snapshot = world.chunk_in(world.come(version));
  CHECK_EQUAL(0U, snapshot->base);
  CHECK_EQUAL(0, stored());
  CHECK_EQUAL(0U, world.acknowledge(version)->base);
  CHECK_EQUAL(0, stored());
  world.sync(snapshot);
  CHECK_EQUAL(static_cast<std::int64_t>(snapshot->version), stored());
}

// Until version 10 an erasure carried the version of the directory it waited for.
TEST(OaDirectory, LedgerOfVersion9_KeepsItsErasures) {
  world.enrol("1");
  world.execute("INSERT INTO erasure VALUES(1, 5, 'anna', 'asked by letter')");
  world.open_as_version(9);
  CHECK_EQUAL(1, world.count("SELECT count(*) FROM erasure WHERE member = 1 AND at_us = 5"));
  CHECK_EQUAL(0,
              world.count("SELECT count(*) FROM pragma_table_info('erasure') "
                          "WHERE name = 'version'"));
}

TEST(OaDirectory, SoonestLot_IsWhatExpires) {
  world.enrol("1");
  world.execute(
      "INSERT INTO lot SELECT shard, 1, 20500, 7, 1, 40 FROM member WHERE id = 1;"
      "INSERT INTO lot SELECT shard, 1, 20400, 7, 2, 30 FROM member WHERE id = 1;"
      "INSERT INTO lot SELECT shard, 1, 20400, 8, 3, 12 FROM member WHERE id = 1");
  const auto chunk = world.chunk_in(world.come(0));
  CHECK_EQUAL(42, chunk->entries.front().expiring.value);
  CHECK_EQUAL(20'400, chunk->entries.front().expiring_on.days);
}

TEST(OaDirectory, NumbersAskedFor_AreNeverGivenTwice) {
  world.come(0);
  const auto first = OaWorld::of_type<link::NumberBlock>(world.say(link::NumberRequest{100}));
  CHECK_EQUAL(1U, first.size());
  CHECK_EQUAL(member::kTillSerialFirst + 1, first.front().first);
  // Within the pause it has to wait; it gets them when that is over.
  CHECK_TRUE(OaWorld::of_type<link::NumberBlock>(world.say(link::NumberRequest{50})).empty());
  world.now.boot.ms += 10'000;
  const auto later = world.node->push_directory(world.now);
  const auto second = OaWorld::of_type<link::NumberBlock>(*later);
  CHECK_EQUAL(1U, second.size());
  CHECK_EQUAL(member::kTillSerialFirst + 101, second.front().first);
  CHECK_EQUAL(50U, second.front().count);
}

TEST(OaDirectory, NumbersAfterARestoredBackup_AreOfAnotherRange) {
  const auto before = member::till_serial(1, 7);
  const auto after = member::till_serial(2, 7);
  CHECK_TRUE(*before != *after);
  CHECK_EQUAL(member::kSerialsPerGeneration, *after - *before);
  CHECK_FALSE(member::till_serial(1, member::kSerialsPerGeneration).has_value());
  CHECK_FALSE(member::till_serial(50, 1).has_value());
}
