// Coupons: a benefit with a code, used once by a member. Whether this member has used it is state
// that the caller keeps; the rules here say what becomes of it. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/program/program.hpp"

namespace tally::program {

/// Reasons to refuse one, in order of precedence.
enum class CouponCheck : std::uint8_t {
  kOk,
  kUnknownCode,
  kDayUnknown,  ///< Coupons live from day to day; without a clock nobody can tell.
  kNotYet,
  kOver,
  kBelowMinimum,
  kUsed,
};

/// What is remembered of one coupon of one member.
struct CouponState {
  SaleId used_in;  ///< None yet: zero.
  bool operator==(const CouponState&) const = default;
};

/// nullptr when the program has no such code; codes are told apart exactly.
const Coupon* find_coupon(const Program& program, std::string_view code);

/// Whether day and bill allow it, whoever holds it. `bill` is what counts: paid, for goods that
/// earn.
CouponCheck check_coupon(const Coupon& coupon, Money bill, std::optional<BusinessDay> day);

/// Whether `sale` may use it. The sale that has used it may go on doing so: asking twice gives the
/// first answer.
CouponCheck check_coupon(const Program& program,
                         std::string_view code,
                         Money bill,
                         std::optional<BusinessDay> day,
                         const CouponState& state,
                         SaleId sale);

/// The state after `sale` used it. Requires that check_coupon() said kOk. A coupon that is not once
/// only stays unused.
CouponState used(const Coupon& coupon, SaleId sale);

/// The state after `sale` was cancelled as a whole: unused when it was that sale which used it.
CouponState freed(const CouponState& state, SaleId sale);

/// What it takes off a bill: never more than the bill.
Money taken_off(const Coupon& coupon, Money bill);

}  // namespace tally::program
