#include "firmware/receipt.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>

#include <qrencode.h>

#include "core/base/assert.hpp"
#include "core/base/try.hpp"

#include "firmware/ui/canvas.hpp"
#include "firmware/ui/catalogue.hpp"
#include "firmware/ui/format.hpp"
#include "hal/display.hpp"

namespace tally::firmware {

using ui::Label;

namespace {

// In dots; 8 dots are a millimetre.
constexpr double kText = 24;
constexpr double kLarge = 34;
constexpr double kRowHigh = 34;
constexpr double kLargeHigh = 50;
constexpr double kRuleHigh = 18;
constexpr double kMargin = 8;
constexpr double kNoteHighMax = 200;
constexpr int kModuleDotsMin = 3;
constexpr int kModuleDotsMax = 6;
constexpr int kFeedBeforeCut = 90;

constexpr ui::Colour kBlack = ui::rgb(0x000000);

// ESC/POS (Epson's command reference; the names are those of its index).
constexpr std::array<std::uint8_t, 2> kInitialise = {0x1B, 0x40};
constexpr std::array<std::uint8_t, 3> kCentre = {0x1B, 0x61, 1};
constexpr std::array<std::uint8_t, 3> kLeft = {0x1B, 0x61, 0};

std::string signed_points(Points points, bool negative) {
  return negative ? ui::points_text(-points) : "+" + ui::points_text(points);
}

std::string member_line(const node::ReceiptFacts& facts) {
  std::string who = facts.masked_name;
  if (!facts.card_tail.empty()) {
    who += (who.empty() ? "…" : " …") + facts.card_tail;
  }
  return who;
}

/// A white strip of paper to draw on.
class Strip {
 public:
  Strip(const ui::Fonts& fonts, int dots, double height)
      : frame_(dots, static_cast<int>(height)),
        canvas_(std::make_unique<ui::Canvas>(frame_, fonts, 1.0)) {
    canvas_->fill(ui::theme::kWhite);
  }

  ui::Canvas& canvas() { return *canvas_; }
  ui::Box box() const { return canvas_->area().inset(kMargin, 0); }

  /// GS v 0: the rows as bits, most significant left, 1 is black.
  void append_to(Bytes& job) {
    canvas_.reset();
    const auto row_bytes = static_cast<std::size_t>(frame_.width / 8);
    const auto rows = static_cast<std::size_t>(frame_.height);
    for (const std::size_t value : {std::size_t{0x1D},
                                    std::size_t{0x76},
                                    std::size_t{0x30},
                                    std::size_t{0},
                                    row_bytes & 0xFF,
                                    row_bytes >> 8,
                                    rows & 0xFF,
                                    rows >> 8}) {
      job.push_back(static_cast<std::uint8_t>(value));
    }
    for (std::size_t i = 0; i < frame_.pixels.size(); i += 8) {
      std::uint8_t byte = 0;
      for (std::size_t bit = 0; bit < 8; ++bit) {
        const bool black = (frame_.pixels[i + bit] & 0xFF) < 0x90;
        byte = static_cast<std::uint8_t>((byte << 1) | (black ? 1 : 0));
      }
      job.push_back(byte);
    }
  }

 private:
  hal::Frame frame_;
  std::unique_ptr<ui::Canvas> canvas_;
};

void append(Bytes& job, std::initializer_list<int> bytes) {
  for (const int byte : bytes) {
    job.push_back(static_cast<std::uint8_t>(byte));
  }
}

/// How the printer has to draw a code so that it fits the paper.
struct CodeSize {
  int module_dots = 0;
  int level = 0;  ///< 0 L, 1 M
};

std::optional<CodeSize> code_size(const std::string& text, int dots) {
  for (const int level : {1, 0}) {
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeString(text.c_str(), 0, static_cast<QRecLevel>(level), QR_MODE_8, 1),
        &QRcode_free);
    if (code == nullptr) {
      continue;
    }
    const int module_dots = std::min(kModuleDotsMax, dots / (code->width + 8));
    if (module_dots >= kModuleDotsMin) {
      return CodeSize{module_dots, level};
    }
  }
  return std::nullopt;
}

/// Draws one item into `job`.
class Printer {
 public:
  Printer(Bytes& job, const ui::Fonts& fonts, int dots) : job_(job), fonts_(fonts), dots_(dots) {}

  Status operator()(const ReceiptHeading& heading) const {
    Strip strip(fonts_, dots_, heading.large ? kLargeHigh : kRowHigh);
    strip.canvas().line(
        heading.text,
        strip.box(),
        {heading.large ? kLarge : kText,
         kBlack,
         heading.large ? ui::Weight::kRegular : ui::Weight::kBold,  // Bold has no rare characters.
         ui::Align::kCentre});
    strip.append_to(job_);
    return {};
  }

  Status operator()(const ReceiptRow& row) const {
    Strip strip(fonts_, dots_, kRowHigh);
    const ui::Weight weight = row.strong ? ui::Weight::kBold : ui::Weight::kRegular;
    ui::Box rest = strip.box();
    const ui::TextStyle left{kText, kBlack, weight, ui::Align::kLeft};
    const double wanted = strip.canvas().width_of(row.left, left) + 12;
    strip.canvas().line(row.left, rest.cut_left(std::min(wanted, rest.width * 0.55)), left);
    strip.canvas().line(row.right, rest, {kText, kBlack, weight, ui::Align::kRight});
    strip.append_to(job_);
    return {};
  }

  Status operator()(const ReceiptNote& note) const {
    const ui::TextStyle style{kText - 2, kBlack, ui::Weight::kRegular, ui::Align::kCentre};
    const double padding = note.framed ? 10 : 2;
    double height = 0;
    {
      Strip measure(fonts_, dots_, kNoteHighMax);
      height = measure.canvas().paragraph(note.text, measure.box().inset(padding), style);
    }
    Strip strip(fonts_, dots_, height + 2 * padding + 8);
    if (note.framed) {
      strip.canvas().outline(strip.box().inset(0, 4), 8, 2, kBlack);
    }
    strip.canvas().paragraph(note.text, strip.box().inset(padding, padding + 3), style);
    strip.append_to(job_);
    return {};
  }

  Status operator()(const ReceiptRule&) const {
    Strip strip(fonts_, dots_, kRuleHigh);
    const ui::Box box = strip.box();
    for (double x = box.x; x + 8 <= box.right(); x += 16) {
      strip.canvas().rectangle({x, box.centre_y() - 1, 8, 2}, kBlack);
    }
    strip.append_to(job_);
    return {};
  }

  Status operator()(const ReceiptCode& code) const {
    if (code.text.empty() || code.text.size() > kReceiptCodeBytesMax) {
      return make_error(Errc::kExhausted, "the receipt's code is too long");
    }
    const std::optional<CodeSize> size = code_size(code.text, dots_);
    if (!size) {
      return make_error(Errc::kExhausted, "the receipt's code does not fit the paper");
    }
    job_.insert(job_.end(), kCentre.begin(), kCentre.end());
    append(job_, {0x1B, 0x4A, 4 * size->module_dots});  // The quiet zone above.
    append(job_, {0x1D, 0x28, 0x6B, 4, 0, 49, 65, 50, 0});
    append(job_, {0x1D, 0x28, 0x6B, 3, 0, 49, 67, size->module_dots});
    append(job_, {0x1D, 0x28, 0x6B, 3, 0, 49, 69, 48 + size->level});
    const int length = static_cast<int>(code.text.size()) + 3;
    append(job_, {0x1D, 0x28, 0x6B, length & 0xFF, length >> 8, 49, 80, 48});
    job_.insert(job_.end(), code.text.begin(), code.text.end());
    append(job_, {0x1D, 0x28, 0x6B, 3, 0, 49, 81, 48});
    append(job_, {0x1B, 0x4A, 4 * size->module_dots});
    job_.insert(job_.end(), kLeft.begin(), kLeft.end());
    return {};
  }

 private:
  Bytes& job_;
  const ui::Fonts& fonts_;
  int dots_;
};

Label title_of(node::ReceiptKind kind) {
  switch (kind) {
    case node::ReceiptKind::kSale:
      break;
    case node::ReceiptKind::kVoid:
      return Label::kReceiptVoidTitle;
    case node::ReceiptKind::kRefund:
      return Label::kReceiptRefundTitle;
    case node::ReceiptKind::kEnrolment:
      return Label::kReceiptEnrolTitle;
  }
  return Label::kReceiptTitle;
}

void add_money(std::vector<ReceiptItem>& items, const node::ReceiptFacts& facts) {
  const auto said = [&](Label label) { return std::string(ui::text(label, facts.language)); };
  if (facts.kind == node::ReceiptKind::kRefund) {
    const bool all = facts.bill.minor_units == 0;
    items.emplace_back(ReceiptRow{said(Label::kReceiptReturned),
                                  all ? said(Label::kAllOfIt) : ui::money_text(facts.bill)});
    if (facts.give_back.minor_units > 0) {
      items.emplace_back(
          ReceiptRow{said(Label::kReceiptGiveBack), ui::money_text(facts.give_back), true});
    }
    return;
  }
  if (facts.kind == node::ReceiptKind::kEnrolment) {
    items.emplace_back(ReceiptNote{said(Label::kReceiptEnrolNote)});
    return;
  }
  if (facts.settled_later) {
    return;  // Nothing is known here of another till's sale.
  }
  items.emplace_back(ReceiptRow{said(Label::kReceiptBill), ui::money_text(facts.bill)});
  if (facts.discount.minor_units == 0) {
    return;
  }
  const Money taken{-facts.discount.minor_units, facts.discount.currency};
  items.emplace_back(ReceiptRow{said(Label::kReceiptDiscount), ui::money_text(taken)});
  const Money paid{facts.bill.minor_units - facts.discount.minor_units, facts.bill.currency};
  items.emplace_back(ReceiptRow{said(Label::kReceiptPaid), ui::money_text(paid), true});
}

void add_points(std::vector<ReceiptItem>& items, const node::ReceiptFacts& facts) {
  const auto said = [&](Label label) { return std::string(ui::text(label, facts.language)); };
  const bool is_return = facts.kind != node::ReceiptKind::kSale;
  if (facts.earned.value != 0) {
    items.emplace_back(
        ReceiptRow{said(is_return ? Label::kReceiptTakenBack : Label::kReceiptEarned),
                   signed_points(facts.earned, is_return),
                   true});
  }
  if (facts.redeemed.value != 0) {
    items.emplace_back(
        ReceiptRow{said(is_return ? Label::kReceiptGivenBack : Label::kReceiptRedeemed),
                   signed_points(facts.redeemed, !is_return),
                   true});
  }
  if (facts.settled_later) {
    items.emplace_back(ReceiptNote{said(Label::kReceiptSettledLater), true});
  }
  if (facts.balance_after) {
    items.emplace_back(
        ReceiptRow{said(Label::kReceiptBalance), ui::points_text(*facts.balance_after)});
  }
  if (facts.expiring.value > 0) {
    items.emplace_back(ReceiptNote{ui::with_value(
        ui::with_value(ui::text(Label::kReceiptExpiring, facts.language),
                       ui::points_text(facts.expiring)),
        ui::day_text(
            facts.expiring_on, ui::local_time(facts.at, facts.utc_offset_s), facts.language),
        "{d}")});
  }
}

}  // namespace

std::vector<ReceiptItem> receipt_items(const node::ReceiptFacts& facts,
                                       const std::string& store_name) {
  const auto said = [&](Label label) { return std::string(ui::text(label, facts.language)); };
  std::vector<ReceiptItem> items;
  if (!store_name.empty()) {
    items.emplace_back(ReceiptHeading{store_name, true});
  }
  items.emplace_back(ReceiptHeading{said(title_of(facts.kind))});
  items.emplace_back(ReceiptRule{});
  items.emplace_back(ReceiptRow{said(Label::kReceiptNo), facts.receipt_number});
  if (!facts.original_number.empty()) {
    items.emplace_back(ReceiptRow{said(Label::kReceiptOriginal), facts.original_number});
  }
  items.emplace_back(ReceiptRow{said(Label::kReceiptTime),
                                ui::stamp_text(ui::local_time(facts.at, facts.utc_offset_s))});
  items.emplace_back(ReceiptRow{said(Label::kReceiptTill), std::to_string(facts.terminal.value)});
  if (const std::string who = member_line(facts); !who.empty()) {
    items.emplace_back(ReceiptRow{said(Label::kReceiptMember), who});
  }
  items.emplace_back(ReceiptRule{});
  add_money(items, facts);
  items.emplace_back(ReceiptRule{});
  add_points(items, facts);
  if (facts.offline) {
    items.emplace_back(ReceiptNote{said(Label::kReceiptOffline), true});
  }
  if (!facts.record_codes.empty()) {
    items.emplace_back(ReceiptRule{});
    for (std::size_t i = 0; i < facts.record_codes.size(); ++i) {
      if (facts.record_codes.size() > 1) {
        items.emplace_back(
            ReceiptNote{std::to_string(i + 1) + "/" + std::to_string(facts.record_codes.size())});
      }
      items.emplace_back(ReceiptCode{facts.record_codes[i]});
    }
    items.emplace_back(ReceiptNote{said(Label::kReceiptKeep)});
  }
  items.emplace_back(ReceiptHeading{said(Label::kReceiptThanks)});
  return items;
}

Result<Bytes> receipt_job(const std::vector<ReceiptItem>& items,
                          const ui::Fonts& fonts,
                          int dots_per_line) {
  TALLY_ASSERT(dots_per_line % 8 == 0 && dots_per_line >= 256 && dots_per_line <= 832);
  Bytes job(kInitialise.begin(), kInitialise.end());
  const Printer printer(job, fonts, dots_per_line);
  for (const ReceiptItem& item : items) {
    TALLY_TRY(std::visit(printer, item));
  }
  append(job, {0x1D, 0x56, 66, kFeedBeforeCut});
  return job;
}

}  // namespace tally::firmware
