// Posting what waited in quarantine for its card.
#include <optional>
#include <utility>
#include <vector>

#include "core/base/try.hpp"
#include "core/codec/record_codec.hpp"
#include "core/node/oa_node.hpp"

namespace tally::node {
namespace {

using ledger::Disposition;

/// Read and posted in one go.
constexpr std::size_t kWaitingMax = 256;

}  // namespace

Result<std::size_t> post_waiting(ledger::LedgerStore& store,
                                 const std::string& card_token,
                                 const ledger::Policy& policy,
                                 const ledger::LedgerTime& time) {
  std::size_t posted = 0;
  for (;;) {
    TALLY_TRY_ASSIGN(const auto waiting, store.waiting_for(card_token, kWaitingMax));
    ledger::ReadPlan plan;
    std::vector<std::optional<record::Record>> records;
    for (const ledger::WaitingRecord& row : waiting) {
      Result<record::Record> record = codec::decode_record(row.sealed);
      if (record) {
        ledger::plan_record(plan, *record, row.store);
        records.emplace_back(std::move(*record));
      } else {
        records.emplace_back(std::nullopt);
      }
    }
    TALLY_TRY_ASSIGN(ledger::WorkingSet set, store.read(std::move(plan)));
    ledger::IngestChanges changes;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (!records[i]) {
        continue;
      }
      ledger::RecordContext context;
      context.mac = record::peek_mac(waiting[i].sealed);
      context.store = waiting[i].store;
      context.time = time;
      const Disposition disposition = ledger::apply(set, *records[i], context, policy);
      if (disposition.kind != Disposition::Kind::kQuarantined) {
        changes.repaired.push_back(waiting[i].number);
      }
    }
    if (changes.repaired.empty()) {
      return posted;
    }
    TALLY_TRY(store.write(set, changes));
    posted += changes.repaired.size();
  }
}

}  // namespace tally::node
