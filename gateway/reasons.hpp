// Why a connection was refused or is down, as a word for programs and as sentences for the store
// manager, in both languages. No personal data.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/link/messages.hpp"

namespace tally::gateway {

/// Sentences of one reason; literals.
struct Reason {
  std::string_view code;  ///< snake_case, never changes.
  std::string_view text_zh;
  std::string_view text_en;
  std::string_view what_to_do_zh;
  std::string_view what_to_do_en;
};

/// A terminal's connection that was closed for this reason.
Reason terminal_reason(link::CloseReason reason);
/// A connection that ended before its certificate was accepted.
Reason handshake_reason(const Error& cause);
/// The office closed the uplink, or we did, for this reason.
Reason uplink_reason(link::CloseReason reason);
/// The uplink could not be made or was lost.
Reason uplink_reason(const Error& cause);
/// The name of a close reason as the page's API spells it: "identity_in_use".
std::string snake_name(link::CloseReason reason);

}  // namespace tally::gateway
