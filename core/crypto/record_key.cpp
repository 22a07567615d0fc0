#include "core/crypto/record_key.hpp"

#include <algorithm>

namespace tally::crypto {

namespace {

// Labels keep the uses of one key apart: no record starts with them (its first bytes are a format
// version), so a record's MAC never passes as a statement's.
constexpr std::string_view kRecordKeyLabel = "tallystick record key v1";
constexpr std::string_view kAppliedLabel = "tallystick applied v1";

template <class T>
ByteArray<sizeof(T)> be(T value) {
  ByteArray<sizeof(T)> bytes;
  store_be(value, bytes.data());
  return bytes;
}

void append(Bytes& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

Key256 derive_record_key(const SharedSecret& shared,
                         TerminalId terminal,
                         Incarnation incarnation,
                         std::uint16_t key_version) {
  Bytes info;
  append(info, as_bytes(kRecordKeyLabel));
  append(info, be(terminal.value));
  append(info, be(incarnation.value));
  append(info, be(key_version));
  const Bytes derived = hkdf_sha256({}, shared, info, sizeof(Key256));
  Key256 key;
  std::copy(derived.begin(), derived.end(), key.begin());
  return key;
}

Mac make_applied_statement_mac(const Key256& key, StreamId stream, Seq seq, const Mac& chain_mac) {
  return mac16(key,
               as_bytes(kAppliedLabel),
               be(stream.terminal.value),
               be(stream.incarnation.value),
               be(seq.value),
               chain_mac);
}

}  // namespace tally::crypto
