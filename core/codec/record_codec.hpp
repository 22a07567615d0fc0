// Record bodies to and from bytes (proto/record.proto).
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/record/record.hpp"

namespace tally::codec {

/// Encodes the body. Errors: kExhausted when it exceeds record::kBodyBytesMax; kInvalid when a
/// string or list exceeds its bound, an amount its range, or header.kind is not that of the
/// business part.
Result<Bytes> encode_body(const record::Record& record);

/// Decodes a sealed record, header and body; the MAC is not checked. Errors: those of
/// peek_header(), and kInvalid when the body is damaged, an amount is negative or beyond
/// kAmountMax, or the business part is missing or another than the header's kind; kUnsupported when
/// the kind is unknown to this build.
Result<record::Record> decode_record(ByteView sealed);

/// An enrolment without what it says of the person: masked name and sealed fields empty, everything
/// else as it was, so its MAC is no longer that of its bytes (ADR-0024). Errors: those of
/// decode_record(), kInvalid for another kind.
Result<Bytes> redacted(ByteView sealed);

/// Whether a record is an enrolment that says nothing of a person.
bool is_redacted(ByteView sealed);

}  // namespace tally::codec
