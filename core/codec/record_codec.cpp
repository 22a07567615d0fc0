#include "core/codec/record_codec.hpp"

#include <utility>

#include "proto/record.pb.h"

#include "core/base/try.hpp"
#include "core/codec/wire.hpp"

namespace tally::codec {
namespace {

using record::Record;
using Body = tally_wire_RecordBody;

Error bad(const char* what) {
  return make_error(Errc::kInvalid, what);
}

// --- Domain to wire ---

void put_ref(const RecordId& id, tally_wire_RecordRef& out) {
  out.terminal = id.terminal.value;
  out.incarnation = id.incarnation.value;
  out.boot = id.boot.value;
  out.seq = id.seq.value;
}

Status put(const record::Accrual& b, Body& out) {
  auto& w = out.business.accrual;
  if (b.lines.size() > record::kBasketLinesMax ||
      b.ticket_hash.size() > sizeof w.ticket_hash.bytes ||
      b.basket_hash.size() > sizeof w.basket_hash.bytes) {
    return bad("an accrual's lines or hashes exceed their bound");
  }
  if (!amount_ok(b.points.value) || !amount_ok(b.bill.minor_units)) {
    return bad("an accrual's points or bill is out of range");
  }
  w.bill_minor = b.bill.minor_units;
  w.currency = static_cast<std::uint32_t>(b.bill.currency);
  w.points = b.points.value;
  put_bytes(b.ticket_hash, w.ticket_hash);
  put_bytes(b.basket_hash, w.basket_hash);
  for (const record::BasketLine& line : b.lines) {
    auto& l = w.lines[w.lines_count++];
    l.category = line.category;
    l.quantity = line.quantity;
    l.amount_minor = line.amount.minor_units;
  }
  out.which_business = tally_wire_RecordBody_accrual_tag;
  return {};
}

Status put(const record::Redemption& b, Body& out) {
  auto& w = out.business.redemption;
  if (!amount_ok(b.points.value) || !amount_ok(b.bill.minor_units) ||
      !amount_ok(b.discount.minor_units)) {
    return bad("a redemption's points, bill or discount is out of range");
  }
  w.bill_minor = b.bill.minor_units;
  w.currency = static_cast<std::uint32_t>(b.bill.currency);
  w.points = b.points.value;
  w.discount_minor = b.discount.minor_units;
  out.which_business = tally_wire_RecordBody_redemption_tag;
  return {};
}

Status put(const record::Void& b, Body& out) {
  out.business.void_.has_original = true;
  put_ref(b.original, out.business.void_.original);
  out.business.void_.reason = b.reason;
  out.which_business = tally_wire_RecordBody_void__tag;
  return {};
}

Status put(const record::Refund& b, Body& out) {
  auto& w = out.business.refund;
  if (!amount_ok(b.returned.minor_units) || !amount_ok(b.whole.minor_units)) {
    return bad("a refund's amounts are out of range");
  }
  w.has_original = true;
  put_ref(b.original, w.original);
  w.returned_minor = b.returned.minor_units;
  w.whole_minor = b.whole.minor_units;
  w.reason = b.reason;
  out.which_business = tally_wire_RecordBody_refund_tag;
  return {};
}

Status put(const record::Reversal& b, Body& out) {
  auto& w = out.business.reversal;
  w.has_original = b.original.has_value();
  if (b.original) {
    put_ref(*b.original, w.original);
  }
  w.reason = static_cast<tally_wire_ReversalReason>(b.reason);
  out.which_business = tally_wire_RecordBody_reversal_tag;
  return {};
}

Status put(const record::Enrolment& b, Body& out) {
  auto& w = out.business.enrolment;
  if (b.member_number.size() >= sizeof w.member_number ||
      b.masked_name.size() >= sizeof w.masked_name ||
      b.sealed_fields.size() > sizeof w.sealed_fields.bytes) {
    return bad("an enrolment's number, name or sealed fields exceed their bound");
  }
  put_text(b.member_number, w.member_number);
  put_text(b.masked_name, w.masked_name);
  put_bytes(b.sealed_fields, w.sealed_fields);
  w.consent_version = b.consent_version;
  out.which_business = tally_wire_RecordBody_enrolment_tag;
  return {};
}

Status put(const record::Note& b, Body& out) {
  if (b.text.size() >= sizeof out.business.note.text) {
    return bad("a note's text exceeds its bound");
  }
  out.business.note.code = b.code;
  put_text(b.text, out.business.note.text);
  out.which_business = tally_wire_RecordBody_note_tag;
  return {};
}

Status put(const record::Gap& b, Body& out) {
  out.business.gap.first_seq = b.first.value;
  out.business.gap.last_seq = b.last.value;
  out.which_business = tally_wire_RecordBody_gap_tag;
  return {};
}

Status put(const record::ShiftClose& b, Body& out) {
  auto& w = out.business.shift_close;
  if (b.head_signature.size() > sizeof w.head_signature.bytes) {
    return bad("a shift close's signature exceeds its bound");
  }
  w.shift = b.shift;
  put_bytes(b.head_signature, w.head_signature);
  w.accrued_points = b.accrued.value;
  w.redeemed_points = b.redeemed.value;
  w.sales = b.sales;
  out.which_business = tally_wire_RecordBody_shift_close_tag;
  return {};
}

// --- Wire to domain ---

RecordId get_ref(const tally_wire_RecordRef& w) {
  return {TerminalId{w.terminal}, Incarnation{w.incarnation}, BootId{w.boot}, Seq{w.seq}};
}

Result<record::Business> get_accrual(const tally_wire_Accrual& w) {
  if (!amount_ok(w.points) || !amount_ok(w.bill_minor) || !currency_ok(w.currency)) {
    return bad("an accrual's points, bill or currency is out of range");
  }
  const auto currency = static_cast<Currency>(w.currency);
  record::Accrual b{{w.bill_minor, currency}, Points{w.points}, {}, {}, {}};
  const ByteView ticket = view(w.ticket_hash);
  const ByteView basket = view(w.basket_hash);
  b.ticket_hash.assign(ticket.begin(), ticket.end());
  b.basket_hash.assign(basket.begin(), basket.end());
  for (pb_size_t i = 0; i < w.lines_count; ++i) {
    b.lines.push_back(
        {w.lines[i].category, w.lines[i].quantity, {w.lines[i].amount_minor, currency}});
  }
  return record::Business{std::move(b)};
}

Result<record::Business> get_redemption(const tally_wire_Redemption& w) {
  if (!amount_ok(w.points) || !amount_ok(w.bill_minor) || !amount_ok(w.discount_minor) ||
      !currency_ok(w.currency)) {
    return bad("a redemption's points, bill, discount or currency is out of range");
  }
  const auto currency = static_cast<Currency>(w.currency);
  return record::Business{
      record::Redemption{{w.bill_minor, currency}, Points{w.points}, {w.discount_minor, currency}}};
}

Result<record::Business> get_reversal(const tally_wire_Reversal& w) {
  if (const int reason = number_of(w.reason);
      reason < 1 || reason > static_cast<int>(record::ReversalReason::kByPerson)) {
    return bad("a reversal names no reason");
  }
  record::Reversal b;
  if (w.has_original) {
    b.original = get_ref(w.original);
  }
  b.reason = static_cast<record::ReversalReason>(w.reason);
  return record::Business{b};
}

Result<record::Business> get_refund(const tally_wire_Refund& w) {
  if (!amount_ok(w.returned_minor) || !amount_ok(w.whole_minor)) {
    return bad("a refund's amounts are out of range");
  }
  return record::Business{
      record::Refund{get_ref(w.original), {w.returned_minor, {}}, {w.whole_minor, {}}, w.reason}};
}

Result<record::Business> get_business(const Body& w) {
  switch (w.which_business) {
    case tally_wire_RecordBody_accrual_tag:
      return get_accrual(w.business.accrual);
    case tally_wire_RecordBody_redemption_tag:
      return get_redemption(w.business.redemption);
    case tally_wire_RecordBody_void__tag:
      return record::Business{
          record::Void{get_ref(w.business.void_.original), w.business.void_.reason}};
    case tally_wire_RecordBody_refund_tag:
      return get_refund(w.business.refund);
    case tally_wire_RecordBody_reversal_tag:
      return get_reversal(w.business.reversal);
    case tally_wire_RecordBody_enrolment_tag: {
      const auto& e = w.business.enrolment;
      const ByteView sealed = view(e.sealed_fields);
      return record::Business{record::Enrolment{
          e.member_number, e.masked_name, Bytes(sealed.begin(), sealed.end()), e.consent_version}};
    }
    case tally_wire_RecordBody_note_tag:
      return record::Business{record::Note{w.business.note.code, w.business.note.text}};
    case tally_wire_RecordBody_gap_tag:
      return record::Business{
          record::Gap{Seq{w.business.gap.first_seq}, Seq{w.business.gap.last_seq}}};
    case tally_wire_RecordBody_shift_close_tag: {
      const auto& s = w.business.shift_close;
      const ByteView signature = view(s.head_signature);
      return record::Business{record::ShiftClose{s.shift,
                                                 Bytes(signature.begin(), signature.end()),
                                                 Points{s.accrued_points},
                                                 Points{s.redeemed_points},
                                                 s.sales}};
    }
    default:
      return make_error(Errc::kUnsupported,
                        "a record's business part is of a kind this build does not know");
  }
}

}  // namespace

Result<Bytes> encode_body(const Record& record) {
  if (record.header.kind != record::kind_of(record.business)) {
    return bad("the header's kind is not that of the business part");
  }
  if (record.card_token.size() > record::kCardTokenBytesMax ||
      record.funding.size() > record::kFundingLegsMax) {
    return bad("the card token or the funding legs exceed their bound");
  }
  Body body = tally_wire_RecordBody_init_zero;
  if (record.sale) {
    put_bytes(record.sale.bytes, body.sale_id);
  }
  put_text(record.card_token, body.card_token);
  body.member_id = record.member.value;
  body.business_day = record.business_day.days;
  for (const record::FundingLeg& leg : record.funding) {
    auto& w = body.funding[body.funding_count++];
    w.kind = static_cast<tally_wire_RightKind>(leg.kind);
    w.right_id = leg.right.value;
    w.epoch = leg.epoch.value;
    w.points = leg.points.value;
  }
  body.wall_time_us = record.wall.us;
  body.boot_time_ms = static_cast<std::uint64_t>(record.boot_time.ms);
  body.clock_quality = static_cast<tally_wire_ClockQuality>(record.clock_quality);
  body.program_version = record.program.value;
  body.deny_list_version = record.deny_list.value;
  body.cashier = record.cashier.value;
  TALLY_TRY(std::visit([&](const auto& business) { return put(business, body); }, record.business));

  Bytes out(record::kBodyBytesMax);
  pb_ostream_t stream = pb_ostream_from_buffer(out.data(), out.size());
  if (!pb_encode(&stream, tally_wire_RecordBody_fields, &body)) {
    return make_error(Errc::kExhausted, "the record's body exceeds 260 bytes");
  }
  out.resize(stream.bytes_written);
  return out;
}

Result<Record> decode_record(ByteView sealed) {
  Record record;
  TALLY_TRY_ASSIGN(record.header, record::peek_header(sealed));
  const ByteView encoded = record::peek_body(sealed);
  Body body = tally_wire_RecordBody_init_zero;
  pb_istream_t stream = pb_istream_from_buffer(encoded.data(), encoded.size());
  if (!pb_decode(&stream, tally_wire_RecordBody_fields, &body)) {
    return bad("the record's body is damaged or a field exceeds its bound");
  }
  if (!get_fixed(body.sale_id, record.sale.bytes)) {
    return bad("a record's sale id has not 16 bytes");
  }
  record.card_token = body.card_token;
  record.member = MemberId{body.member_id};
  record.business_day = BusinessDay{body.business_day};
  for (pb_size_t i = 0; i < body.funding_count; ++i) {
    const auto& w = body.funding[i];
    if (const int kind = number_of(w.kind);
        kind < 1 || kind > static_cast<int>(RightKind::kSlice) || !amount_ok(w.points)) {
      return bad("a funding leg's kind or points is out of range");
    }
    record.funding.push_back(
        {static_cast<RightKind>(w.kind), RightId{w.right_id}, Epoch{w.epoch}, Points{w.points}});
  }
  record.wall = WallTime{body.wall_time_us};
  record.boot_time = BootTime{static_cast<std::int64_t>(body.boot_time_ms & INT64_MAX)};
  record.clock_quality = get_quality(body.clock_quality);
  record.program = ProgramVersion{body.program_version};
  record.deny_list = DenyListVersion{body.deny_list_version};
  record.cashier = CashierId{body.cashier};
  TALLY_TRY_ASSIGN(record.business, get_business(body));
  if (record.header.kind != record::kind_of(record.business)) {
    return bad("the header's kind is not that of the business part");
  }
  return record;
}

Result<Bytes> redacted(ByteView sealed) {
  TALLY_TRY_ASSIGN(record::Record record, decode_record(sealed));
  auto* enrolment = std::get_if<record::Enrolment>(&record.business);
  if (enrolment == nullptr) {
    return make_error(Errc::kInvalid, "only an enrolment says something of a person");
  }
  enrolment->masked_name.clear();
  enrolment->sealed_fields.clear();
  TALLY_TRY_ASSIGN(const Bytes body, encode_body(record));
  const ByteView head = sealed.first(record::kHeaderBytes);
  const ByteView mac = sealed.last(record::kMacBytes);
  Bytes out(head.begin(), head.end());
  out.insert(out.end(), body.begin(), body.end());
  out.insert(out.end(), mac.begin(), mac.end());
  return out;
}

bool is_redacted(ByteView sealed) {
  const Result<record::Record> record = decode_record(sealed);
  const auto* enrolment = record ? std::get_if<record::Enrolment>(&record->business) : nullptr;
  return enrolment != nullptr && enrolment->masked_name.empty() && enrolment->sealed_fields.empty();
}

}  // namespace tally::codec
