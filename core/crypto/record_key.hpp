// The key K under which a terminal MACs its records and the OA its APPLIED statements
// (docs/formats/record.md): agreed end to end by ECDH, never seen by a gateway, browser or carrier.
// Pure functions.
#pragma once

#include "core/base/ids.hpp"
#include "core/crypto/mac.hpp"

namespace tally::crypto {

/// What ECDH on P-256 gives: the x coordinate.
using SharedSecret = ByteArray<32>;

/// K of one enrolment and key version:
/// HKDF-SHA256(no salt, shared, "tallystick record key v1" | terminal | incarnation | key_version).
Key256 derive_record_key(const SharedSecret& shared,
                         TerminalId terminal,
                         Incarnation incarnation,
                         std::uint16_t key_version);

/// The OA's statement "every record of `stream` up to `seq`, where the chain stands at
/// `chain_mac`, was posted or put into business quarantine", MACed with that terminal's K:
/// first 16 bytes of HMAC-SHA256(K, "tallystick applied v1" | terminal | incarnation | seq |
/// chain_mac). Compare with equal_in_constant_time().
Mac make_applied_statement_mac(const Key256& key, StreamId stream, Seq seq, const Mac& chain_mac);

}  // namespace tally::crypto
