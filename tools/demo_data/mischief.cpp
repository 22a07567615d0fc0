#include "tools/demo_data/mischief.hpp"

#include <utility>

#include "core/program/program.hpp"

#include "tools/demo_data/calendar.hpp"

namespace tally::tools::demo {
namespace {

constexpr std::uint64_t kMischief = 0x6d697363;
/// Each of a thousand days.
constexpr std::int64_t kTicketTwice = 120;
constexpr std::int64_t kRefundElsewhere = 80;
constexpr std::int64_t kNobody = 150;
constexpr std::int64_t kTooMuch = 30;
constexpr std::uint32_t kLostRecords = 3;
constexpr std::uint32_t kCardsNeverGivenOut = 1'000;
/// Whose card the cashier uses.
constexpr std::uint32_t kAccomplice = 0;

}  // namespace

Moment Mischief::moment_in(std::uint32_t shop) {
  const std::int64_t minute = shops_[shop].closes_minute - chance_.between(1, 20);
  return {today_,
          minute,
          static_cast<std::uint32_t>(chance_.below(60)),
          cashier_at(shops_[shop], 0, minute)};
}

record::Accrual Mischief::accrual(Money bill, Bytes ticket_hash) const {
  record::Accrual made;
  made.bill = bill;
  made.points = program::points_earned(road_.node().policy().program, bill);
  made.ticket_hash = std::move(ticket_hash);
  return made;
}

void Mischief::before(std::uint32_t day) {
  if (forks() && day == fork_day() + 2) {
    road_.enrol_anew(forking());
  }
}

void Mischief::after(std::uint32_t day) {
  chance_ = Chance(size_.seed, kMischief, day);
  today_ = BusinessDay{size_.first_day().days + static_cast<std::int32_t>(day)};
  feed_own_card(day);
  if (chance_.permille(kTicketTwice)) {
    use_ticket_twice();
  }
  if (chance_.permille(kRefundElsewhere)) {
    refund_elsewhere();
  }
  if (chance_.permille(kNobody)) {
    sell_to_nobody();
  }
  if (chance_.permille(kTooMuch)) {
    earn_too_much();
  }
  break_and_copy(day);
}

/// One cashier, one card, late on Tuesdays and Fridays, no goods named.
void Mischief::feed_own_card(std::uint32_t day) {
  const int weekday = weekday_of(today_);
  if (day < size_.days / 4 || (weekday != 1 && weekday != 4) || !trade_.has_joined(kAccomplice)) {
    return;
  }
  const TillPlace place{0, 0};
  for (std::int64_t count = chance_.between(2, 5); count > 0; --count) {
    road_.seal(place,
               moment_in(0),
               accrual(Money{chance_.between(80, 450) * 100},
                       ticket_hash_of(shops_[0].terminal(0), chance_.next())),
               road_.next_sale(place),
               trade_.card(kAccomplice));
  }
}

void Mischief::use_ticket_twice() {
  const auto shop = static_cast<std::uint32_t>(chance_.below(std::ssize(shops_)));
  const auto& kept = trade_.counterfoils().of(shop);
  if (kept.empty()) {
    return;
  }
  const Sold& sold = kept.back();
  const TillPlace place{shop, 0};
  road_.seal(place,
             moment_in(shop),
             accrual(sold.paid, sold.ticket_hash),
             road_.next_sale(place),
             trade_.card(kAccomplice));
}

void Mischief::refund_elsewhere() {
  const auto shop = static_cast<std::uint32_t>(chance_.below(std::ssize(shops_)));
  const auto& others =
      trade_.counterfoils().of((shop + 1) % static_cast<std::uint32_t>(shops_.size()));
  if (shops_.size() < 2 || others.empty()) {
    return;
  }
  const Sold& sold = others.back();
  road_.seal({shop, 0},
             moment_in(shop),
             record::Refund{sold.accrual, sold.paid, sold.paid, 1},
             SaleId{},
             sold.card);
}

/// A card of the last box, which never went over the counter.
void Mischief::sell_to_nobody() {
  const auto shop = static_cast<std::uint32_t>(chance_.below(std::ssize(shops_)));
  const TillPlace place{shop, 0};
  const std::uint32_t card =
      size_.members + static_cast<std::uint32_t>(chance_.below(kCardsNeverGivenOut));
  road_.seal(place,
             moment_in(shop),
             accrual(Money{chance_.between(20, 300) * 100},
                     ticket_hash_of(shops_[shop].terminal(0), chance_.next())),
             road_.next_sale(place),
             card_of(card));
}

/// More than the program says: the office corrects it.
void Mischief::earn_too_much() {
  const auto shop = static_cast<std::uint32_t>(chance_.below(std::ssize(shops_)));
  const auto& kept = trade_.counterfoils().of(shop);
  if (kept.empty()) {
    return;
  }
  const TillPlace place{shop, 0};
  record::Accrual made = accrual(Money{chance_.between(50, 300) * 100},
                                 ticket_hash_of(shops_[shop].terminal(0), chance_.next()));
  made.points = Points{made.points.value * 3};
  road_.seal(place, moment_in(shop), std::move(made), road_.next_sale(place), kept.back().card);
}

void Mischief::break_and_copy(std::uint32_t day) {
  if (day == size_.days / 3 && size_.days >= 3) {
    const TillPlace broken{0, shops_[0].tills - 1};
    road_.lose(broken, moment_in(0), kLostRecords);
  }
  if (!forks() || !trade_.has_joined(kAccomplice)) {
    return;
  }
  // The copy sells what the original sold under the same number; on the next day it goes on, and
  // the office believes it nothing.
  const TillPlace place = forking();
  if (day == fork_day() || day == fork_day() + 1) {
    const std::string card = trade_.card(kAccomplice);
    const Moment moment = moment_in(place.shop);
    road_.seal(place, moment, accrual(Money{12'300}, {}), road_.next_sale(place), card);
    if (day == fork_day()) {
      road_.fork_last(place, moment, accrual(Money{98'700}, {}), card);
    }
  }
}

}  // namespace tally::tools::demo
