// The ledger's rules: pure functions from a working set and one ask or record to the changes in
// that set. Each is repeat-safe: the transaction or sale row in the set decides. None fails; what
// the business does not allow is an outcome, what a caller forgot to read is a programming error.
// Nothing is durable until the store has written the set, and nothing may be answered before.
#pragma once

#include <string>

#include "core/ledger/policy.hpp"
#include "core/ledger/working_set.hpp"
#include "core/record/record.hpp"

namespace tally::ledger {

/// The terminal a sale id was made by.
TerminalId terminal_of(const SaleId& sale);

// --- members ---

struct EnrolRequest {
  std::string card_token;  ///< At most record::kCardTokenBytesMax bytes, not empty.
  std::string masked_name;
  std::uint32_t tier = 0;
};

/// The card an enrolment record is about: the one presented, or else the number it gave out.
const std::string& card_of_enrolment(const record::Record& record);

/// Makes a member with its first card. None when somebody has the card already. Plan: the card.
MemberId enrol(WorkingSet& set, const EnrolRequest& request, const LedgerTime& time);

// --- asks ---

/// Who asks; `sale` is the name under which ask and record plane meet.
struct Asker {
  TerminalId terminal;
  Incarnation incarnation;
  StoreId store;
  SaleId sale;
};

struct AuthoriseRequest {
  std::string card_token;
  Points points;
  Money bill;
  ProgramVersion program;
};

struct AskResult {
  AskOutcome outcome = AskOutcome::kUnavailable;
  MemberId member;  ///< When the card is known and the asker may see whose it is.
  RightId right;    ///< Of a hold that is granted now.
};

void plan_inquire(ReadPlan& plan, const std::string& card_token);
/// Who has this card. Changes nothing.
AskResult inquire(const WorkingSet& set, const std::string& card_token);

void plan_authorise(ReadPlan& plan, const Asker& asker, const AuthoriseRequest& request);
/// Reserves points for one sale: AVAILABLE → ESCROW of a new hold, which names its lots. The first
/// answer under a sale id is stored with the sale and given to every equal ask; another content is
/// kSaleMismatch. A sale id that was not made by the asking terminal is a mismatch and is not
/// stored.
AskResult authorise(WorkingSet& set,
                    const Asker& asker,
                    const AuthoriseRequest& request,
                    const Policy& policy,
                    const LedgerTime& time);

void plan_release(ReadPlan& plan, const Asker& asker);
/// Gives back whatever is held under the sale id and closes it, so that an authorisation still on
/// its way finds it closed. kSaleClosed when a record has settled the sale.
AskResult release(WorkingSet& set,
                  const Asker& asker,
                  const Policy& policy,
                  const LedgerTime& time);

/// What was answered under the sale id; kSaleClosed when it is settled; kOk without right when
/// nothing was asked. Changes nothing. Plan: as release().
AskResult sale_status(WorkingSet& set, const Asker& asker);

// --- records ---

/// What ingest knows of a record beside its content.
struct RecordContext {
  Mac mac{};
  StoreId store;                      ///< Of the terminal's enrolment.
  bool terminal_quarantined = false;  ///< The terminal showed two records under one id.
  bool claimed = false;               ///< From a receipt, before its stream: what it earns waits.
  LedgerTime time;
};

void plan_record(ReadPlan& plan, const record::Record& record, StoreId store);
/// Posts a fact, or says why a person has to look at it. MAC and chain were checked before.
Disposition apply(WorkingSet& set,
                  const record::Record& record,
                  const RecordContext& context,
                  const Policy& policy);

}  // namespace tally::ledger
