#include "tools/demo_data/trade.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/crypto/mac.hpp"

#include "tools/demo_data/calendar.hpp"

namespace tally::tools::demo {
namespace {

constexpr std::uint64_t kDays = 0x64617973;
constexpr std::int64_t kHome = 800;  ///< Of a thousand visits.
constexpr std::int64_t kVoided = 8;  ///< Of a thousand sales, as below.
constexpr std::int64_t kReturned = 15;
constexpr std::int64_t kNeverShown = 1;
constexpr std::int64_t kAbandoned = 20;       ///< Of a thousand redemptions.
constexpr std::int64_t kPartOfRefunds = 600;  ///< Of a thousand refunds.
constexpr std::int64_t kBillMin = 200;
constexpr std::int64_t kBringOverMinute = 6 * 60 + 30;
constexpr std::int64_t kShiftMinute = 15 * 60;
constexpr std::uint32_t kCategories = 12;

/// Sixteenths of a log-normal distribution (σ = 0.8) around 1000; the last is where its tail ends.
constexpr std::array<std::int64_t, 17> kSpread = {225,
                                                  349,
                                                  446,
                                                  537,
                                                  629,
                                                  725,
                                                  827,
                                                  940,
                                                  1'064,
                                                  1'209,
                                                  1'380,
                                                  1'589,
                                                  1'861,
                                                  2'243,
                                                  2'869,
                                                  4'437,
                                                  9'000};

std::vector<record::BasketLine> draw_lines(Chance& chance, Money bill) {
  std::vector<record::BasketLine> lines;
  std::int64_t open = bill.minor_units;
  for (std::int64_t count = chance.between(1, 4); count > 0 && open > 0; --count) {
    const std::int64_t amount = count == 1 ? open : chance.between(0, open / 2) + 1;
    record::BasketLine line;
    line.category = static_cast<std::uint32_t>(chance.below(kCategories)) + 1;
    line.quantity = static_cast<std::uint32_t>(chance.between(1, 3));
    line.amount = Money{amount};
    lines.push_back(line);
    open -= amount;
  }
  return lines;
}

}  // namespace

Bytes ticket_hash_of(TerminalId terminal, std::uint64_t ticket) {
  const std::string text = std::to_string(terminal.value) + "/" + std::to_string(ticket);
  const crypto::Digest digest = crypto::sha256(as_bytes(text));
  return Bytes(digest.begin(), digest.begin() + 16);
}

CashierId cashier_at(const Shop& shop, std::uint32_t till, std::int64_t minute) {
  return CashierId{shop.store.value * 100 + till * 2 + (minute < kShiftMinute ? 1U : 2U)};
}

Trade::Trade(const Size& size, const std::vector<Shop>& shops, Road& road)
    : size_(size),
      shops_(shops),
      road_(road),
      program_(road.node().policy().program),
      customers_(make_customers(size)),
      counterfoils_(shops.size()),
      chance_(size.seed) {}

std::string Trade::card(std::uint32_t customer) const {
  const auto found = replaced_.find(customer);
  return found == replaced_.end() ? card_of(customer) : found->second;
}

void Trade::replace_card(std::uint32_t customer, std::string card) {
  replaced_[customer] = std::move(card);
}

void Trade::enrol(TillPlace place, const Moment& moment, std::uint32_t customer) {
  record::Enrolment enrolment;
  enrolment.masked_name = person_of(size_.seed, customer).masked;
  enrolment.consent_version = 1;
  road_.seal(place, moment, std::move(enrolment), SaleId{}, card_of(customer));
  customers_[customer].joined = true;
}

void Trade::bring_over(std::uint32_t day) {
  Chance chance(size_.seed, kDays, size_.days + 1);
  for (std::uint32_t i = 0; i < size_.members; ++i) {
    Customer& customer = customers_[i];
    if (customer.joins_on_day != day || i % 3 != 0) {
      continue;
    }
    const TillPlace place{customer.home_store, 0};
    Moment moment{size_.first_day(), kBringOverMinute, 0, CashierId{}};
    enrol(place, moment, i);
    // Earned there a month to a year ago, and living as long as if earned here.
    const Points points{chance.between(1, 60) * 50};
    moment.day.days -= static_cast<std::int32_t>(chance.between(30, 395));
    record::Accrual brought;
    brought.bill = Money{points.value * 100};
    brought.points = points;
    road_.seal(place, moment, std::move(brought), SaleId{}, card_of(i), {}, ProgramVersion{});
    customer.believed_points = points.value;
  }
}

Money Trade::draw_bill(const Customer& customer, const Shop& shop) {
  const auto sixteenth = static_cast<std::size_t>(chance_.below(std::ssize(kSpread) - 1));
  const std::int64_t spread = chance_.between(kSpread[sixteenth], kSpread[sixteenth + 1]);
  std::int64_t minor = customer.basket_minor * spread / 1'000 * shop.basket_permille / 1'000;
  const std::int64_t ending = chance_.below(10);
  if (ending < 4) {
    minor = minor / 100 * 100;
  } else if (ending < 7) {
    minor = minor / 100 * 100 + 90;
  } else if (ending < 9) {
    minor = minor / 10 * 10;
  }
  return Money{std::clamp(minor, kBillMin, program_.bill_max.minor_units)};
}

/// Two peaks, at noon and after work.
std::int64_t Trade::draw_minute(const Shop& shop) {
  const std::int64_t kind = chance_.below(10);
  const std::int64_t minute = kind < 3   ? chance_.between(11 * 60, 13 * 60)
                              : kind < 7 ? chance_.between(17 * 60, 20 * 60)
                                         : chance_.between(shop.opens_minute, shop.closes_minute);
  return std::clamp(minute, shop.opens_minute, shop.closes_minute - 1);
}

void Trade::add_visit(std::uint32_t index, bool enrols) {
  const Customer& customer = customers_[index];
  Visit visit;
  visit.customer = index;
  visit.enrols = enrols;
  visit.place.shop = chance_.permille(kHome)
                         ? customer.home_store
                         : static_cast<std::uint32_t>(chance_.below(std::ssize(shops_)));
  if (enrols) {
    // Not where records will go to quarantine: whoever enrols there is nobody for ever.
    const Shop& shop = shops_[visit.place.shop];
    if (shop.terminal(0) == forking_terminal(shops_)) {
      visit.place.shop = 0;
    }
  } else {
    visit.place.till = static_cast<std::uint32_t>(chance_.below(shops_[visit.place.shop].tills));
  }
  const Shop& shop = shops_[visit.place.shop];
  visit.minute = draw_minute(shop);
  visit.bill = draw_bill(customer, shop);
  if (!enrols && chance_.permille(customer.redeems_permille)) {
    // What somebody wants to use up: everything, or something round.
    const std::int64_t some = chance_.permille(500) ? kAmountMax : chance_.between(1, 10) * 100;
    visit.wanted =
        program::redeemable(program_, visit.bill, Points{std::min(customer.believed_points, some)});
  }
  visits_.push_back(visit);
}

void Trade::plan(std::uint32_t day) {
  day_ = day;
  chance_ = Chance(size_.seed, kDays, day);
  visits_.clear();
  const BusinessDay today{size_.first_day().days + static_cast<std::int32_t>(day)};
  const std::int64_t traffic = traffic_permille(today);
  for (std::uint32_t i = 0; i < size_.members; ++i) {
    const Customer& customer = customers_[i];
    if (customer.joined) {
      if (chance_.below(1'000'000) < customer.visits_per_million * traffic / 1'000) {
        add_visit(i, false);
      }
    } else if (customer.joins_on_day == day) {
      add_visit(i, true);
    }
  }
  std::stable_sort(visits_.begin(), visits_.end(), [](const Visit& a, const Visit& b) {
    return a.minute < b.minute;
  });
}

template <class Work>
void Trade::each_visit(std::int64_t from_minute, std::int64_t to_minute, const Work& work) {
  auto visit = std::lower_bound(
      visits_.begin(), visits_.end(), from_minute, [](const Visit& each, std::int64_t minute) {
        return each.minute < minute;
      });
  for (; visit != visits_.end() && visit->minute < to_minute; ++visit) {
    work(*visit);
  }
}

void Trade::ask(std::int64_t from_minute, std::int64_t to_minute) {
  each_visit(from_minute, to_minute, [this](Visit& visit) {
    if (visit.wanted <= Points{0} || !road_.is_online(visit.place.shop)) {
      return;
    }
    visit.sale = road_.next_sale(visit.place);
    visit.asked = true;
    visit.question = road_.ask(visit.place,
                               visit.sale,
                               {card(visit.customer), visit.wanted, visit.bill, program_.version});
  });
}

void Trade::sell(std::int64_t from_minute,
                 std::int64_t to_minute,
                 const std::vector<link::Answer>& answers) {
  each_visit(from_minute, to_minute, [&](const Visit& visit) { sell_to(visit, answers); });
}

Moment Trade::moment_of(const Visit& visit) {
  const BusinessDay today{size_.first_day().days + static_cast<std::int32_t>(day_)};
  const Shop& shop = shops_[visit.place.shop];
  return {today,
          visit.minute,
          static_cast<std::uint32_t>(chance_.below(60)),
          cashier_at(shop, visit.place.till, visit.minute)};
}

void Trade::sell_to(const Visit& visit, const std::vector<link::Answer>& answers) {
  Customer& customer = customers_[visit.customer];
  const Moment moment = moment_of(visit);
  if (visit.enrols) {
    enrol(visit.place, moment, visit.customer);
  }
  const link::Answer* answer = visit.asked ? &answers.at(visit.question) : nullptr;
  if (answer != nullptr && answer->member) {
    customer.believed_points = answer->member->available.value;
  }
  const bool granted = answer != nullptr && answer->right.has_value();
  if (granted && chance_.permille(kAbandoned)) {
    road_.seal(visit.place,
               moment,
               record::Reversal{std::nullopt, record::ReversalReason::kAbandonedSale},
               visit.sale,
               card(visit.customer));
    return;
  }
  Money paid = visit.bill;
  std::optional<RecordId> redeemed;
  Visit sale = visit;
  sale.sale = visit.asked ? visit.sale : road_.next_sale(visit.place);
  if (granted) {
    const Money discount = program::worth_of(program_, visit.wanted);
    const record::FundingLeg leg{
        RightKind::kHold, answer->right->id, answer->right->epoch, visit.wanted};
    redeemed = road_.seal(visit.place,
                          moment,
                          record::Redemption{visit.bill, visit.wanted, discount},
                          sale.sale,
                          card(visit.customer),
                          {leg});
    paid.minor_units -= discount.minor_units;
  }
  Sold sold = accrue(sale, moment, paid);
  sold.redemption = redeemed;
  if (chance_.permille(kVoided)) {
    road_.seal(visit.place, moment, record::Void{sold.accrual, 1}, SaleId{}, sold.card);
    if (redeemed) {
      road_.seal(visit.place, moment, record::Void{*redeemed, 1}, SaleId{}, sold.card);
    }
  } else if (chance_.permille(kNeverShown)) {
    road_.seal(visit.place,
               moment,
               record::Reversal{sold.accrual, record::ReversalReason::kNeverShown},
               sale.sale,
               sold.card);
  } else {
    counterfoils_.keep(visit.place.shop, std::move(sold));
  }
  if (chance_.permille(kReturned)) {
    bring_back(visit.place, moment);
  }
}

Sold Trade::accrue(const Visit& visit, const Moment& moment, Money paid) {
  const Shop& shop = shops_[visit.place.shop];
  record::Accrual accrual;
  accrual.bill = paid;
  accrual.points = program::points_earned(program_, paid);
  accrual.ticket_hash = ticket_hash_of(shop.terminal(visit.place.till), chance_.next());
  accrual.lines = draw_lines(chance_, paid);
  customers_[visit.customer].believed_points += accrual.points.value;
  Sold sold;
  sold.paid = paid;
  sold.whole = visit.bill;
  sold.card = card(visit.customer);
  sold.ticket_hash = accrual.ticket_hash;
  sold.accrual = road_.seal(visit.place, moment, std::move(accrual), visit.sale, sold.card);
  return sold;
}

/// Any of the store's last sales, mostly a recent one: whoever comes back comes soon.
void Trade::bring_back(TillPlace place, const Moment& moment) {
  std::deque<Sold>& kept = counterfoils_.of(place.shop);
  if (kept.empty()) {
    return;
  }
  const std::int64_t age =
      std::min(chance_.below(std::ssize(kept)), chance_.below(std::ssize(kept)));
  const auto at = kept.end() - 1 - age;
  const Sold sold = std::move(*at);
  kept.erase(at);
  refund(place, moment, sold);
}

void Trade::refund(TillPlace place, const Moment& moment, const Sold& sold) {
  const bool part = chance_.permille(kPartOfRefunds) && sold.paid.minor_units > 100;
  const Money returned =
      part ? Money{chance_.between(1, 9) * sold.paid.minor_units / 10} : sold.paid;
  road_.seal(
      place, moment, record::Refund{sold.accrual, returned, sold.paid, 1}, SaleId{}, sold.card);
  if (!part && sold.redemption) {
    road_.seal(place,
               moment,
               record::Refund{*sold.redemption, sold.whole, sold.whole, 1},
               SaleId{},
               sold.card);
  }
}

}  // namespace tally::tools::demo
