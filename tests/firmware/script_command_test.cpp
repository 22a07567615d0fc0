#include "firmware/script_command.hpp"

#include <string>

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::firmware::script;

namespace {

template <class T>
T command(std::string_view line) {
  const auto parsed = parse_line(line);
  CHECK_TEXT(std::holds_alternative<Command>(parsed), std::string(line).c_str());
  const auto& one = std::get<Command>(parsed);
  CHECK_TEXT(std::holds_alternative<T>(one), std::string(line).c_str());
  return std::get<T>(one);
}

void refuse(std::string_view line, bool out_of_range = false) {
  const auto parsed = parse_line(line);
  CHECK_TEXT(std::holds_alternative<BadLine>(parsed), std::string(line).c_str());
  const auto& bad = std::get<BadLine>(parsed);
  CHECK_EQUAL(out_of_range, bad.out_of_range);
  CHECK(!bad.text.empty());
}

}  // namespace

TEST_GROUP(ScriptCommand){};

TEST(ScriptCommand, EmptyAndCommentLines_AreSkipped) {
  CHECK(std::holds_alternative<Skip>(parse_line("")));
  CHECK(std::holds_alternative<Skip>(parse_line("   \t\r")));
  CHECK(std::holds_alternative<Skip>(parse_line("# wait nowhere")));
}

TEST(ScriptCommand, Amount_IsTypedAndEntered) {
  const auto keys = command<PressKeys>("amount 12.5").keys;
  LONGS_EQUAL(5, keys.size());
  CHECK(keys[0] == hal::Key::k1);
  CHECK(keys[2] == hal::Key::kDot);
  CHECK(keys[4] == hal::Key::kEnter);
}

TEST(ScriptCommand, Keys_AreTypedOnly) {
  LONGS_EQUAL(3, command<PressKeys>("keys 500").keys.size());
  CHECK(command<PressKeys>("key redeem").keys.front() == hal::Key::kRedeem);
}

TEST(ScriptCommand, RestOfTheLine_IsTheText) {
  STRCMP_EQUAL("a b  c", command<ScanText>("  scan   a b  c \r").text.c_str());
  STRCMP_EQUAL("/tmp/a b.png", command<ScanPicture>("scan-image /tmp/a b.png").path.c_str());
  STRCMP_EQUAL("https://m.example/7", command<Tap>("tap https://m.example/7").text.c_str());
  STRCMP_EQUAL("half way", command<Note>("note half way").text.c_str());
  STRCMP_EQUAL("x.png", command<SavePicture>("picture x.png").path.c_str());
  STRCMP_EQUAL("x.png", command<SavePaper>("paper x.png").path.c_str());
}

TEST(ScriptCommand, Waits_HaveATimeout) {
  const auto screen = command<WaitScreen>("wait void_pick 250");
  CHECK(screen.screen == sale::Screen::kVoidPick);
  LONGS_EQUAL(250, screen.timeout.ms);
  CHECK(command<WaitLink>("wait-link gateway 1").state == sale::LinkState::kGatewayOnly);
  LONGS_EQUAL(600000, command<WaitSynced>("wait-synced 600000").timeout.ms);
  LONGS_EQUAL(5, command<WaitApplied>("wait-applied 5").timeout.ms);
  LONGS_EQUAL(7, command<Sleep>("sleep 7").time.ms);
}

TEST(ScriptCommand, Devices_AreSet) {
  CHECK(!command<SetDevice>("device scanner unplugged").good);
  CHECK(command<SetDevice>("device paper ok").part == Part::kPaper);
  CHECK(command<SetDevice>("device cover closed").good);
  CHECK(command<SetDevice>("device printer plugged").good);
}

TEST(ScriptCommand, Alone_TakeNoWords) {
  command<TellState>("state");
  command<Quit>("quit");
  refuse("state now");
  refuse("quit 0");
}

TEST(ScriptCommand, UnknownWords_AreRefused) {
  refuse("bogus");
  refuse("Key enter");
  refuse("key");
  refuse("key f1");
  refuse("wait nowhere 100");
  refuse("wait-link up 100");
  refuse("device scanner");
  refuse("device scanner out");
  refuse("device paper unplugged");
  refuse("device fan on");
}

TEST(ScriptCommand, WrongForms_AreRefused) {
  refuse("amount");
  refuse("amount 12,5");
  refuse("amount -5");
  refuse("keys 5a");
  refuse("keys " + std::string(65, '1'));
  refuse("scan");
  refuse("scan-image ");
  refuse("tap");
  refuse("note");
  refuse("wait idle");
  refuse("wait idle soon");
  refuse("wait idle 100 200");
  refuse("wait-synced 1e3");
}

TEST(ScriptCommand, NumbersOutOfBounds_AreOutOfRange) {
  refuse("wait idle 0", true);
  refuse("wait idle -1", true);
  refuse("wait idle 600001", true);
  refuse("sleep 60001", true);
  refuse("scan " + std::string(kLineBytesMax, 'A'), true);
}

TEST(ScriptCommand, NumberTooLongForAnInteger_IsRefused) {
  refuse("sleep 99999999999999999999");
}
