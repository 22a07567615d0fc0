#include "gateway/day_figures.hpp"

#include "core/codec/record_codec.hpp"
#include "core/record/packed.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::gateway;

namespace {

constexpr BusinessDay kToday{20'000};

Bytes sealed(record::Business business, std::uint8_t sale, BusinessDay day = kToday) {
  record::Record record;
  record.business = std::move(business);
  record.header = {
      record::kind_of(record.business), 1, {TerminalId{1}, Incarnation{1}, BootId{1}, Seq{1}}, {}};
  record.sale.bytes.fill(sale);
  record.business_day = day;
  Bytes bytes(record::kHeaderBytes);
  record::write_header(record.header, bytes.data());
  const Bytes body = *codec::encode_body(record);
  bytes.insert(bytes.end(), body.begin(), body.end());
  bytes.resize(bytes.size() + record::kMacBytes);
  return bytes;
}

record::Accrual accrual(std::int64_t bill, std::int64_t points) {
  return {Money{bill}, Points{points}, {}, {}, {}};
}

}  // namespace

TEST_GROUP(DayFigures) {
  DayFigures figures;
};

TEST(DayFigures, Nothing_IsZero) {
  CHECK_TRUE(figures.of(kToday) == Figures{});
}

TEST(DayFigures, Sales_AddUp) {
  figures.add(sealed(accrual(12'850, 128), 1), kToday);
  figures.add(sealed(accrual(1'000, 10), 2), kToday);
  figures.add(sealed(record::Void{{TerminalId{1}, Incarnation{1}, BootId{1}, Seq{1}}, 0}, 3),
              kToday);
  figures.add(sealed(record::Reversal{std::nullopt, record::ReversalReason::kCancelled}, 4),
              kToday);
  const Figures today = figures.of(kToday);
  LONGLONGS_EQUAL(2, today.sales);
  LONGLONGS_EQUAL(138, today.accrued.value);
  LONGLONGS_EQUAL(13'850, today.billed.minor_units);
  LONGLONGS_EQUAL(1, today.voids);
  LONGLONGS_EQUAL(1, today.reversals);
}

TEST(DayFigures, SaleThatRedeemsAndEarns_IsOne) {
  figures.add(sealed(record::Redemption{Money{10'000}, Points{200}, Money{2'000}}, 1), kToday);
  figures.add(sealed(accrual(8'000, 80), 1), kToday);
  const Figures today = figures.of(kToday);
  LONGLONGS_EQUAL(1, today.sales);
  LONGLONGS_EQUAL(200, today.redeemed.value);
  LONGLONGS_EQUAL(80, today.accrued.value);
  LONGLONGS_EQUAL(10'000, today.billed.minor_units);
  LONGLONGS_EQUAL(2'000, today.discount.minor_units);
}

TEST(DayFigures, OtherOrder_GivesTheSame) {
  figures.add(sealed(accrual(8'000, 80), 1), kToday);
  figures.add(sealed(record::Redemption{Money{10'000}, Points{200}, Money{2'000}}, 1), kToday);
  LONGLONGS_EQUAL(1, figures.of(kToday).sales);
  LONGLONGS_EQUAL(10'000, figures.of(kToday).billed.minor_units);
}

TEST(DayFigures, FarDayOrDamagedRecord_IsLeftOut) {
  figures.add(sealed(accrual(100, 1), 1, BusinessDay{20'002}), kToday);
  figures.add(sealed(accrual(100, 1), 1, BusinessDay{-2'000'000'000}), kToday);
  figures.add(Bytes(70, 1), kToday);
  figures.add({}, kToday);
  for (const int day : {19'998, 20'000, 20'002}) {
    CHECK_TRUE(figures.of(BusinessDay{day}) == Figures{});
  }
}

TEST(DayFigures, OldDay_IsForgotten) {
  figures.add(sealed(accrual(100, 1), 1), kToday);
  figures.add(sealed(accrual(100, 1), 2, BusinessDay{20'002}), BusinessDay{20'002});
  CHECK_TRUE(figures.of(kToday) == Figures{});
  LONGLONGS_EQUAL(1, figures.of(BusinessDay{20'002}).sales);
}

TEST(DayFigures, Packed_CountsEachRecord) {
  Bytes packed;
  record::append_packed(packed, sealed(accrual(100, 1), 1));
  record::append_packed(packed, sealed(accrual(100, 1), 2));
  figures.add_packed(packed, kToday);
  LONGLONGS_EQUAL(2, figures.of(kToday).sales);
}

TEST(DayFigures, BusinessDay_FollowsTheOffset) {
  const WallTime evening{std::int64_t{20'000} * 86'400'000'000 + 20 * 3'600'000'000LL};
  LONGLONGS_EQUAL(20'000, business_day_of(evening, 0).days);
  LONGLONGS_EQUAL(20'001, business_day_of(evening, 8 * 3600).days);
  LONGLONGS_EQUAL(-1, business_day_of(WallTime{-1}, 0).days);
}
