#include "firmware/receipt.hpp"

#include <algorithm>
#include <string>

#include "hal/png_writer.hpp"
#include "hal/qr_decoder.hpp"
#include "hal/sim/paper.hpp"
#include "tests/firmware/support/pictures.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::firmware;

namespace {

// Before the tests, so that the leak check sees neither fonts nor the decoder's tables.
const ui::Fonts kFonts = ui::Fonts::open(tests::font_dir()).value();

std::string code_of(std::size_t length) {
  std::string text = "TR1:";
  for (std::size_t i = 0; text.size() < length; ++i) {
    text += "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"[i * 7 % 45];
  }
  return text;
}

node::ReceiptFacts facts_of_sale() {
  node::ReceiptFacts facts;
  facts.store = StoreId{1};
  facts.terminal = TerminalId{101};
  facts.receipt_number = "101-1-42";
  facts.at = WallTime{1'795'311'660'000'000};
  facts.utc_offset_s = 8 * 3600;
  facts.masked_name = "张*明";
  facts.card_tail = "4821";
  facts.bill = Money{12850};
  facts.discount = Money{6000};
  facts.earned = Points{68};
  facts.redeemed = Points{6000};
  facts.balance_after = Points{6413};
  facts.expiring = Points{500};
  facts.expiring_on = BusinessDay{20818};
  facts.record_codes = {code_of(240)};
  return facts;
}

/// The right side of the row that begins with `left`; empty when there is none.
std::string row(const std::vector<ReceiptItem>& items, const std::string& left) {
  for (const ReceiptItem& item : items) {
    const auto* found = std::get_if<ReceiptRow>(&item);
    if (found != nullptr && found->left == left) {
      return found->right;
    }
  }
  return {};
}

bool has_note(const std::vector<ReceiptItem>& items, const std::string& part) {
  return std::any_of(items.begin(), items.end(), [&](const ReceiptItem& item) {
    const auto* note = std::get_if<ReceiptNote>(&item);
    return note != nullptr && note->text.find(part) != std::string::npos;
  });
}

hal::Frame as_frame(const hal::GreyPicture& picture) {
  hal::Frame frame(picture.width, picture.height);
  for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
    frame.pixels[i] = picture.pixels[i] * 0x010101U;
  }
  return frame;
}

hal::GreyPicture print(const node::ReceiptFacts& facts, int dots = 384) {
  hal::Paper paper(dots);
  const Bytes job = receipt_job(receipt_items(facts, "演示门店"), kFonts, dots).value();
  CHECK(paper.print(job).has_value());
  return paper.picture();
}

const bool kTablesBuilt = [] {
  hal::Paper paper(384);
  const auto job = receipt_job(receipt_items(facts_of_sale(), "店"), kFonts, 384).value_or(Bytes{});
  return paper.print(job).has_value() && hal::decode_code(paper.picture()).has_value();
}();

}  // namespace

TEST_GROUP(Receipt){};

TEST(Receipt, SaleWithRedemption_SaysEverything) {
  const auto items = receipt_items(facts_of_sale(), "演示门店");
  STRCMP_EQUAL("演示门店", std::get<ReceiptHeading>(items.front()).text.c_str());
  STRCMP_EQUAL("101-1-42", row(items, "小票号").c_str());
  STRCMP_EQUAL("2026-11-22 09:41:00", row(items, "时间").c_str());
  STRCMP_EQUAL("张*明 …4821", row(items, "会员").c_str());
  STRCMP_EQUAL("¥128.50", row(items, "消费金额").c_str());
  STRCMP_EQUAL("\u2212¥60.00", row(items, "积分抵扣").c_str());
  STRCMP_EQUAL("¥68.50", row(items, "实付金额").c_str());
  STRCMP_EQUAL("+68", row(items, "获得积分").c_str());
  STRCMP_EQUAL("\u22126,000", row(items, "使用积分").c_str());
  STRCMP_EQUAL("6,413", row(items, "积分余额").c_str());
  CHECK(has_note(items, "500 积分将于 12月31日 到期"));
  CHECK(!has_note(items, "离线"));
}

TEST(Receipt, OfflineSale_SaysSoAndNoBalance) {
  node::ReceiptFacts facts = facts_of_sale();
  facts.offline = true;
  facts.balance_after.reset();
  facts.language = sale::Language::kEn;
  const auto items = receipt_items(facts, "");
  CHECK(has_note(items, "will be posted"));
  STRCMP_EQUAL("", row(items, "Points balance").c_str());
  STRCMP_EQUAL("+68", row(items, "Points earned").c_str());
}

TEST(Receipt, Void_TurnsTheSigns) {
  node::ReceiptFacts facts = facts_of_sale();
  facts.kind = node::ReceiptKind::kVoid;
  const auto items = receipt_items(facts, "");
  STRCMP_EQUAL("\u221268", row(items, "收回积分").c_str());
  STRCMP_EQUAL("+6,000", row(items, "退回积分").c_str());
}

TEST(Receipt, Refund_SaysWhatGoesBackAndForWhichSale) {
  node::ReceiptFacts facts = facts_of_sale();
  facts.kind = node::ReceiptKind::kRefund;
  facts.original_number = "101-1-41";
  facts.bill = Money{5'000};
  facts.give_back = Money{2'666};
  const auto items = receipt_items(facts, "");
  STRCMP_EQUAL("101-1-41", row(items, "原小票号").c_str());
  STRCMP_EQUAL("¥50.00", row(items, "退货金额").c_str());
  STRCMP_EQUAL("¥26.66", row(items, "退还金额").c_str());
  STRCMP_EQUAL("\u221268", row(items, "收回积分").c_str());
  STRCMP_EQUAL("", row(items, "实付金额").c_str());
}

TEST(Receipt, RefundOfAnotherTillsSale_LeavesThePointsToTheOffice) {
  node::ReceiptFacts facts = facts_of_sale();
  facts.kind = node::ReceiptKind::kRefund;
  facts.bill = Money{0};
  facts.earned = facts.redeemed = Points{0};
  facts.settled_later = true;
  facts.language = sale::Language::kEn;
  const auto items = receipt_items(facts, "");
  STRCMP_EQUAL("all", row(items, "Goods returned").c_str());
  CHECK(has_note(items, "The office settles the points"));
}

TEST(Receipt, PlainSale_HasNoDiscountRows) {
  node::ReceiptFacts facts = facts_of_sale();
  facts.discount = Money{0};
  facts.redeemed = Points{0};
  const auto items = receipt_items(facts, "");
  STRCMP_EQUAL("", row(items, "积分抵扣").c_str());
  STRCMP_EQUAL("", row(items, "实付金额").c_str());
  STRCMP_EQUAL("", row(items, "使用积分").c_str());
}

TEST(Receipt, PrintedPaper_LooksAsStored) {
  node::ReceiptFacts facts = facts_of_sale();
  facts.offline = true;
  const std::string problem = tests::compare_picture(as_frame(print(facts)), "receipt-zh");
  CHECK_TEXT(problem.empty(), problem.c_str());
}

TEST(Receipt, EnglishOnWidePaper_LooksAsStored) {
  node::ReceiptFacts facts = facts_of_sale();
  facts.language = sale::Language::kEn;
  const std::string problem = tests::compare_picture(as_frame(print(facts, 576)), "receipt-en-576");
  CHECK_TEXT(problem.empty(), problem.c_str());
}

TEST(Receipt, LongestRecordCode_CanBeScannedFromThePaper) {
  for (const std::size_t length : {120U, 300U, 490U, 600U}) {
    node::ReceiptFacts facts = facts_of_sale();
    facts.record_codes = {code_of(length)};
    const auto read = hal::decode_code(print(facts));
    CHECK_TEXT(read.has_value(), std::to_string(length).c_str());
    STRCMP_EQUAL(facts.record_codes.front().c_str(), read->c_str());
  }
}

TEST(Receipt, CodeTooLongForThePaper_IsRefused) {
  const auto too_long =
      receipt_job({ReceiptCode{std::string(kReceiptCodeBytesMax + 1, 'A')}}, kFonts, 384);
  CHECK(too_long.error().code == Errc::kExhausted);
  const auto too_wide = receipt_job({ReceiptCode{std::string(800, 'a')}}, kFonts, 256);
  CHECK(too_wide.error().code == Errc::kExhausted);
  CHECK(receipt_job({ReceiptCode{""}}, kFonts, 384).error().code == Errc::kExhausted);
}

TEST(Receipt, LongNamesAndFigures_StayOnThePaper) {
  node::ReceiptFacts facts = facts_of_sale();
  facts.masked_name = std::string(300, 'W');
  facts.bill = facts.discount = Money{kAmountMax};
  facts.earned = facts.redeemed = facts.expiring = Points{kAmountMax};
  facts.receipt_number = "4294967295-4294967295-18446744073709551615";
  LONGS_EQUAL(384, print(facts).width);
}
