#include "core/program/coupon.hpp"

#include <algorithm>

namespace tally::program {

const Coupon* find_coupon(const Program& program, std::string_view code) {
  const auto found = std::find_if(program.coupons.begin(),
                                  program.coupons.end(),
                                  [code](const Coupon& coupon) { return coupon.code == code; });
  return found == program.coupons.end() ? nullptr : &*found;
}

CouponCheck check_coupon(const Coupon& coupon, Money bill, std::optional<BusinessDay> day) {
  if (!day) {
    return CouponCheck::kDayUnknown;
  }
  if (*day < coupon.first_day) {
    return CouponCheck::kNotYet;
  }
  if (*day > coupon.last_day) {
    return CouponCheck::kOver;
  }
  return bill.minor_units < coupon.bill_at_least.minor_units ? CouponCheck::kBelowMinimum
                                                             : CouponCheck::kOk;
}

CouponCheck check_coupon(const Program& program,
                         std::string_view code,
                         Money bill,
                         std::optional<BusinessDay> day,
                         const CouponState& state,
                         SaleId sale) {
  const Coupon* coupon = find_coupon(program, code);
  if (coupon == nullptr) {
    return CouponCheck::kUnknownCode;
  }
  const CouponCheck check = check_coupon(*coupon, bill, day);
  if (check != CouponCheck::kOk) {
    return check;
  }
  return coupon->once && state.used_in && state.used_in != sale ? CouponCheck::kUsed
                                                                : CouponCheck::kOk;
}

CouponState used(const Coupon& coupon, SaleId sale) {
  return coupon.once ? CouponState{sale} : CouponState{};
}

CouponState freed(const CouponState& state, SaleId sale) {
  return state.used_in == sale ? CouponState{} : state;
}

Money taken_off(const Coupon& coupon, Money bill) {
  return {std::min(coupon.money_off.minor_units, bill.minor_units), bill.currency};
}

}  // namespace tally::program
