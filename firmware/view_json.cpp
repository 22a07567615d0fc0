#include "firmware/view_json.hpp"

#include <nlohmann/json.hpp>

#include "core/base/iso_day.hpp"

#include "firmware/names.hpp"
#include "firmware/ui/format.hpp"

namespace tally::firmware {

using Json = nlohmann::ordered_json;
using sale::CheckoutView;
using sale::Screen;

namespace {

bool shows_member(Screen screen) {
  return screen == Screen::kLookup || screen == Screen::kMember || screen == Screen::kRedeem ||
         screen == Screen::kWorking || screen == Screen::kResult || screen == Screen::kEnrol;
}

Json member_json(const sale::MemberPanel& member) {
  const bool expiring = member.expiring.value > 0;
  return {{"id", member.id ? Json(member.id.value) : Json(nullptr)},
          {"name", member.masked_name},
          {"card_tail", member.card_tail},
          {"tier", member.tier},
          {"available", member.available.value},
          {"pending", member.pending.value},
          {"expiring", member.expiring.value},
          {"expiring_on", expiring ? Json(iso_day_text(member.expiring_on)) : Json(nullptr)},
          {"looked_up", member.looked_up},
          {"as_of_us", member.as_of ? Json(member.as_of->us) : Json(nullptr)}};
}

bool shows_return(Screen screen) {
  return screen == Screen::kVoidConfirm || screen == Screen::kRefund;
}

Json return_json(const sale::ReturnPanel& sale) {
  const auto if_known = [&](std::int64_t value) {
    return sale.known ? Json(value) : Json(nullptr);
  };
  return {{"receipt", sale.receipt_number},
          {"codes", sale.codes},
          {"bill", if_known(sale.bill.minor_units)},
          {"earned", if_known(sale.earned.value)},
          {"redeemed", if_known(sale.redeemed.value)},
          {"refunded", sale.refunded.minor_units}};
}

}  // namespace

Json screen_json(const CheckoutView& view) {
  const bool said = view.screen == Screen::kResult || view.screen == Screen::kMessage;
  const bool member = shows_member(view.screen) && !view.member.card_tail.empty();
  return {{"screen", name_of(view.screen)},
          {"result",
           said ? Json(name_of(view.screen == Screen::kResult ? view.result
                                                              : sale::ResultKind::kAttention))
                : Json(nullptr)},
          {"message", name_of(view.message)},
          {"argument", view.message_argument},
          {"typed", view.typed},
          {"bill", view.bill.minor_units},
          {"currency", name_of(view.bill.currency)},
          {"earned", view.earn.value},
          {"redeemed", view.redeem.value},
          {"redeem_max", view.redeem_max.value},
          {"discount", view.discount.minor_units},
          {"give_back", view.give_back.minor_units},
          {"balance", view.balance_after ? Json(view.balance_after->value) : Json(nullptr)},
          {"receipt", view.receipt_number},
          {"offline", view.offline_sale},
          {"can_undo", view.can_undo},
          {"language", name_of(view.language)},
          {"member", member ? member_json(view.member) : Json(nullptr)},
          {"return", shows_return(view.screen) ? return_json(view.returning) : Json(nullptr)}};
}

Json status_json(const sale::StatusBar& status, hal::PrinterStatus printer) {
  return {{"link", name_of(status.link)},
          {"unsynced", status.unsynced_records},
          {"oldest_unsynced_age_s", status.oldest_unsynced_age_s},
          {"syncing", status.syncing},
          {"paper", hal::name_of(printer)},
          {"scanner", status.scanner_ready ? "ready" : "unplugged"},
          {"clock_quality", name_of(status.clock_quality)},
          {"clock_skew_s", status.clock_skew_s ? Json(*status.clock_skew_s) : Json(nullptr)}};
}

std::string to_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool differ_in_screen(const CheckoutView& a, const CheckoutView& b) {
  CheckoutView same_status = b;
  same_status.status = a.status;
  return a != same_status;
}

bool differ_in_status(const sale::StatusBar& a, const sale::StatusBar& b) {
  sale::StatusBar same = b;
  same.now = a.now;
  same.oldest_unsynced_age_s = a.oldest_unsynced_age_s;
  return a != same;
}

}  // namespace tally::firmware
