#include "oa/act_json.hpp"

#include <string>

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::oa;

TEST_GROUP(ActJson) {
  MemberId member{12};

  template <class Parse, class Id>
  void refuses(Parse parse, Id id, std::initializer_list<const char*> bodies) {
    for (const char* body : bodies) {
      CHECK_FALSE_TEXT(parse(id, body).has_value(), body);
    }
  }
};

TEST(ActJson, Adjustment_Read) {
  const auto up = adjustment_from(
      member, R"({"points":-5,"expires_on":null,"issuer_store":null,"reason":"x"})");
  CHECK_TRUE(up->member == member);
  CHECK_EQUAL(-5, up->points.value);
  CHECK_TRUE(up->expires_on == ledger::kNoExpiry);
  const auto dated = adjustment_from(
      member, R"({"points":5,"expires_on":"2027-02-28","issuer_store":7,"reason":"x"})");
  CHECK_EQUAL(20'877, dated->expires_on.days);
  CHECK_TRUE(dated->issuer == StoreId{7});
}

TEST(ActJson, Adjustment_RefusesWhatIsNotOne) {
  refuses(adjustment_from,
          member,
          {"",
           "[]",
           R"({"points":5,"expires_on":null,"issuer_store":null})",
           R"({"points":5,"expires_on":null,"issuer_store":null,"reason":"x","more":1})",
           R"({"points":"5","expires_on":null,"issuer_store":null,"reason":"x"})",
           R"({"points":5.5,"expires_on":null,"issuer_store":null,"reason":"x"})",
           R"({"points":0,"expires_on":null,"issuer_store":null,"reason":"x"})",
           R"({"points":18446744073709551615,"expires_on":null,"issuer_store":null,"reason":"x"})",
           R"({"points":-9223372036854775808,"expires_on":null,"issuer_store":null,"reason":"x"})",
           R"({"points":5,"expires_on":"2027-02-29","issuer_store":null,"reason":"x"})",
           R"({"points":5,"expires_on":"2027-2-28x","issuer_store":null,"reason":"x"})",
           R"({"points":5,"expires_on":20877,"issuer_store":null,"reason":"x"})",
           R"({"points":5,"expires_on":null,"issuer_store":0,"reason":"x"})",
           R"({"points":5,"expires_on":null,"issuer_store":4294967296,"reason":"x"})",
           R"({"points":5,"expires_on":null,"issuer_store":null,"reason":""})",
           R"({"points":5,"expires_on":null,"issuer_store":null,"reason":null})"});
}

TEST(ActJson, Clear_ReadAndRefused) {
  CHECK_TRUE(clear_from(member, R"({"to":"expired","reason":"x"})")->to ==
             ledger::ClearTo::kExpired);
  CHECK_TRUE(clear_from(member, R"({"to":"issuance","reason":"x"})")->to ==
             ledger::ClearTo::kIssuance);
  refuses(clear_from,
          member,
          {R"({"to":"debt","reason":"x"})", R"({"reason":"x"})", R"({"to":null,"reason":"x"})"});
}

TEST(ActJson, Transfer_ReadAndRefused) {
  const auto gift = transfer_from(member, R"({"to":"13","points":5,"reason":"x"})");
  CHECK_TRUE(gift->other == MemberId{13});
  refuses(transfer_from,
          member,
          {R"({"to":13,"points":5,"reason":"x"})",
           R"({"to":"0","points":5,"reason":"x"})",
           R"({"to":"-3","points":5,"reason":"x"})",
           R"({"to":"13a","points":5,"reason":"x"})",
           R"({"to":"99999999999999999999","points":5,"reason":"x"})",
           R"({"to":"13","points":-5,"reason":"x"})"});
}

TEST(ActJson, CardReplacement_ReadAndRefused) {
  const auto lost = card_replacement_from(
      member, R"({"card":"860001","new_card":null,"state":"lost","reason":"x"})");
  CHECK_TRUE(lost->card_state == ledger::CardState::kLost);
  CHECK_TRUE(lost->new_card.empty());
  CHECK_TRUE(card_replacement_from(member,
                                   R"({"card":"1","new_card":"2","state":"replaced","reason":"x"})")
                 ->card_state == ledger::CardState::kReplaced);
  const std::string longest(65, '8');
  const std::string too_long =
      R"({"card":")" + longest + R"(","new_card":null,"state":"lost","reason":"x"})";
  refuses(card_replacement_from,
          member,
          {R"({"card":"","new_card":null,"state":"lost","reason":"x"})",
           R"({"card":"1","new_card":"","state":"lost","reason":"x"})",
           R"({"card":"1","new_card":2,"state":"lost","reason":"x"})",
           R"({"card":"1","new_card":null,"state":"active","reason":"x"})",
           too_long.c_str()});
}

TEST(ActJson, Merge_ReadAndRefused) {
  CHECK_TRUE(merge_from(member, R"({"into":"13","reason":"x"})")->other == MemberId{13});
  refuses(merge_from, member, {R"({"into":null,"reason":"x"})", R"({"into":"13"})"});
}

TEST(ActJson, Decision_ReadAndRefused) {
  const auto post =
      decision_from(4, R"({"decision":"post","member":"12","points":7,"reason":"x"})");
  CHECK_EQUAL(4, post->quarantine);
  CHECK_EQUAL(7, post->points.value);
  CHECK_FALSE(
      decision_from(4, R"({"decision":"post","member":null,"points":null,"reason":"x"})")->member);
  CHECK_TRUE(
      decision_from(4, R"({"decision":"write_off","member":null,"points":null,"reason":"x"})")
          ->decision == ledger::QuarantineDecision::kWriteOff);
  refuses(decision_from,
          4,
          {R"({"decision":"write_off","member":"12","points":null,"reason":"x"})",
           R"({"decision":"write_off","member":null,"points":5,"reason":"x"})",
           R"({"decision":"post","member":12,"points":null,"reason":"x"})",
           R"({"decision":"post","member":null,"points":0,"reason":"x"})",
           R"({"decision":"delete","member":null,"points":null,"reason":"x"})"});
}

TEST(ActJson, Act_ShownWithPeopleAndWhatItIsAbout) {
  storage::OfficeActRow row;
  row.number = 3;
  row.act.kind = ledger::OfficeActKind::kDecide;
  row.act.quarantine = 9;
  row.act.maker = "li";
  const auto json = act_json(row);
  STRCMP_EQUAL("decide", json["kind"].get<std::string>().c_str());
  STRCMP_EQUAL("open", json["state"].get<std::string>().c_str());
  STRCMP_EQUAL("post", json["decision"].get<std::string>().c_str());
  CHECK_TRUE(json["checker"].is_null());
  CHECK_TRUE(json["checked_us"].is_null());
  CHECK_TRUE(json["txn"].is_null());
}
