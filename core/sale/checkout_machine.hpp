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
};

enum class Sound : std::uint8_t { kKey, kApproved, kDeclined, kAttention };

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

/// Void the last sale of this till.
struct LastSale {};

/// Void a sale; by last sale, typed receipt number or scanned receipt text. Answered by
/// on_finished().
struct VoidSale {
  std::variant<LastSale, record::ReceiptNumber, std::string> which;
};

/// The cashier no longer wants to wait; answered by on_finished() when it could still be stopped.
struct CancelWork {};

struct SyncNow {};

struct Play {
  Sound sound = Sound::kKey;
};

using Effect = std::variant<LookUp, Earn, Redeem, VoidSale, CancelWork, SyncNow, Play>;
using Effects = std::vector<Effect>;

/// How a sale or a void ended.
struct Outcome {
  ResultKind result = ResultKind::kApproved;
  MessageId message = MessageId::kApproved;
  Points earned;
  Points redeemed;
  Money discount;
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
  Effects key_redeem(Key key);
  Effects key_working(Key key);
  Effects key_result(Key key);
  Effects key_void_pick(Key key);
  Effects key_message(Key key);

  Effects code_for_member(std::string card_token);
  Effects accept_amount();
  Effects accept_redemption();
  Effects accept_void();
  Effects offer_redemption();
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
  std::optional<std::pair<MessageId, std::string>> waiting_notice_;
};

}  // namespace tally::sale
