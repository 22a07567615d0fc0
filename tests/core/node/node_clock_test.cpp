// The clock's bracket, quality and floors under everything a clock does wrong.
#include "core/node/node_clock.hpp"

#include <limits>
#include <optional>

#include <CppUTest/TestHarness.h>

using namespace tally;
using node::AnchorVerdict;
using node::HeldAnchor;
using node::NodeClock;
using node::TimeBracket;

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kHour = 3'600 * kSecond;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kYear = 365 * kDay;
constexpr std::int64_t kBuild = 1'700'000'000 * kSecond;
constexpr std::int64_t kTrue = kBuild + 100 * kDay;  ///< True time at boot time 0.

/// The machine's clock is `ahead_us` ahead of true time `boot_ms` after the start.
Instant at(std::int64_t boot_ms, std::int64_t ahead_us = 0) {
  return {WallTime{kTrue + boot_ms * 1'000 + ahead_us}, BootTime{boot_ms}};
}

link::TimeAnchor anchor_of(std::int64_t wall_us, ClockQuality quality = ClockQuality::kAnchored) {
  return {WallTime{wall_us}, kSecond, quality};
}

/// True time, told at `boot_ms`.
link::TimeAnchor true_anchor(std::int64_t boot_ms) {
  return anchor_of(kTrue + boot_ms * 1'000);
}

}  // namespace

TEST_GROUP(NodeClock) {
  NodeClock clock{WallTime{kBuild}, 0};

  void start(std::int64_t chip_ahead_us,
             std::optional<HeldAnchor> held = {},
             std::int64_t last_stamp_us = 0) {
    clock.start(WallTime{last_stamp_us}, held, at(0, chip_ahead_us));
  }
  void in_bracket(std::int64_t true_us, Instant now) const {
    const TimeBracket bracket = clock.bracket(now);
    CHECK_TRUE(bracket.lo.us <= true_us && true_us <= bracket.hi.us);
  }
};

TEST(NodeClock, BeforeAnyAnchor_OnlyTheBuildIsCertain) {
  start(0);
  CHECK_TRUE(clock.quality(at(5)) == ClockQuality::kUnknown);
  LONGLONGS_EQUAL(kBuild, clock.bracket(at(5)).lo.us);
  LONGLONGS_EQUAL(std::numeric_limits<std::int64_t>::max(), clock.bracket(at(5)).hi.us);
  CHECK_FALSE(clock.skew_s(at(5)).has_value());
  CHECK_FALSE(clock.to_hold(at(5)).has_value());
}

TEST(NodeClock, Anchor_BracketsTheTimeAndTellsTheSkew) {
  start(-2 * kHour);
  CHECK_TRUE(clock.anchor(true_anchor(1'000), Duration{0}, at(1'000, -2 * kHour)) ==
             AnchorVerdict::kTaken);
  CHECK_TRUE(clock.quality(at(1'000)) == ClockQuality::kAnchored);
  LONGLONGS_EQUAL(-7'200, *clock.skew_s(at(1'000, -2 * kHour)));
  LONGLONGS_EQUAL(kTrue + 1'000'000 - kSecond, clock.bracket(at(1'000)).lo.us);
  LONGLONGS_EQUAL(kTrue + 1'000'000 + kSecond, clock.bracket(at(1'000)).hi.us);
  LONGLONGS_EQUAL(kTrue + 61'000'000, clock.read(at(61'000, -2 * kHour)).us);
}

TEST(NodeClock, AnswerThatWasLongOnItsWay_WidensTheBracket) {
  start(0);
  // Said at 0 and heard at 4 s: the true time now is up to 4 s later.
  clock.anchor(true_anchor(0), Duration{4'000}, at(4'000));
  LONGLONGS_EQUAL(3 * kSecond, *clock.uncertainty_us(at(4'000)));
  in_bracket(kTrue + 4'000'000, at(4'000));
  in_bracket(kTrue, at(4'000));
}

TEST(NodeClock, WithoutNewAnchors_TheBracketGrowsWithTheDrift) {
  start(0);
  clock.anchor(true_anchor(0), Duration{0}, at(0));
  const std::int64_t day_ms = 86'400'000;
  LONGLONGS_EQUAL(kSecond + 43'200'000, *clock.uncertainty_us(at(day_ms)));
  // A crystal 400 ppm fast: the truth is still inside.
  in_bracket(kTrue + day_ms * 1'000 - day_ms * 400 / 1'000, at(day_ms));
  // A fresh one makes it narrow again; a vaguer one does not replace a sharper one.
  clock.anchor(true_anchor(day_ms), Duration{0}, at(day_ms));
  LONGLONGS_EQUAL(kSecond, *clock.uncertainty_us(at(day_ms)));
  clock.anchor(true_anchor(day_ms), Duration{10'000}, at(day_ms));
  LONGLONGS_EQUAL(kSecond, *clock.uncertainty_us(at(day_ms)));
}

TEST(NodeClock, MachinesClockJumpsByYears_TimeGoesOnAndTheSkewShows) {
  start(0);
  clock.anchor(true_anchor(0), Duration{0}, at(0));
  for (const std::int64_t jump : {3 * kYear, -3 * kYear, -50 * kYear, 10 * kYear}) {
    LONGLONGS_EQUAL(kTrue + 60 * kSecond, clock.read(at(60'000, jump)).us);
    CHECK_TRUE(clock.quality(at(60'000, jump)) == ClockQuality::kAnchored);
    LONGLONGS_EQUAL(jump / kSecond, *clock.skew_s(at(60'000, jump)));
  }
}

TEST(NodeClock, UnknownTime_RunsOnBootTimeWhateverTheMachineSays) {
  start(0);
  LONGLONGS_EQUAL(kTrue + kSecond, clock.stamp(at(1'000, 5 * kYear)).us);
  LONGLONGS_EQUAL(kTrue + 2 * kSecond, clock.stamp(at(2'000, -5 * kYear)).us);
}

TEST(NodeClock, DeadClockChip_GoesOnFromTheLastStamp) {
  const std::int64_t last = kTrue - kHour;
  start(-kTrue, {}, last);  // 1970.
  LONGLONGS_EQUAL(last + 5 * kSecond, clock.stamp(at(5'000, -kTrue)).us);
  CHECK_TRUE(clock.quality(at(5'000)) == ClockQuality::kUnknown);
}

TEST(NodeClock, ClockChipDecadesAhead_IsNotBelieved) {
  start(30 * kYear);
  CHECK_TRUE(clock.read(at(0, 30 * kYear)).us == kBuild);
}

TEST(NodeClock, Stamps_NeverGoBack) {
  start(kHour);
  const std::int64_t early = clock.stamp(at(1'000, kHour)).us;
  LONGLONGS_EQUAL(kTrue + kSecond + kHour, early);
  clock.anchor(true_anchor(2'000), Duration{0}, at(2'000));
  LONGLONGS_EQUAL(early, clock.stamp(at(3'000)).us);
  // The stamp lies outside the bracket, and says so until the time has caught up.
  CHECK_TRUE(clock.quality(at(3'000)) == ClockQuality::kUnknown);
  CHECK_TRUE(clock.quality(at(3'700'000)) == ClockQuality::kAnchored);
  in_bracket(kTrue + 3 * kSecond, at(3'000));
}

TEST(NodeClock, StampsOfAnUnknownFuture_DoNotMakeTrueAnchorsWrong) {
  start(3 * kYear);
  clock.stamp(at(0, 3 * kYear));
  CHECK_TRUE(clock.anchor(true_anchor(1'000), Duration{0}, at(1'000)) == AnchorVerdict::kTaken);
  in_bracket(kTrue + kSecond, at(1'000));
}

TEST(NodeClock, Restart_TheClockChipCarriesTheTimeOn) {
  start(7 * kHour);
  clock.anchor(true_anchor(0), Duration{0}, at(0, 7 * kHour));
  const HeldAnchor held = *clock.to_hold(at(0, 7 * kHour));
  LONGLONGS_EQUAL(7 * kHour, held.chip_ahead_us);

  NodeClock next{WallTime{kBuild}, 0};
  // A day later, with the chip still 7 h ahead.
  next.start(WallTime{kTrue}, held, {WallTime{kTrue + kDay + 7 * kHour}, BootTime{0}});
  const Instant later{WallTime{0}, BootTime{1'000}};
  CHECK_TRUE(next.quality(later) == ClockQuality::kHeld);
  LONGLONGS_EQUAL(kTrue + kDay + kSecond, next.read(later).us);
  const TimeBracket bracket = next.bracket(later);
  CHECK_TRUE(bracket.hi.us - bracket.lo.us < 2 * 60 * kSecond);
  // An anchor outside a held bracket is taken at once: the chip may have been set by somebody.
  CHECK_TRUE(next.anchor(anchor_of(kTrue + 9 * kDay), Duration{0}, later) == AnchorVerdict::kTaken);
}

TEST(NodeClock, RestartWithAChipThatCannotBeRight_IsUnknown) {
  const HeldAnchor held{WallTime{kTrue}, 0, kSecond};
  for (const std::int64_t ahead : {-kDay, -kTrue, 2 * kYear}) {
    NodeClock next{WallTime{kBuild}, 0};
    next.start(WallTime{kTrue}, held, at(0, ahead));
    CHECK_TRUE(next.quality(at(0, ahead)) == ClockQuality::kUnknown);
    CHECK_TRUE(next.bracket(at(0)).lo.us >= kTrue - kSecond);
  }
}

TEST(NodeClock, AnchorOfANodeThatDoesNotKnowTheTime_OnlyTellsTheSkew) {
  start(0);
  CHECK_TRUE(clock.anchor(anchor_of(kTrue + kHour, ClockQuality::kUnknown), Duration{0}, at(0)) ==
             AnchorVerdict::kOfUnknownTime);
  CHECK_TRUE(clock.quality(at(0)) == ClockQuality::kUnknown);
  LONGLONGS_EQUAL(-3'600, *clock.skew_s(at(0)));
}

TEST(NodeClock, AnchorsThatLie_AreDisputed) {
  start(0);
  CHECK_TRUE(clock.anchor(anchor_of(kBuild - kDay), Duration{0}, at(0)) ==
             AnchorVerdict::kDisputed);  // Before the build.
  CHECK_TRUE(clock.anchor(anchor_of(kBuild + 20 * kYear), Duration{0}, at(0)) ==
             AnchorVerdict::kDisputed);
  clock.anchor(true_anchor(0), Duration{0}, at(0));
  CHECK_TRUE(clock.anchor(anchor_of(kTrue - kHour), Duration{0}, at(60'000)) ==
             AnchorVerdict::kDisputed);  // Back.
  CHECK_TRUE(clock.anchor(anchor_of(kTrue + kYear), Duration{0}, at(60'000)) ==
             AnchorVerdict::kDisputed);  // Far ahead.
  LONGS_EQUAL(4, clock.disputed());
  LONGLONGS_EQUAL(kTrue + 60 * kSecond, clock.read(at(60'000)).us);
  in_bracket(kTrue + 60 * kSecond, at(60'000));
}

TEST(NodeClock, DisputedTimeThatKeepsComing_IsBelievedAfterHours) {
  start(0);
  clock.anchor(anchor_of(kTrue - kDay), Duration{0}, at(0));  // The first one was the liar.
  const std::int64_t hour_ms = 3'600'000;
  for (int i = 0; i < 20; ++i) {  // Many in a row prove nothing.
    CHECK_TRUE(clock.anchor(true_anchor(i), Duration{0}, at(i)) == AnchorVerdict::kDisputed);
  }
  CHECK_TRUE(clock.anchor(true_anchor(hour_ms), Duration{0}, at(hour_ms)) ==
             AnchorVerdict::kDisputed);
  CHECK_TRUE(clock.anchor(true_anchor(2 * hour_ms + 1), Duration{0}, at(2 * hour_ms + 1)) ==
             AnchorVerdict::kTaken);
  in_bracket(kTrue + (2 * hour_ms + 1) * 1'000, at(2 * hour_ms + 1));
}

TEST(NodeClock, TimeThatHasPassed_IsNeverTakenBack) {
  start(0);
  clock.anchor(anchor_of(kTrue + kYear), Duration{0}, at(0));
  const std::int64_t hour_ms = 3'600'000;
  for (int i = 1; i < 10; ++i) {
    CHECK_TRUE(clock.anchor(true_anchor(i * hour_ms), Duration{0}, at(i * hour_ms)) ==
               AnchorVerdict::kDisputed);
  }
  CHECK_TRUE(clock.bracket(at(0)).lo.us >= kTrue + kYear - kSecond);
}

TEST(NodeClock, BusinessDay_IsTheStoresOwn) {
  const NodeClock east{WallTime{0}, 8 * 3'600};
  LONGS_EQUAL(0, east.business_day(WallTime{16 * kHour - 1}).days);
  LONGS_EQUAL(1, east.business_day(WallTime{16 * kHour}).days);
  LONGS_EQUAL(-1, clock.business_day(WallTime{-1}).days);
}
