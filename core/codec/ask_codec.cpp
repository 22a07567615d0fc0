#include "core/codec/ask_codec.hpp"

#include <algorithm>
#include <utility>

#include "core/codec/wire.hpp"

namespace tally::codec {
namespace {

Error bad(const char* what) {
  return make_error(Errc::kInvalid, what);
}

}  // namespace

pb_size_t put(const link::Ask& m, tally_wire_Envelope& out) {
  auto& w = out.message.ask;
  w.ask_id = m.ask_id;
  put_bytes(m.sale.bytes, w.sale_id);
  w.deadline_ms = static_cast<std::uint32_t>(std::max<std::int64_t>(0, m.deadline.ms));
  w.terminal = m.terminal.value;
  w.incarnation = m.incarnation.value;
  if (const auto* inquire = std::get_if<link::Inquire>(&m.question)) {
    w.which_question = tally_wire_Ask_inquire_tag;
    put_text(inquire->card_token, w.question.inquire.card_token);
  } else if (const auto* authorise = std::get_if<link::Authorise>(&m.question)) {
    w.which_question = tally_wire_Ask_authorise_tag;
    auto& a = w.question.authorise;
    put_text(authorise->card_token, a.card_token);
    a.points = authorise->points.value;
    a.bill_minor = authorise->bill.minor_units;
    a.currency = static_cast<std::uint32_t>(authorise->bill.currency);
    a.program_version = authorise->program.value;
  } else if (const auto* release = std::get_if<link::Release>(&m.question)) {
    w.which_question = tally_wire_Ask_release_tag;
    w.question.release.right_id = release->right.value;
  } else {
    w.which_question = tally_wire_Ask_sale_status_tag;
  }
  return tally_wire_Envelope_ask_tag;
}

pb_size_t put(const link::Answer& m, tally_wire_Envelope& out) {
  auto& w = out.message.answer;
  w.ask_id = m.ask_id;
  put_bytes(m.sale.bytes, w.sale_id);
  w.outcome = static_cast<tally_wire_AskOutcome>(m.outcome);
  if (m.member) {
    w.has_member = true;
    w.member.member_id = m.member->member.value;
    put_text(m.member->masked_name, w.member.masked_name);
    w.member.tier = m.member->tier;
    w.member.available_points = m.member->available.value;
    w.member.pending_points = m.member->pending.value;
    w.member.held_points = m.member->held.value;
    w.member.expiring_points = m.member->expiring.value;
    w.member.expiring_on = m.member->expiring_on.days;
    w.member.frozen = m.member->frozen;
    w.member.as_of_us = m.member->as_of.us;
  }
  if (m.right) {
    w.has_right = true;
    w.right.kind = static_cast<tally_wire_RightKind>(m.right->kind);
    w.right.id = m.right->id.value;
    w.right.epoch = m.right->epoch.value;
    w.right.points = m.right->points.value;
    w.right.member_id = m.right->member.value;
  }
  return tally_wire_Envelope_answer_tag;
}

Result<link::Ask> get(const tally_wire_Ask& w) {
  link::Ask m;
  m.ask_id = w.ask_id;
  if (!get_fixed(w.sale_id, m.sale.bytes)) {
    return bad("an ask's sale id has not 16 bytes");
  }
  m.deadline = Duration{w.deadline_ms};
  m.terminal = TerminalId{w.terminal};
  m.incarnation = Incarnation{w.incarnation};
  switch (w.which_question) {
    case tally_wire_Ask_inquire_tag:
      m.question = link::Inquire{w.question.inquire.card_token};
      break;
    case tally_wire_Ask_authorise_tag: {
      const auto& a = w.question.authorise;
      if (!amount_ok(a.points) || !amount_ok(a.bill_minor) || !currency_ok(a.currency)) {
        return bad("an authorisation's points, bill or currency is out of range");
      }
      m.question = link::Authorise{a.card_token,
                                   Points{a.points},
                                   Money{a.bill_minor, static_cast<Currency>(a.currency)},
                                   ProgramVersion{a.program_version}};
      break;
    }
    case tally_wire_Ask_release_tag:
      m.question = link::Release{RightId{w.question.release.right_id}};
      break;
    case tally_wire_Ask_sale_status_tag:
      m.question = link::SaleStatus{};
      break;
    default:
      return make_error(Errc::kUnsupported, "an ask holds no question this build knows");
  }
  return m;
}

Result<link::Answer> get(const tally_wire_Answer& w) {
  link::Answer m;
  m.ask_id = w.ask_id;
  if (!get_fixed(w.sale_id, m.sale.bytes)) {
    return bad("an answer's sale id has not 16 bytes");
  }
  if (!get_enum(w.outcome, link::AskOutcome::kNotEnoughPoints, m.outcome)) {
    return bad("an answer names no outcome");
  }
  if (w.has_member) {
    link::MemberView member;
    member.member = MemberId{w.member.member_id};
    member.masked_name = w.member.masked_name;
    member.tier = w.member.tier;
    member.available = Points{w.member.available_points};
    member.pending = Points{w.member.pending_points};
    member.held = Points{w.member.held_points};
    member.expiring = Points{w.member.expiring_points};
    member.expiring_on = BusinessDay{w.member.expiring_on};
    member.frozen = w.member.frozen;
    member.as_of = WallTime{w.member.as_of_us};
    m.member = std::move(member);
  }
  if (w.has_right) {
    link::GrantedRight right;
    if (!get_enum(w.right.kind, RightKind::kSlice, right.kind) || !amount_ok(w.right.points)) {
      return bad("a granted right's kind or points is out of range");
    }
    right.id = RightId{w.right.id};
    right.epoch = Epoch{w.right.epoch};
    right.points = Points{w.right.points};
    right.member = MemberId{w.right.member_id};
    m.right = right;
  }
  return m;
}

}  // namespace tally::codec
