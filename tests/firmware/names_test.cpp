#include "firmware/names.hpp"

#include <set>
#include <string>

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::firmware;

TEST_GROUP(Names){};

TEST(Names, Screens_LeadBackToThemselves) {
  for (int i = 0; i <= static_cast<int>(sale::Screen::kMessage); ++i) {
    const auto screen = static_cast<sale::Screen>(i);
    CHECK(screen_of(name_of(screen)) == screen);
  }
  CHECK(!screen_of("").has_value());
  CHECK(!screen_of("Idle").has_value());
}

TEST(Names, Messages_HaveEachTheirOwn) {
  std::set<std::string> names;
  const int last = static_cast<int>(sale::MessageId::kInternalFault);
  for (int i = 0; i <= last; ++i) {
    names.insert(std::string(name_of(static_cast<sale::MessageId>(i))));
  }
  LONGS_EQUAL(last + 1, names.size());
  CHECK(!names.contains(""));
}

TEST(Names, LinkStatesAndLanguages_LeadBackToThemselves) {
  for (const auto state :
       {sale::LinkState::kOffline, sale::LinkState::kGatewayOnly, sale::LinkState::kOnline}) {
    CHECK(link_state_of(name_of(state)) == state);
  }
  CHECK(!link_state_of("up").has_value());
  CHECK(language_of("zh-CN") == sale::Language::kZhCn);
  CHECK(language_of("en") == sale::Language::kEn);
  CHECK(!language_of("zh").has_value());
}
