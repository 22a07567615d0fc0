#include "core/ledger/sale_rights.hpp"

#include "core/base/mutant.hpp"
#include "core/ledger/posting.hpp"

namespace tally::ledger {

void release_rights_of_sale(const RuleContext& context, const SaleId& sale) {
  const auto& [set, policy, time] = context;
  for (const RightId id : set.rights_of_sale(sale)) {
    Right& right = *set.right(id);
    if (right.state != RightState::kGranted) {
      continue;
    }
    const std::vector<Lot> rest = return_rest(right);
    if (!TALLY_MUTANT("right/release-not-stored")) {
      set.touch_right(id);
    }
    if (rest.empty()) {
      continue;
    }
    Txn txn;
    txn.kind = TxnKind::kRelease;
    txn.member = right.member;
    txn.sale = sale;
    txn.store = right.store;
    txn.terminal = TerminalId{right.holder};
    txn.business_day = time.today;
    txn.happened_at = time.now;
    txn.posted_at = time.now;
    Posting posting(set, std::move(txn));
    for (const Lot& part : rest) {
      const bool mixed_up = TALLY_MUTANT("lot-order/released-into-first-lot");
      const LotRef& source = mixed_up ? rest.front().ref : part.ref;
      const LotRef lot = returned_to(source, time.today, policy);
      posting.credit(escrow(id), lot, part.points, TransferCode::kRelease);
      posting.txn().points += part.points;
    }
    posting.settle();
    posting.finish();
  }
}

}  // namespace tally::ledger
