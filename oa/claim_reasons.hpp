// What became of a claimed receipt, for the page: the word of the API, or status and sentences of a
// refusal. No personal data.
#pragma once

#include <string_view>

#include "core/node/oa_claim.hpp"

#include "transport/http/message.hpp"

namespace tally::oa {

struct ClaimRefusal {
  int status = 409;
  transport::http::ErrorText text;
};

/// Whether a claim was answered with its record: posted now, or there before.
bool is_answered(node::ClaimOutcome outcome);

/// "waits", "posted", "here", "claimed_before": of an outcome that is_answered().
std::string_view claim_state_word(node::ClaimOutcome outcome);

/// Of every other outcome.
ClaimRefusal claim_refusal(const node::ClaimResult& result);

/// Of every outcome but kAwaitsSecond, kDeclaredBefore and kDead.
ClaimRefusal death_refusal(node::DeathOutcome outcome);

}  // namespace tally::oa
