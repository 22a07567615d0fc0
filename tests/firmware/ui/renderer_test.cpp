#include "firmware/ui/renderer.hpp"

#include <algorithm>
#include <string>

#include "tests/firmware/support/pictures.hpp"
#include "tests/firmware/support/sample_views.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using firmware::ui::Renderer;
using sale::Language;

namespace {

Renderer open(int width, int height) {
  return Renderer::open(width, height, tests::font_dir(), 8 * 3600).value();
}

// Before the tests and for the whole run, so that the leak check does not see them.
const Renderer kMedium = open(480, 320);
const Renderer kSmall = open(320, 240);
const Renderer kLarge = open(1024, 600);

void check_pictures(const std::vector<tests::SampleView>& samples, const std::string& suffix) {
  hal::Frame frame;
  for (const tests::SampleView& sample : samples) {
    kMedium.draw(sample.view, frame);
    const std::string problem = tests::compare_picture(frame, sample.name + suffix);
    CHECK_TEXT(problem.empty(), problem.c_str());
  }
}

sale::CheckoutView sample(const std::string& name) {
  for (tests::SampleView& view : tests::sample_views(Language::kZhCn)) {
    if (view.name == name) {
      return view.view;
    }
  }
  FAIL("no such sample");
  return {};
}

}  // namespace

TEST_GROUP(Renderer){};

TEST(Renderer, EveryScreenInChinese_LooksAsStored) {
  check_pictures(tests::sample_views(Language::kZhCn), "-zh");
}

TEST(Renderer, ScreensInEnglish_LookAsStored) {
  std::vector<tests::SampleView> samples = tests::sample_views(Language::kEn);
  std::erase_if(samples, [](const tests::SampleView& sample) {
    return sample.name != "idle-troubled" && sample.name != "member" && sample.name != "redeem" &&
           sample.name != "result-offline" && sample.name != "result-redeemed" &&
           sample.name != "void-empty" && sample.name != "void-confirm" &&
           sample.name != "refund" && sample.name != "refund-other" &&
           sample.name != "result-refunded" && sample.name != "message-certificate";
  });
  check_pictures(samples, "-en");
}

TEST(Renderer, SmallAndLargePanels_LookAsStored) {
  hal::Frame frame;
  for (const char* name : {"idle-troubled", "member", "result-redeemed", "redeem"}) {
    kSmall.draw(sample(name), frame);
    std::string problem = tests::compare_picture(frame, std::string(name) + "-zh-320");
    CHECK_TEXT(problem.empty(), problem.c_str());
    kLarge.draw(sample(name), frame);
    problem = tests::compare_picture(frame, std::string(name) + "-zh-1024");
    CHECK_TEXT(problem.empty(), problem.c_str());
  }
}

TEST(Renderer, EqualViews_GiveEqualPixels) {
  hal::Frame a;
  hal::Frame b;
  kMedium.draw(sample("member"), a);
  kMedium.draw(sample("idle"), b);
  kMedium.draw(sample("member"), b);
  CHECK(a == b);
}

TEST(Renderer, AnotherBalance_ChangesThePicture) {
  hal::Frame a;
  hal::Frame b;
  sale::CheckoutView view = sample("member");
  kMedium.draw(view, a);
  view.member.available = Points{12346};
  kMedium.draw(view, b);
  CHECK(!(a == b));
}

TEST(Renderer, RareAndMissingCharacters_AreDrawnAsSomething) {
  hal::Frame unknown;
  hal::Frame rare;
  hal::Frame none;
  sale::CheckoutView view = sample("member");
  view.member.masked_name = "玥*";
  kMedium.draw(view, rare);
  view.member.masked_name = "\xF0\xA0\xAE\xB7*";  // Beyond every font of ours: a box.
  kMedium.draw(view, unknown);
  view.member.masked_name = " *";
  kMedium.draw(view, none);
  CHECK(!(rare == none));
  CHECK(!(unknown == none));
  CHECK(!(unknown == rare));
}

TEST(Renderer, LongestFiguresAndTexts_StayInTheFrame) {
  hal::Frame frame;
  for (const Language language : {Language::kZhCn, Language::kEn}) {
    for (tests::SampleView& sample : tests::sample_views(language)) {
      sale::CheckoutView& view = sample.view;
      view.member.masked_name = std::string(200, 'W');
      view.member.available = view.member.pending = view.member.expiring = Points{kAmountMax};
      view.earn = view.redeem = view.redeem_max = Points{kAmountMax};
      view.bill = view.discount = Money{kAmountMax};
      view.balance_after = Points{-kAmountMax};
      view.receipt_number = "4294967295-4294967295-18446744073709551615";
      view.typed = "18446744073709551615";
      view.message_argument = std::string(500, 'x');
      view.status.unsynced_records = ~std::uint64_t{0} >> 1;
      view.status.oldest_unsynced_age_s = 1'000'000'000;
      view.status.clock_skew_s = -9'000;
      kSmall.draw(view, frame);
      LONGS_EQUAL(320, frame.width);
    }
  }
}

TEST(Renderer, BadUtf8InAName_IsSurvived) {
  hal::Frame frame;
  sale::CheckoutView view = sample("member");
  view.member.masked_name = "\xFF\xFE\x80*";
  kMedium.draw(view, frame);
  LONGS_EQUAL(480, frame.width);
}

TEST(Renderer, MissingFonts_AreNotFound) {
  CHECK(Renderer::open(480, 320, "/nowhere", 0).error().code == Errc::kNotFound);
}

TEST(Renderer, AbsurdPanels_AreRefused) {
  CHECK(Renderer::open(0, 320, tests::font_dir(), 0).error().code == Errc::kInvalid);
  CHECK(Renderer::open(480, 100, tests::font_dir(), 0).error().code == Errc::kInvalid);
  CHECK(Renderer::open(9000, 320, tests::font_dir(), 0).error().code == Errc::kInvalid);
}
