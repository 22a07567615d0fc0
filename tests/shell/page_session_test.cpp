#include "shell/page_session.hpp"

#include "transport/os_random.hpp"

// Last: the harness redefines new, which standard headers do not bear.
#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::shell;

TEST_GROUP(PageSession) {
  transport::OsRandom random;
  SessionTable table{{3, Duration{1000}, Duration{5000}}};
  TryLimiter limiter{2, Duration{60'000}};
};

TEST(PageSession, Token_IsFreshAndOfOneForm) {
  const std::string token = make_token(random);
  LONGS_EQUAL(43, token.size());
  CHECK_TRUE(has_token_form(token));
  CHECK(token != make_token(random));
  CHECK_FALSE(has_token_form(""));
  CHECK_FALSE(has_token_form(token + "A"));
  CHECK_FALSE(has_token_form(token.substr(1) + "="));
  CHECK_FALSE(has_token_form(token.substr(1) + std::string(1, '\0')));
}

TEST(PageSession, Find_OtherToken_FindsNothing) {
  const std::string token = table.open("lin", "manager", BootTime{0}, random);
  STRCMP_EQUAL("lin", table.find(token, BootTime{1})->user.c_str());
  POINTERS_EQUAL(nullptr, table.find(make_token(random), BootTime{1}));
  POINTERS_EQUAL(nullptr, table.find("", BootTime{1}));
  table.close(token);
  POINTERS_EQUAL(nullptr, table.find(token, BootTime{1}));
}

TEST(PageSession, Idle_EndsTheSessionUnlessSeen) {
  const std::string token = table.open("", "setup", BootTime{0}, random);
  CHECK(table.find(token, BootTime{999}) != nullptr);
  CHECK(table.find(token, BootTime{1998}) != nullptr);
  POINTERS_EQUAL(nullptr, table.find(token, BootTime{2998}));
  LONGS_EQUAL(0, table.size());
}

TEST(PageSession, Age_EndsTheSessionEvenWhenSeen) {
  const std::string token = table.open("", "setup", BootTime{0}, random);
  for (std::int64_t ms = 500; ms < 5000; ms += 500) {
    CHECK(table.find(token, BootTime{ms}) != nullptr);
  }
  POINTERS_EQUAL(nullptr, table.find(token, BootTime{5000}));
}

TEST(PageSession, Full_EndsTheOldest) {
  const std::string first = table.open("", "a", BootTime{1}, random);
  for (std::int64_t ms = 2; ms <= 4; ++ms) {
    table.open("", "a", BootTime{ms}, random);
  }
  LONGS_EQUAL(3, table.size());
  POINTERS_EQUAL(nullptr, table.find(first, BootTime{5}));
  table.close_all();
  LONGS_EQUAL(0, table.size());
}

TEST(PageSession, Tries_OverBound_WaitForTheWindow) {
  CHECK_FALSE(limiter.begin("a", BootTime{0}).has_value());
  CHECK_FALSE(limiter.begin("a", BootTime{10'000}).has_value());
  LONGS_EQUAL(40'000, limiter.begin("a", BootTime{20'000})->ms);
  CHECK_FALSE(limiter.begin("b", BootTime{20'000}).has_value());
  CHECK_FALSE(limiter.begin("a", BootTime{60'000}).has_value());
  CHECK_TRUE(limiter.begin("a", BootTime{60'001}).has_value());
  limiter.forgive("a");
  CHECK_FALSE(limiter.begin("a", BootTime{60'002}).has_value());
}

TEST(PageSession, Tries_OfVeryManyNames_AreBounded) {
  for (std::size_t i = 0; i < TryLimiter::kKeysMax; ++i) {
    CHECK_FALSE(limiter.begin(std::to_string(i), BootTime{0}).has_value());
  }
  CHECK_TRUE(limiter.begin("one more", BootTime{1}).has_value());
  CHECK_FALSE(limiter.begin("one more", BootTime{60'000}).has_value());
}
