#include "core/codec/directory_codec.hpp"

#include "core/base/try.hpp"
#include "core/codec/wire.hpp"

namespace tally::codec {
namespace {

constexpr std::uint32_t kFrozenBit = 1;
constexpr std::uint32_t kDeniedBit = 2;

Error bad(const char* what) {
  return make_error(Errc::kInvalid, what);
}

void put_entry(const link::DirectoryEntry& entry, tally_wire_DirectoryEntry& w) {
  w.member_id = entry.member.value;
  if (entry.token_hash) {
    put_bytes(*entry.token_hash, w.token_hash);
  }
  put_text(entry.masked_name, w.masked_name);
  w.tier = entry.tier;
  w.balance_points = entry.balance.value;
  w.balance_as_of_us = entry.balance_as_of.us;
  w.expiring_points = entry.expiring.value;
  w.expiring_on = entry.expiring_on.days;
  w.flags = (entry.frozen ? kFrozenBit : 0U) | (entry.denied ? kDeniedBit : 0U);
  w.erased = entry.erased;
}

Result<link::DirectoryEntry> get_entry(const tally_wire_DirectoryEntry& w) {
  link::DirectoryEntry entry;
  entry.member = MemberId{w.member_id};
  if (w.member_id <= 0 || !amount_ok(w.balance_points) || !amount_ok(w.expiring_points)) {
    return bad("a directory entry's member or points are out of range");
  }
  if (w.token_hash.size > 0) {
    Mac hash{};
    if (!get_fixed(w.token_hash, hash)) {
      return bad("a directory entry's hash has not 16 bytes");
    }
    entry.token_hash = hash;
  }
  entry.masked_name = w.masked_name;
  entry.tier = w.tier;
  entry.balance = Points{w.balance_points};
  entry.balance_as_of = WallTime{w.balance_as_of_us};
  entry.expiring = Points{w.expiring_points};
  entry.expiring_on = BusinessDay{w.expiring_on};
  entry.frozen = (w.flags & kFrozenBit) != 0;
  entry.denied = (w.flags & kDeniedBit) != 0;
  entry.erased = w.erased;
  return entry;
}

}  // namespace

pb_size_t put(const link::DirectoryChunk& m, tally_wire_Envelope& out) {
  auto& w = out.message.directory_chunk;
  TALLY_ASSERT(m.entries.size() <= link::kDirectoryEntriesMax);
  w.version = m.version;
  w.base_version = m.base;
  w.last = m.last;
  for (const link::DirectoryEntry& entry : m.entries) {
    put_entry(entry, w.entries[w.entries_count++]);
  }
  return tally_wire_Envelope_directory_chunk_tag;
}

pb_size_t put(const link::DirectoryAck& m, tally_wire_Envelope& out) {
  out.message.directory_ack.version = m.version;
  return tally_wire_Envelope_directory_ack_tag;
}

pb_size_t put(const link::DirectoryKey& m, tally_wire_Envelope& out) {
  put_bytes(m.key, out.message.directory_key.key);
  return tally_wire_Envelope_directory_key_tag;
}

pb_size_t put(const link::NumberRequest& m, tally_wire_Envelope& out) {
  out.message.number_request.count = m.count;
  return tally_wire_Envelope_number_request_tag;
}

pb_size_t put(const link::NumberBlock& m, tally_wire_Envelope& out) {
  out.message.number_block.first = m.first;
  out.message.number_block.count = m.count;
  return tally_wire_Envelope_number_block_tag;
}

Result<link::DirectoryChunk> get(const tally_wire_DirectoryChunk& w) {
  link::DirectoryChunk m;
  m.version = w.version;
  m.base = w.base_version;
  m.last = w.last;
  if (m.version < m.base) {
    return bad("a directory chunk goes backwards");
  }
  m.entries.reserve(w.entries_count);
  for (pb_size_t i = 0; i < w.entries_count; ++i) {
    TALLY_TRY_ASSIGN(link::DirectoryEntry entry, get_entry(w.entries[i]));
    m.entries.push_back(std::move(entry));
  }
  return m;
}

Result<link::DirectoryKey> get(const tally_wire_DirectoryKey& w) {
  link::DirectoryKey m;
  if (w.key.size != m.key.size() || !get_fixed(w.key, m.key)) {
    return bad("a directory key has not 32 bytes");
  }
  return m;
}

Result<link::NumberRequest> get(const tally_wire_NumberRequest& w) {
  if (w.count == 0 || w.count > link::kNumbersMax) {
    return bad("a request for no numbers or too many");
  }
  return link::NumberRequest{w.count};
}

Result<link::NumberBlock> get(const tally_wire_NumberBlock& w) {
  if (w.count == 0 || w.count > link::kNumbersMax || w.first == 0) {
    return bad("a block of no numbers or too many");
  }
  return link::NumberBlock{w.first, w.count};
}

}  // namespace tally::codec
