#include "firmware/ui/catalogue.hpp"

#include <string>

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::firmware::ui;
using sale::Language;
using sale::MessageId;

TEST_GROUP(Catalogue){};

TEST(Catalogue, EveryMessage_SaysWhatHappenedInBothLanguages) {
  for (int i = 1; i <= static_cast<int>(MessageId::kInternalFault); ++i) {
    for (const Language language : {Language::kZhCn, Language::kEn}) {
      const Sentence said = sentence(static_cast<MessageId>(i), language, "7");
      CHECK_TEXT(!said.happened.empty(), std::to_string(i).c_str());
      CHECK_TEXT(said.happened.find('{') == std::string::npos, said.happened.c_str());
      CHECK_TEXT(!said.to_do.empty() || static_cast<MessageId>(i) == MessageId::kApproved,
                 said.happened.c_str());
    }
  }
}

TEST(Catalogue, EveryLabel_HasBothLanguages) {
  for (int i = 0; i <= static_cast<int>(Label::kReceiptThanks); ++i) {
    CHECK_TEXT(!text(static_cast<Label>(i), Language::kZhCn).empty(), std::to_string(i).c_str());
    CHECK_TEXT(!text(static_cast<Label>(i), Language::kEn).empty(), std::to_string(i).c_str());
  }
}

TEST(Catalogue, NoMessage_SaysNothing) {
  CHECK(sentence(MessageId::kNone, Language::kEn).happened.empty());
}

TEST(Catalogue, Argument_StandsInTheSentence) {
  CHECK(sentence(MessageId::kAmountTooLarge, Language::kEn, "50000.00").happened.find("50000.00") !=
        std::string::npos);
}

TEST(Catalogue, WithoutMark_TextIsKept) {
  STRCMP_EQUAL("plain", with_value("plain", "7").c_str());
  STRCMP_EQUAL("a 7 {}", with_value("a {} {}", "7").c_str());
}
