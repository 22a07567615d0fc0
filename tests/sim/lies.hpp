// What a node that lies does to a message on its way.
#pragma once

#include "core/link/messages.hpp"

#include "tests/sim/clockwork.hpp"

namespace tally::sim {

/// Flips a bit of one record, behind its fixed head: in the body or, half of the time, the MAC.
void flip_bit(link::RecordBatch& batch, Clockwork& clockwork);

/// Leaves a record out, not the last one. False when there is only one.
bool leave_one_out(link::RecordBatch& batch, Clockwork& clockwork);

}  // namespace tally::sim
