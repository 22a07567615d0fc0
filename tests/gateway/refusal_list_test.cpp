#include "gateway/refusal_list.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::gateway;

TEST_GROUP(RefusalList) {
  RefusalList list;
  void add(std::int64_t at, const char* peer, std::uint32_t terminal, link::CloseReason reason) {
    list.add(WallTime{at},
             peer,
             terminal == 0 ? std::nullopt : std::optional(TerminalId{terminal}),
             terminal_reason(reason));
  }
};

TEST(RefusalList, EqualOnes_AreFoldedAndMoveToTheFront) {
  add(1, "192.0.2.1:1000", 101, link::CloseReason::kIdentityInUse);
  add(2, "192.0.2.2:1000", 101, link::CloseReason::kIdentityInUse);
  add(3, "192.0.2.1:2000", 101, link::CloseReason::kIdentityInUse);
  LONGLONGS_EQUAL(2, list.entries().size());
  CHECK_TRUE(list.entries().front().peer == "192.0.2.1:2000");
  LONGLONGS_EQUAL(2, list.entries().front().count);
  LONGLONGS_EQUAL(3, list.entries().front().at.us);
}

TEST(RefusalList, OtherTerminalOrReason_StandsAlone) {
  add(1, "192.0.2.1:1", 101, link::CloseReason::kIdentityInUse);
  add(1, "192.0.2.1:1", 102, link::CloseReason::kIdentityInUse);
  add(1, "192.0.2.1:1", 0, link::CloseReason::kIdentityInUse);
  add(1, "192.0.2.1:1", 101, link::CloseReason::kFrameMalformed);
  add(1, "[2001:db8::1]:1", 101, link::CloseReason::kFrameMalformed);
  LONGLONGS_EQUAL(5, list.entries().size());
}

TEST(RefusalList, BeyondTheBound_TheOldestGoes) {
  for (int i = 0; i < 60; ++i) {
    add(i, ("192.0.2." + std::to_string(i) + ":1").c_str(), 0, link::CloseReason::kRevoked);
  }
  LONGLONGS_EQUAL(RefusalList::kEntriesMax, list.entries().size());
  CHECK_TRUE(list.entries().front().peer == "192.0.2.59:1");
}

TEST(RefusalList, EveryReason_HasItsSentences) {
  for (int value = 1; value <= 15; ++value) {
    const auto close = static_cast<link::CloseReason>(value);
    for (const Reason& reason : {terminal_reason(close), uplink_reason(close)}) {
      CHECK_FALSE(reason.code.empty());
      CHECK_FALSE(reason.text_zh.empty());
      CHECK_FALSE(reason.text_en.empty());
      CHECK_FALSE(reason.what_to_do_zh.empty());
      CHECK_FALSE(reason.what_to_do_en.empty());
    }
    STRCMP_EQUAL(snake_name(close).c_str(), std::string(terminal_reason(close).code).c_str());
  }
}
