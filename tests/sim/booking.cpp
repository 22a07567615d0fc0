#include "tests/sim/booking.hpp"

#include <utility>

#include "core/base/assert.hpp"

#include "tests/sim/day_rules.hpp"

namespace tally::sim {

using ledger::AccountKind;
using ledger::TransferCode;
using ledger::TxnKind;

void read_bookings(storage::Db& db, const std::function<bool(Booking)>& take) {
  auto legs = db.prepare(
      "SELECT from_kind, from_owner, to_kind, to_owner, points, code, expires_on, issuer, lot, txn "
      "FROM transfer ORDER BY txn, leg");
  auto rows = db.prepare(
      "SELECT id, member, kind, terminal, incarnation, boot, seq, sale, posted_us, points, "
      "bill_minor, discount_minor, about, cause FROM txn ORDER BY id");
  TALLY_ASSERT(legs.has_value() && rows.has_value());
  bool leg_there = legs->step().value_or(false);
  while (rows->step().value_or(false)) {
    Booking booking;
    booking.id = rows->int64(0);
    booking.member = rows->int64(1);
    booking.kind = static_cast<TxnKind>(rows->int64(2));
    if (!rows->is_null(3)) {
      booking.record = RecordId{TerminalId{rows->uint32(3)},
                                Incarnation{rows->uint32(4)},
                                BootId{rows->uint64(5)},
                                Seq{rows->uint64(6)}};
    }
    if (const auto sale = rows->array<16>(7)) {
      booking.sale = SaleId{*sale};
    }
    booking.posted_on = calendar_day(WallTime{rows->int64(8)});
    booking.points = rows->int64(9);
    booking.bill = rows->int64(10);
    booking.discount = rows->int64(11);
    booking.about = rows->int64(12);
    booking.cause = rows->int64(13);
    for (; leg_there && legs->int64(9) == booking.id; leg_there = legs->step().value_or(false)) {
      booking.legs.push_back({static_cast<AccountKind>(legs->int64(0)),
                              legs->int64(1),
                              static_cast<AccountKind>(legs->int64(2)),
                              legs->int64(3),
                              legs->int64(4),
                              static_cast<TransferCode>(legs->int64(5)),
                              legs->int64(6),
                              legs->int64(7),
                              legs->int64(8)});
    }
    if (!take(std::move(booking))) {
      return;
    }
  }
}

void broken(Verdict& verdict,
            const char* invariant,
            const Booking& booking,
            const std::string& text) {
  verdict.violated(invariant, "transaction " + std::to_string(booking.id) + ": " + text);
}

}  // namespace tally::sim
