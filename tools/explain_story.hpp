// What a ledger knows of a record, told in order and in both languages. Pure. Part of `tally
// explain`.
#pragma once

#include <optional>

#include "storage/ledger_story.hpp"
#include "tools/explain.hpp"

namespace tally::tools {

/// `receipt_mac` is that of a receipt's code, to say whether it is the stored record's.
Explanation tell_story(const storage::RecordStory& story, const std::optional<Mac>& receipt_mac);

}  // namespace tally::tools
