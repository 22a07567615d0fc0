// Directory and number messages to and from their wire structs; private to core/codec.
#pragma once

#include "proto/link.pb.h"

#include "core/base/result.hpp"
#include "core/link/directory_messages.hpp"

namespace tally::codec {

/// Each fills its part of the envelope and names the tag. More entries than the schema allows are a
/// programming error.
pb_size_t put(const link::DirectoryChunk& m, tally_wire_Envelope& out);
pb_size_t put(const link::DirectoryAck& m, tally_wire_Envelope& out);
pb_size_t put(const link::DirectoryKey& m, tally_wire_Envelope& out);
pb_size_t put(const link::NumberRequest& m, tally_wire_Envelope& out);
pb_size_t put(const link::NumberBlock& m, tally_wire_Envelope& out);

/// Errors: kInvalid when a hash, key, amount or count is out of its range.
Result<link::DirectoryChunk> get(const tally_wire_DirectoryChunk& w);
Result<link::DirectoryKey> get(const tally_wire_DirectoryKey& w);
Result<link::NumberRequest> get(const tally_wire_NumberRequest& w);
Result<link::NumberBlock> get(const tally_wire_NumberBlock& w);

}  // namespace tally::codec
