// A customer's receipt re-creates a record that its terminal may never send
// (docs/formats/ledger.md, "Claims"). Like the rest of the OA's machine on the writer thread; all
// inside an open transaction.
#pragma once

#include <string>
#include <string_view>

#include "core/ledger/ledger_store.hpp"
#include "core/ledger/rules.hpp"
#include "core/node/oa_registry.hpp"
#include "core/record/header.hpp"

namespace tally::node {

/// In order of precedence. Only kWaits and kPosted have changed anything.
enum class ClaimOutcome : std::uint8_t {
  kNotAReceipt,      ///< The text is no receipt code, or one of a newer kind.
  kUnknownTerminal,  ///< No terminal of ours made it.
  kForged,           ///< Not made with that terminal's key, or changed.
  kNotClaimable,     ///< Neither an accrual nor a redemption.
  kHere,             ///< The record came with its stream; nothing was missing.
  kClaimedBefore,
  kOtherContent,         ///< Another record stands under its id: a person has to look at it.
  kTerminalQuarantined,  ///< Its terminal has shown two records under one id.
  kRefused,              ///< It cannot be posted; see `reason`.
  kWaits,                ///< Posted; what it earned waits until the stream has passed.
  kPosted,               ///< Posted for good: a redemption, or the stream was past its place.
};

struct ClaimResult {
  ClaimOutcome outcome = ClaimOutcome::kNotAReceipt;
  RecordId record;
  record::RecordKind kind = record::RecordKind::kNote;
  MemberId member;
  Points points;
  ledger::QuarantineReason reason = ledger::QuarantineReason::kUnknownCard;
};

/// Who claims and when, under which program.
struct ClaimContext {
  std::string by;
  const ledger::Policy& policy;
  ledger::LedgerTime time;
};

/// Posts what a receipt code says, once. Errors: those of the store.
Result<ClaimResult> claim_receipt(ledger::LedgerStore& store,
                                  OaRegistry& registry,
                                  std::string_view code,
                                  const ClaimContext& context);

/// Frees the claims of a stream up to a place: it has passed them. Errors: those of the store.
Result<std::size_t> free_claims(ledger::LedgerStore& store,
                                StreamId stream,
                                Seq up_to,
                                const ledger::Policy& policy,
                                const ledger::LedgerTime& time);

/// In order of precedence.
enum class DeathOutcome : std::uint8_t {
  kUnknownTerminal,
  kSamePerson,      ///< The second has to be somebody else.
  kDeclaredBefore,  ///< By two already.
  kAwaitsSecond,
  kDead,  ///< Two have said so: what was claimed of it is free.
};

/// Somebody says that this enrolment of a terminal will never send again. It may be wrong: records
/// that come nevertheless post, or find themselves posted. Errors: those of the store.
Result<DeathOutcome> declare_dead(ledger::LedgerStore& store,
                                  OaRegistry& registry,
                                  StreamId stream,
                                  const ClaimContext& context);

}  // namespace tally::node
