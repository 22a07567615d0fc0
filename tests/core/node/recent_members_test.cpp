#include "core/node/recent_members.hpp"

#include <string>

#include <CppUTest/TestHarness.h>

using namespace tally;
using node::RecentMembers;

namespace {

constexpr WallTime kNow{1'800'000'000'000'000};

link::MemberView view_of(std::int64_t member) {
  link::MemberView view;
  view.member = MemberId{member};
  view.available = Points{member * 10};
  view.as_of = kNow;
  return view;
}

}  // namespace

TEST_GROUP(RecentMembers) {
  RecentMembers members{crypto::Key256{3}};
};

TEST(RecentMembers, Remembered_IsFoundUntilItIsOld) {
  members.remember("1", view_of(5));
  CHECK_EQUAL(50, members.find("1", kNow)->available.value);
  CHECK_FALSE(members.find("2", kNow).has_value());
  CHECK_TRUE(members.find("1", WallTime{kNow.us + RecentMembers::kAgeMaxUs}).has_value());
  CHECK_FALSE(members.find("1", WallTime{kNow.us + RecentMembers::kAgeMaxUs + 1}).has_value());
}

TEST(RecentMembers, MoreThanTheBound_LetsTheOldestGo) {
  for (std::size_t i = 0; i < RecentMembers::kCountMax; ++i) {
    members.remember(std::to_string(i), view_of(1));
  }
  members.remember("0", view_of(2));  // Seen again: the newest now.
  members.remember("new", view_of(3));
  CHECK_EQUAL(RecentMembers::kCountMax, members.size());
  CHECK_TRUE(members.find("0", kNow).has_value());
  CHECK_FALSE(members.find("1", kNow).has_value());
  CHECK_TRUE(members.find("new", kNow).has_value());
}

TEST(RecentMembers, Changes_GoIntoTheNextCommitOnce) {
  members.remember("1", view_of(5));
  members.remember("2", view_of(6));
  members.forget("2");
  node::TerminalCommit commit;
  members.add_to(commit);
  CHECK_EQUAL(1U, commit.recent.size());
  CHECK_EQUAL(5, commit.recent.front().view.member.value);
  CHECK_EQUAL(1U, commit.recent_dropped.size());
  node::TerminalCommit next;
  members.add_to(next);
  CHECK_TRUE(next.empty());
}

TEST(RecentMembers, WhatTheJournalKept_IsKnownAgain) {
  members.remember("1", view_of(5));
  node::TerminalCommit commit;
  members.add_to(commit);
  RecentMembers after{crypto::Key256{3}};
  after.load(commit.recent);
  CHECK_EQUAL(5, after.find("1", kNow)->member.value);
  RecentMembers other{crypto::Key256{4}};
  other.load(commit.recent);
  CHECK_FALSE(other.find("1", kNow).has_value());
}
