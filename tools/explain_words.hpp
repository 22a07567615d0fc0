// Words and sentences of `tally explain` in both languages. Pure.
#pragma once

#include <string>

#include "core/ledger/txn.hpp"
#include "core/record/record.hpp"

#include "storage/office_acts.hpp"
#include "tools/explain.hpp"

namespace tally::tools {

/// "2026-11-22"; never expiring days read so.
Sentence words_of(BusinessDay day);
/// UTC, to the second.
std::string time_text(WallTime at);
std::string money_text(Money money);

Sentence words_of(ledger::TxnKind kind);
Sentence words_of(const ledger::AccountKey& account);
Sentence words_of(ledger::TransferCode code);
Sentence words_of(ledger::QuarantineReason reason);
/// " of lot 3 (store 7, until …)"; empty when there is none.
Sentence words_of(const ledger::LotRef& lot);
/// Who did an office act and why.
Sentence words_of(const storage::OfficeActRow& act);

}  // namespace tally::tools
