// The checkout: enter amount → scan → show member → earn or redeem → result. A pure state machine:
// keys, codes and outcomes in; the view and effects out. What an effect takes (asking, recording,
// syncing) is the business of core/node/terminal_node.hpp, which reports back through the on_…
// calls.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/amount.hpp"
#include "core/member/member_code.hpp"
#include "core/program/program.hpp"
#include "core/record/record.hpp"
#include "core/sale/view.hpp"

namespace tally::sale {

enum class Key : std::uint8_t {
  k0,
  k1,
  k2,
  k3,
  k4,
  k5,
  k6,
  k7,
  k8,
  k9,
  kDot,
  kEnter,
  kBack,    ///< One step back: a digit, or the screen before.
  kCancel,  ///< Back to idle; nothing happened.
  kRedeem,
  kVoid,
  kSync,
  kLanguage,
  kUp,
  kDown,
  kRefund,
};

enum class Sound : std::uint8_t { kKey, kApproved, kDeclined, kAttention };

/// Record that the holder of a card becomes a member; answered by on_finished().
struct Enrol {
  std::string card_token;
  std::string phone;  ///< Digits.
};

/// Ask who a card belongs to; answered by on_member() or on_lookup_failed().
struct LookUp {
  std::string card_token;
};

/// Record a sale that earns; answered by on_finished().
struct Earn {
  std::string card_token;
  MemberId member;
  Money bill;
};

/// Authorise and record a redemption, earning on the rest; answered by on_finished().
struct Redeem {
  std::string card_token;
  MemberId member;
  Money bill;
  Points points;
};

/// The last sale of this till.
struct LastSale {};

/// A sale that is to be taken back: the last one, a typed receipt number or a scanned receipt's
/// text.
using WhichSale = std::variant<LastSale, record::ReceiptNumber, std::string>;

/// Void a sale. Answered by on_finished(); by on_receipt() when it is another till's.
struct VoidSale {
  WhichSale which;
};

/// Find a sale to refund, or, with `further`, another code of the receipt being returned. Answered
/// by on_receipt() or on_receipt_refused().
struct FindReceipt {
  WhichSale which;
  bool further = false;
};

/// Void the sale found; answered by on_finished().
struct VoidReceipt {};

/// Refund the sale found: `amount` of its bill, 0 for all that is left. Answered by on_finished().
struct RefundReceipt {
  Money amount;
};

/// The cashier no longer wants to wait; answered by on_finished() when it could still be stopped.
struct CancelWork {};

struct SyncNow {};

struct Play {
  Sound sound = Sound::kKey;
};

using Effect = std::variant<LookUp,
                            Enrol,
                            Earn,
                            Redeem,
                            VoidSale,
                            FindReceipt,
                            VoidReceipt,
                            RefundReceipt,
                            CancelWork,
                            SyncNow,
                            Play>;
using Effects = std::vector<Effect>;

/// How a sale, a void or a refund ended.
struct Outcome {
  ResultKind result = ResultKind::kApproved;
  MessageId message = MessageId::kApproved;
  Points earned;
  Points redeemed;
  Money discount;
  Money give_back;
  std::optional<Points> balance_after;
  std::string receipt_number;
  bool offline = false;
};

class CheckoutMachine {
 public:
  CheckoutMachine(program::Program program, Language language);

  Effects on_key(Key key);
  Effects on_code(std::string_view text);

  /// The member was found; or the card is well formed but nobody could be asked (`looked_up`
  /// false).
  Effects on_member(MemberPanel member);
  /// The card must not be used: unknown or frozen.
  Effects on_lookup_refused(MessageId why);
  /// The sale to void or refund was found.
  Effects on_receipt(ReturnPanel panel);
  Effects on_receipt_refused(MessageId why, std::string argument = {});
  Effects on_finished(const Outcome& outcome);

  /// A sentence about the device or the link that the cashier must see; waits until the sale in
  /// progress has its result.
  Effects on_notice(MessageId message, std::string argument = {});

  /// The journal is read: the first screen.
  void start();

  CheckoutView& view() { return view_; }
  const CheckoutView& view() const { return view_; }
  const program::Program& program() const { return program_; }

 private:
  Effects key_idle(Key key);
  Effects key_amount(Key key);
  Effects key_scan(Key key);
  Effects key_member(Key key);
  Effects key_working(Key key);
  Effects key_result(Key key);
  Effects key_message(Key key);

  Effects code_for_member(std::string card_token);
  Effects accept_amount();

  // checkout_redeem.cpp: whether points can pay, and how many.
  Effects offer_redemption();
  Effects key_redeem(Key key);
  Effects accept_redemption();

  // checkout_returns.cpp: which sale to void or refund, and how much of it.
  Effects key_pick(Key key);
  Effects key_void_confirm(Key key);
  Effects key_refund(Key key);
  Effects accept_pick();
  Effects accept_refund();
  Effects code_for_return(std::string text);
  bool takes_receipts() const;

  // checkout_enrol.cpp: a card that nobody has, a phone number, a member.
  bool may_enrol() const;
  Effects begin_enrol();
  Effects key_enrol(Key key);

  Effects tell(MessageId message,
               Screen back_to,
               Sound sound = Sound::kAttention,
               std::string argument = {});
  void go_idle();
  void go(Screen screen);
  bool type(Key key, std::size_t length_max, char dot);

  program::Program program_;
  CheckoutView view_;
  std::string card_token_;
  Screen after_message_ = Screen::kIdle;
  bool unknown_card_ = false;              ///< The office, or its directory, said so.
  Screen asked_from_ = Screen::kVoidPick;  ///< Where the sale to return was chosen.
  std::optional<std::pair<MessageId, std::string>> waiting_notice_;
};

}  // namespace tally::sale
