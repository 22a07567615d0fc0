#include "storage/gateway_directory.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/temporary_directory.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using storage::GatewayDirectory;

namespace {

constexpr GatewayId kGateway{11};
constexpr crypto::Key256 kKey{9};

link::DirectoryEntry entry_of(std::int64_t member, const std::string& card) {
  link::DirectoryEntry entry;
  entry.member = MemberId{member};
  entry.token_hash = crypto::mac16(kKey, as_bytes(card));
  entry.masked_name = "张*";
  entry.tier = 2;
  entry.balance = Points{500};
  entry.balance_as_of = WallTime{1'000};
  entry.expiring = Points{20};
  entry.expiring_on = BusinessDay{20'000};
  entry.frozen = true;
  return entry;
}

node::DirectoryCommit commit_of(std::uint64_t version, std::vector<link::DirectoryEntry> entries) {
  node::DirectoryCommit commit;
  commit.version = version;
  commit.entries = std::move(entries);
  commit.synced_at = WallTime{5'000};
  return commit;
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_GROUP(GatewayDirectoryFile) {
  tests::TemporaryDirectory directory;
  std::optional<GatewayDirectory> file;
  node::DirectoryState state;
  std::optional<Error> dropped;

  std::string path() {
    return directory.file("directory.db");
  }
  void open(GatewayId gateway = kGateway,
            GatewayDirectory::Start start = GatewayDirectory::Start::kFromFile) {
    file.reset();
    auto opened = GatewayDirectory::open(path(), gateway, start);
    CHECK_TRUE(opened.has_value());
    state = opened->state;
    dropped = opened->dropped;
    file.emplace(std::move(opened->directory));
  }
  std::uint64_t commit(const node::DirectoryCommit& commit) {
    const auto cards = file->commit(commit);
    CHECK_TRUE(cards.has_value());
    return *cards;
  }
  std::optional<link::DirectoryEntry> find(const std::string& card) {
    const auto found = file->find(crypto::mac16(kKey, as_bytes(card)));
    CHECK_TRUE(found.has_value());
    return *found;
  }
  void damage(const std::string& text, const std::string& by) {
    CHECK_TRUE(file->checkpoint().has_value());
    file.reset();
    std::string bytes = contents(path());
    const auto at = bytes.find(text);
    CHECK_TRUE(at != std::string::npos);
    bytes.replace(at, by.size(), by);
    std::ofstream(path(), std::ios::binary | std::ios::trunc) << bytes;
  }
};

TEST(GatewayDirectoryFile, NewFile_IsEmpty) {
  open();
  CHECK_EQUAL(0U, state.version);
  CHECK_FALSE(state.key.has_value());
  CHECK_FALSE(find("1").has_value());
}

TEST(GatewayDirectoryFile, WhatWasCommitted_IsThereAfterReopening) {
  open();
  auto first = commit_of(7, {entry_of(5, "1"), entry_of(5, "2"), entry_of(6, "3")});
  first.key = kKey;
  CHECK_EQUAL(3U, commit(first));
  open();
  CHECK_EQUAL(7U, state.version);
  CHECK_EQUAL(3U, state.cards);
  CHECK_EQUAL(5'000, state.synced_at.us);
  CHECK_TRUE(state.key == kKey);
  CHECK_TRUE(*find("2") == entry_of(5, "2"));
  CHECK_FALSE(find("4").has_value());
}

TEST(GatewayDirectoryFile, EntriesOfAMember_ReplaceAllOfThem) {
  open();
  commit(commit_of(7, {entry_of(5, "1"), entry_of(5, "2")}));
  CHECK_EQUAL(1U, commit(commit_of(8, {entry_of(5, "3")})));
  CHECK_FALSE(find("1").has_value());
  CHECK_TRUE(find("3").has_value());
}

TEST(GatewayDirectoryFile, CardThatMoved_BelongsToTheNewMemberInEitherOrder) {
  open();
  commit(commit_of(7, {entry_of(5, "1")}));
  CHECK_EQUAL(1U, commit(commit_of(8, {entry_of(6, "1")})));
  CHECK_EQUAL(6, find("1")->member.value);
  link::DirectoryEntry without;
  without.member = MemberId{5};
  CHECK_EQUAL(1U, commit(commit_of(9, {without})));
  CHECK_EQUAL(6, find("1")->member.value);
}

TEST(GatewayDirectoryFile, ErasedMember_LeavesNoRow) {
  open();
  commit(commit_of(7, {entry_of(5, "1"), entry_of(6, "2")}));
  link::DirectoryEntry erased;
  erased.member = MemberId{5};
  erased.erased = true;
  CHECK_EQUAL(1U, commit(commit_of(8, {erased})));
  CHECK_FALSE(find("1").has_value());
}

TEST(GatewayDirectoryFile, ErasedMember_LeavesNoTraceOnDisk) {
  open();
  auto entry = entry_of(5, "1");
  entry.masked_name = "Zyx***wv";
  commit(commit_of(7, {entry}));
  link::DirectoryEntry erased;
  erased.member = MemberId{5};
  erased.erased = true;
  commit(commit_of(8, {erased}));
  CHECK_TRUE(contents(path()).find("Zyx***wv") == std::string::npos);
  CHECK_TRUE(contents(path() + "-wal").find("Zyx***wv") == std::string::npos);
}

TEST(GatewayDirectoryFile, Clear_EmptiesFirst) {
  open();
  commit(commit_of(7, {entry_of(5, "1")}));
  auto snapshot = commit_of(3, {entry_of(6, "2")});
  snapshot.clear = true;
  CHECK_EQUAL(1U, commit(snapshot));
  CHECK_FALSE(find("1").has_value());
}

TEST(GatewayDirectoryFile, DamagedRow_IsNotGivenOut) {
  open();
  auto entry = entry_of(5, "1");
  entry.masked_name = "Zyx***wv";
  commit(commit_of(7, {entry}));
  damage("Zyx***wv", "Zyx***ww");
  open();
  CHECK_TRUE(file->find(*entry.token_hash).error().code == Errc::kCorrupt);
  open(kGateway, GatewayDirectory::Start::kAnew);
  CHECK_EQUAL(0U, state.version);
  CHECK_FALSE(find("1").has_value());
}

TEST(GatewayDirectoryFile, FileThatIsNoDatabase_IsDroppedAndToldOf) {
  std::ofstream(path()) << std::string(8'192, 'x');
  open();
  CHECK_TRUE(dropped.has_value());
  CHECK_EQUAL(0U, state.version);
  CHECK_EQUAL(1U, commit(commit_of(7, {entry_of(5, "1")})));
}

TEST(GatewayDirectoryFile, FileOfAnotherGateway_IsDropped) {
  open();
  commit(commit_of(7, {entry_of(5, "1")}));
  open(GatewayId{12});
  CHECK_TRUE(dropped.has_value());
  CHECK_EQUAL(0U, state.version);
  CHECK_FALSE(find("1").has_value());
}

// Threats T2 and T19: whoever finds the box's disk finds no card number, phone number or name.
TEST(GatewayDirectoryFile, CardNumbers_AreNotInTheFile) {
  open();
  const std::string card = "9156000000000017";
  auto first = commit_of(7, {entry_of(5, card)});
  first.key = kKey;
  commit(first);
  CHECK_TRUE(file->checkpoint().has_value());
  for (const auto& at : std::filesystem::recursive_directory_iterator(directory.path())) {
    CHECK_TRUE(contents(at.path().string()).find(card) == std::string::npos);
    CHECK_TRUE(contents(at.path().string()).find("600000000001") == std::string::npos);
  }
}
