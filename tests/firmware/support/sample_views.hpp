// Views of a till in all its moods, for pictures.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/sale/view.hpp"

namespace tally::tests {

struct SampleView {
  std::string name;
  sale::CheckoutView view;
};

/// One view or more for every screen; `language` is set in each.
inline std::vector<SampleView> sample_views(sale::Language language) {
  using sale::CheckoutView;
  using sale::LinkState;
  using sale::MessageId;
  using sale::ResultKind;
  using sale::Screen;

  CheckoutView base;
  base.language = language;
  base.status.link = LinkState::kOnline;
  base.status.now = WallTime{1'795'311'660'000'000};  // 2026-11-22 09:41 at UTC+8.

  CheckoutView offline = base;
  offline.status.link = LinkState::kOffline;
  offline.status.unsynced_records = 3;
  offline.status.oldest_unsynced_age_s = 754;

  const auto member = [&](CheckoutView view) {
    view.bill = Money{12850};
    view.member.id = MemberId{7};
    view.member.masked_name = language == sale::Language::kZhCn ? "张*明" : "W***";
    view.member.card_tail = "4821";
    view.member.tier = 2;
    view.member.available = Points{12345};
    view.member.pending = Points{260};
    view.member.expiring = Points{500};
    view.member.expiring_on = BusinessDay{20818};  // 2026-12-31
    view.member.looked_up = true;
    view.redeem_max = Points{6000};
    view.earn = Points{128};
    return view;
  };
  std::vector<SampleView> all;
  const auto add = [&](std::string name, Screen screen, CheckoutView view) {
    view.screen = screen;
    all.push_back({std::move(name), std::move(view)});
  };

  add("starting", Screen::kStarting, base);
  add("idle", Screen::kIdle, base);
  add("idle-troubled", Screen::kIdle, [&] {
    CheckoutView view = offline;
    view.status.paper_out = true;
    view.status.scanner_ready = false;
    return view;
  }());
  add("amount-empty", Screen::kAmount, base);
  add("amount", Screen::kAmount, [&] {
    CheckoutView view = base;
    view.typed = "128.5";
    return view;
  }());
  add("scan", Screen::kScan, [&] {
    CheckoutView view = base;
    view.bill = Money{12850};
    return view;
  }());
  add("scan-unplugged", Screen::kScan, [&] {
    CheckoutView view = base;
    view.bill = Money{12850};
    view.status.scanner_ready = false;
    view.status.link = LinkState::kGatewayOnly;
    return view;
  }());
  add("lookup", Screen::kLookup, member(base));
  add("member", Screen::kMember, member(base));
  add("member-plain", Screen::kMember, [&] {
    CheckoutView view = member(base);
    view.member.tier = 0;
    view.member.pending = view.member.expiring = view.redeem_max = Points{0};
    view.member.available = Points{86};
    return view;
  }());
  add("member-inquiry", Screen::kMember, [&] {
    CheckoutView view = member(base);
    view.bill = Money{0};
    view.member.tier = 3;
    view.redeem_max = Points{0};
    return view;
  }());
  add("member-offline", Screen::kMember, [&] {
    CheckoutView view = member(offline);
    view.member = {};
    view.member.card_tail = "4821";
    return view;
  }());
  add("member-as-of", Screen::kMember, [&] {
    CheckoutView view = member(offline);
    view.redeem_max = Points{0};
    view.member.as_of = WallTime{view.status.now.us - 3'600'000'000};
    return view;
  }());
  add("enrol", Screen::kEnrol, [&] {
    CheckoutView view = member(offline);
    view.member = {};
    view.member.card_tail = "4821";
    view.typed = "138001";
    return view;
  }());
  add("redeem", Screen::kRedeem, [&] {
    CheckoutView view = member(base);
    view.redeem = Points{6000};
    view.discount = Money{6000};
    return view;
  }());
  add("redeem-too-many", Screen::kRedeem, [&] {
    CheckoutView view = member(base);
    view.redeem = Points{9000};
    view.discount = Money{9000};
    return view;
  }());
  add("working", Screen::kWorking, member(base));
  const auto result = [&](CheckoutView view, ResultKind kind, MessageId message) {
    view.result = kind;
    view.message = message;
    view.receipt_number = "101-1-42";
    return view;
  };
  add("result-earned", Screen::kResult, [&] {
    CheckoutView view = result(member(base), ResultKind::kApproved, MessageId::kApproved);
    view.balance_after = Points{12473};
    view.can_undo = true;
    return view;
  }());
  add("result-redeemed", Screen::kResult, [&] {
    CheckoutView view = result(member(base), ResultKind::kApproved, MessageId::kApproved);
    view.redeem = Points{6000};
    view.discount = Money{6000};
    view.earn = Points{68};
    view.balance_after = Points{6413};
    view.can_undo = true;
    return view;
  }());
  add("result-offline", Screen::kResult, [&] {
    CheckoutView view = result(member(offline), ResultKind::kApproved, MessageId::kApproved);
    view.offline_sale = true;
    view.can_undo = true;
    return view;
  }());
  add("result-voided", Screen::kResult, [&] {
    CheckoutView view = result(member(base), ResultKind::kApproved, MessageId::kVoided);
    view.bill = Money{0};
    return view;
  }());
  add("result-declined", Screen::kResult, [&] {
    CheckoutView view = result(member(base), ResultKind::kDeclined, MessageId::kMemberFrozen);
    view.receipt_number.clear();
    return view;
  }());
  add("result-attention", Screen::kResult, [&] {
    CheckoutView view = result(member(base), ResultKind::kAttention, MessageId::kNoAnswer);
    view.receipt_number.clear();
    return view;
  }());
  add("result-undone", Screen::kResult, [&] {
    CheckoutView view = result(member(base), ResultKind::kDeclined, MessageId::kUndone);
    view.receipt_number.clear();
    return view;
  }());
  add("void-empty", Screen::kVoidPick, base);
  add("void", Screen::kVoidPick, [&] {
    CheckoutView view = base;
    view.typed = "101-1-42";
    return view;
  }());
  add("void-confirm", Screen::kVoidConfirm, [&] {
    CheckoutView view = base;
    view.returning.receipt_number = "102-1-42";
    view.returning.codes = 1;
    return view;
  }());
  add("refund-empty", Screen::kRefundPick, base);
  add("refund", Screen::kRefund, [&] {
    CheckoutView view = base;
    view.returning.receipt_number = "101-1-42";
    view.returning.codes = 2;
    view.returning.known = true;
    view.returning.bill = Money{12850};
    view.returning.earned = Points{68};
    view.returning.redeemed = Points{6000};
    view.returning.refunded = Money{2000};
    view.typed = "50";
    return view;
  }());
  add("refund-all", Screen::kRefund, [&] {
    CheckoutView view = base;
    view.returning.receipt_number = "101-1-42";
    view.returning.codes = 1;
    view.returning.known = true;
    view.returning.bill = Money{12850};
    view.returning.earned = Points{128};
    return view;
  }());
  add("refund-other", Screen::kRefund, [&] {
    CheckoutView view = base;
    view.returning.receipt_number = "102-1-42";
    view.returning.codes = 2;
    return view;
  }());
  add("result-refunded", Screen::kResult, [&] {
    CheckoutView view = result(base, ResultKind::kApproved, MessageId::kRefunded);
    view.bill = Money{5000};
    view.give_back = Money{2666};
    view.earn = Points{26};
    view.redeem = Points{2334};
    view.receipt_number = "101-1-44";
    return view;
  }());
  add("result-refund-recorded", Screen::kResult, [&] {
    CheckoutView view = result(offline, ResultKind::kApproved, MessageId::kRefundRecorded);
    view.offline_sale = true;
    return view;
  }());
  const auto message = [&](MessageId id, std::string argument = {}) {
    CheckoutView view = base;
    view.message = id;
    view.message_argument = std::move(argument);
    return view;
  };
  add("message-pay-code", Screen::kMessage, message(MessageId::kPayCode));
  add("message-amount", Screen::kMessage, message(MessageId::kAmountTooLarge, "50000.00"));
  add("message-certificate", Screen::kMessage, message(MessageId::kCertificateRefused));
  add("message-synced", Screen::kMessage, message(MessageId::kSynced));
  return all;
}

}  // namespace tally::tests
