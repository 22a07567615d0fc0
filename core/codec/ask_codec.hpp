// The messages of the ask plane to and from their wire structs; private to core/codec.
#pragma once

#include "proto/link.pb.h"

#include "core/base/result.hpp"
#include "core/link/messages.hpp"

namespace tally::codec {

/// Each fills its part of the envelope and names the tag.
pb_size_t put(const link::Ask& m, tally_wire_Envelope& out);
pb_size_t put(const link::Answer& m, tally_wire_Envelope& out);

/// Errors: kInvalid when an id, amount or enum is out of its range; kUnsupported for a question of
/// a newer version.
Result<link::Ask> get(const tally_wire_Ask& w);
Result<link::Answer> get(const tally_wire_Answer& w);

}  // namespace tally::codec
