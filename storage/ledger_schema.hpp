// The tables of the OA's ledger (docs/formats/ledger.md). Every member-owned table starts its key
// with the shard.
#pragma once

#include "core/base/ids.hpp"

#include "storage/db.hpp"

namespace tally::storage {

extern const Schema kLedgerSchema;

inline constexpr std::uint32_t kShards = 256;

/// The shard of a member's rows: 0…255. Of rows that concern no member: shard 0.
std::uint32_t shard_of(MemberId member);

}  // namespace tally::storage
