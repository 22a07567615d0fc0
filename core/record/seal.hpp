// Signs and verifies records: sealed = header (44) | body | MAC (16), where the MAC is the first 16
// bytes of HMAC-SHA256(K, header | body). K is the record key that terminal and OA agreed on end to
// end.
#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/record/header.hpp"

namespace tally::record {

using RecordKey = ByteArray<32>;

/// Seals a body under its header. Errors: kInvalid when the body exceeds kBodyBytesMax.
Result<Bytes> seal(const Header& header, ByteView body, const RecordKey& key);

/// Whether the MAC of a sealed record that peek_header() accepted is right; constant time in the
/// MAC.
bool verify_mac(ByteView sealed, const RecordKey& key);

/// The text of the QR code on a receipt: "TR1:" and base45 of version, record id and MAC in clear,
/// then header remainder and body encrypted with AES-256-CTR under a key derived from K; the
/// record's MAC is the synthetic initial vector, so equal text means equal record (RFC 5297's
/// construction). Errors: kInvalid when `sealed` is not a record.
Result<std::string> receipt_code(ByteView sealed, const RecordKey& key);

/// What is readable on a receipt code without a key.
struct ReceiptCodeId {
  RecordId id;
  std::uint16_t key_version = 0;
  Mac mac{};
};

/// Errors: kInvalid when the text is not a receipt code, kUnsupported for another version of it.
Result<ReceiptCodeId> peek_receipt_code(std::string_view text);

/// Gives the sealed record back. Errors: as peek_receipt_code(); kDenied when the key is not the
/// one the code was made with or the code was changed.
Result<Bytes> open_receipt_code(std::string_view text, const RecordKey& key);

}  // namespace tally::record
