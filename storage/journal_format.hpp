// Layout shared by the writers and readers of both journals, the audit included. Described in
// docs/formats/journal.md.
#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"

#include "storage/db.hpp"

namespace tally::storage {

inline constexpr std::int32_t kTerminalJournalKind = 0x54530101;  ///< "TS", journal, terminal.
inline constexpr std::int32_t kGatewayJournalKind = 0x54530102;
inline constexpr std::int32_t kGatewayDirectoryKind = 0x54530104;

const Schema& terminal_journal_schema();
const Schema& gateway_journal_schema();

/// CRC-32C of seq (8 bytes), made_at (8) and the sealed record.
std::uint32_t journal_row_crc(Seq seq, WallTime made_at, ByteView sealed);

/// CRC-32C of terminal (4), incarnation (4), first seq (8), count (4), received_at (8) and the
/// packed records.
std::uint32_t packed_row_crc(
    StreamId stream, Seq first, std::uint32_t count, WallTime received_at, ByteView packed);

/// A kCorrupt or kInvalid error that carries a sequence number as its detail (low 31 bits).
Error error_at(Errc code,
               const char* what,
               Seq seq,
               std::source_location where = std::source_location::current());

}  // namespace tally::storage
