// Why an office act was not done, for the page: status and sentences in both languages. No personal
// data.
#pragma once

#include "core/ledger/office.hpp"

#include "transport/http/message.hpp"

namespace tally::oa {

struct ActRefusal {
  int status = 409;
  transport::http::ErrorText text;
};

/// Of every outcome but kDone and kNeedsChecker, which are no refusals.
ActRefusal act_refusal(ledger::ActOutcome outcome);

}  // namespace tally::oa
