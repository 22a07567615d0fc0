// Erasing a member in the OA's ledger (docs/formats/directory.md, "Erasure"): the person goes, the
// pseudonym and its points stay. Inside an open transaction; on the ledger's thread.
#pragma once

#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/ledger/rules.hpp"

#include "storage/ledger_store.hpp"

namespace tally::storage {

/// In order of precedence.
enum class ErasureOutcome : std::uint8_t {
  kDone,
  kNoMember,
  kBefore,  ///< Erased already.
};

/// Freezes the member, empties the masked name, destroys the row in `person` with its wrapped key,
/// takes what a till's enrolment said of the person out of the stored record (ADR-0024), and notes
/// the version of the directory that every gateway has to acknowledge. With it go those that were
/// merged into it: they are the same person. The transaction is the caller's to commit, and the log
/// to be emptied behind it (Db::checkpoint()). Errors: those of the store.
Result<ErasureOutcome> erase_member(LedgerStore& store,
                                    MemberId member,
                                    std::string_view user,
                                    std::string_view reason,
                                    const ledger::LedgerTime& time);

}  // namespace tally::storage
