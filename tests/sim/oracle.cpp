#include "tests/sim/oracle.hpp"

#include "core/base/assert.hpp"
#include "core/codec/record_codec.hpp"
#include "core/record/seal.hpp"

namespace tally::sim {
namespace {

std::vector<record::Record> all_records(TerminalHost& terminal) {
  std::vector<record::Record> records;
  const std::uint64_t head = terminal.node().synced_head().seq.value;
  while (records.size() < head) {
    const auto rows = terminal.journal().read(Seq{records.size() + 1}, 1'000, SIZE_MAX);
    TALLY_ASSERT(rows.has_value() && !rows->empty());
    for (const node::JournalRow& row : *rows) {
      const auto record = codec::decode_record(row.bytes);
      TALLY_ASSERT(record.has_value() && record::verify_mac(row.bytes, terminal.setup().key));
      records.push_back(*record);
    }
  }
  return records;
}

}  // namespace

JournalFold fold(TerminalHost& terminal) {
  const std::vector<record::Record> records = all_records(terminal);
  JournalFold out;
  out.records = records.size();
  std::set<Seq> cancelled;
  std::set<Seq> reversed;
  for (const record::Record& record : records) {
    if (const auto* cancel = std::get_if<record::Void>(&record.business)) {
      cancelled.insert(cancel->original.seq);
    } else if (const auto* reversal = std::get_if<record::Reversal>(&record.business);
               reversal && reversal->original) {
      cancelled.insert(reversal->original->seq);
      reversed.insert(reversal->original->seq);
    }
  }
  std::map<SaleId, std::string> first_of_sale;
  for (const record::Record& record : records) {
    const auto* accrual = std::get_if<record::Accrual>(&record.business);
    const auto* redemption = std::get_if<record::Redemption>(&record.business);
    if (accrual == nullptr && redemption == nullptr) {
      continue;
    }
    const auto [first, is_new] =
        first_of_sale.try_emplace(record.sale, record::receipt_number(record.header.id));
    auto& [earned, redeemed] = out.sales[first->second];
    if (reversed.contains(record.header.id.seq)) {
      out.reversed.insert(first->second);
    }
    if (cancelled.contains(record.header.id.seq)) {
      continue;
    }
    const std::int64_t points =
        accrual != nullptr ? accrual->points.value : -redemption->points.value;
    out.points_by_card[record.card_token] += points;
    (accrual != nullptr ? earned : redeemed) += accrual != nullptr ? points : -points;
  }
  return out;
}

std::vector<std::string> check_seen(const TerminalHost& terminal, const JournalFold& fold) {
  std::vector<std::string> breaches;
  for (const Seen& seen : terminal.seen()) {
    if (seen.voided) {
      continue;
    }
    const auto sale = fold.sales.find(seen.receipt_number);
    if (sale == fold.sales.end()) {
      breaches.push_back("a sale was shown approved but is not in the journal: " +
                         seen.receipt_number);
      continue;
    }
    const auto& [earned, redeemed] = sale->second;
    if (fold.reversed.contains(seen.receipt_number)) {
      breaches.push_back("a sale was shown approved and then reversed as never shown: " +
                         seen.receipt_number);
    }
    const bool stands = earned == seen.earned.value && redeemed == seen.redeemed.value;
    const bool voided_whole = earned == 0 && redeemed == 0;
    if (!stands && !voided_whole) {
      breaches.push_back("a sale stands with other points than were shown: " + seen.receipt_number);
    }
  }
  return breaches;
}

}  // namespace tally::sim
