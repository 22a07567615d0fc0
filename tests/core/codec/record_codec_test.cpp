#include "core/codec/record_codec.hpp"

#include <string>

#include "core/record/seal.hpp"

#include "tests/support/sample_messages.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;

namespace {

record::Record record_of(const record::Business& business) {
  record::Record record;
  record.header = {record::kind_of(business),
                   1,
                   {TerminalId{101}, Incarnation{1}, BootId{9}, Seq{43}},
                   test::kSampleMac};
  record.sale = test::sample_sale();
  record.card_token = "9156000000000017";
  record.member = MemberId{5001};
  record.business_day = BusinessDay{20'000};
  record.funding = {{RightKind::kHold, RightId{77}, Epoch{1}, Points{100}}};
  record.wall = WallTime{1'700'000'000'000'000};
  record.boot_time = BootTime{5'000};
  record.clock_quality = ClockQuality::kAnchored;
  record.program = ProgramVersion{1};
  record.deny_list = DenyListVersion{2};
  record.cashier = CashierId{3};
  record.business = business;
  return record;
}

Bytes sealed_of(const record::Record& record) {
  const auto body = codec::encode_body(record);
  CHECK_TRUE(body.has_value());
  return *record::seal(record.header, *body, record::RecordKey{1, 2, 3});
}

}  // namespace

TEST_GROUP(RecordCodec){};

TEST(RecordCodec, EveryKind_RoundTrip_KeepsEveryField) {
  for (const record::Business& business : test::sample_facts()) {
    record::Record record = record_of(business);
    if (record.header.kind == record::RecordKind::kEnrolment ||
        record.header.kind == record::RecordKind::kShiftClose) {
      record.funding.clear();
    }
    const auto back = codec::decode_record(sealed_of(record));
    CHECK_TRUE(back.has_value());
    CHECK(back->business == record.business);
    CHECK(back->header.id == record.header.id);
    CHECK(back->header.prev_mac == record.header.prev_mac);
    CHECK(back->sale == record.sale);
    CHECK(back->funding == record.funding);
    CHECK(back->card_token == record.card_token);
    CHECK(back->member == record.member);
    CHECK(back->business_day == record.business_day);
    CHECK(back->wall == record.wall);
    CHECK(back->boot_time == record.boot_time);
    CHECK(back->clock_quality == record.clock_quality);
    CHECK(back->program == record.program);
    CHECK(back->deny_list == record.deny_list);
    CHECK(back->cashier == record.cashier);
  }
}

TEST(RecordCodec, KindOtherThanTheBusiness_IsRefusedBothWays) {
  record::Record record = record_of(record::Note{1, "x"});
  Bytes sealed = sealed_of(record);
  sealed[1] = static_cast<std::uint8_t>(record::RecordKind::kAccrual);
  CHECK(codec::decode_record(sealed).error().code == Errc::kInvalid);
  record.header.kind = record::RecordKind::kAccrual;
  CHECK(codec::encode_body(record).error().code == Errc::kInvalid);
}

TEST(RecordCodec, AmountsOutOfRange_AreRefused) {
  CHECK(codec::encode_body(record_of(record::Accrual{{-1, {}}, Points{1}, {}, {}, {}}))
            .error()
            .code == Errc::kInvalid);
  CHECK(codec::encode_body(record_of(record::Accrual{{1, {}}, Points{kAmountMax + 1}, {}, {}, {}}))
            .error()
            .code == Errc::kInvalid);
  CHECK(codec::encode_body(record_of(record::Redemption{{1, {}}, Points{-5}, {1, {}}}))
            .error()
            .code == Errc::kInvalid);
}

TEST(RecordCodec, TooManyLinesOrTooLongTexts_AreRefused) {
  record::Accrual accrual{{1, {}}, Points{1}, {}, {}, {}};
  accrual.lines.resize(9);
  CHECK(codec::encode_body(record_of(accrual)).error().code == Errc::kInvalid);
  CHECK(codec::encode_body(record_of(record::Note{1, std::string(121, 'x')})).error().code ==
        Errc::kInvalid);
  record::Record long_token = record_of(record::Note{1, "x"});
  long_token.card_token = std::string(33, '1');
  CHECK(codec::encode_body(long_token).error().code == Errc::kInvalid);
}

TEST(RecordCodec, BodyBeyond260Bytes_IsExhausted) {
  record::Accrual accrual{{kAmountMax, {}}, Points{kAmountMax}, Bytes(16, 1), {}, Bytes(16, 1)};
  for (std::uint32_t i = 0; i < 8; ++i) {
    accrual.lines.push_back({0xffffffffU, 0xffffffffU, {kAmountMax, {}}});
  }
  CHECK(codec::encode_body(record_of(accrual)).error().code == Errc::kExhausted);
}

TEST(RecordCodec, DamagedBody_IsRefused) {
  Bytes sealed = sealed_of(record_of(record::Note{1, "x"}));
  sealed[record::kHeaderBytes] = 0xff;
  CHECK(codec::decode_record(sealed).error().code == Errc::kInvalid);
}

TEST(RecordCodec, RedactedEnrolment_KeepsItsPlaceAndSaysNothingOfThePerson) {
  const record::Record whole =
      record_of(record::Enrolment{"5000000000001", "138****1234", Bytes(120, 7), 3});
  const Bytes sealed = sealed_of(whole);
  const Bytes redacted = *codec::redacted(sealed);
  CHECK_TRUE(codec::is_redacted(redacted));
  CHECK_FALSE(codec::is_redacted(sealed));
  const record::Record left = *codec::decode_record(redacted);
  const auto& enrolment = std::get<record::Enrolment>(left.business);
  STRCMP_EQUAL("5000000000001", enrolment.member_number.c_str());
  CHECK_EQUAL(3U, enrolment.consent_version);
  STRCMP_EQUAL(whole.card_token.c_str(), left.card_token.c_str());
  CHECK_TRUE(left.header.id == whole.header.id);
  CHECK_TRUE(left.header.prev_mac == whole.header.prev_mac);
  CHECK_TRUE(record::peek_mac(redacted) == record::peek_mac(sealed));
  CHECK_FALSE(record::verify_mac(redacted, record::RecordKey{1, 2, 3}));
}

TEST(RecordCodec, RecordOfAnotherKind_IsNotRedacted) {
  const Bytes sealed = sealed_of(record_of(record::Note{1, "hello"}));
  CHECK_TRUE(codec::redacted(sealed).error().code == Errc::kInvalid);
  CHECK_FALSE(codec::is_redacted(sealed));
}
