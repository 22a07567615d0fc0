#include "storage/journal_format.hpp"

#include "core/base/crc32c.hpp"

namespace tally::storage {
namespace {

constexpr Migration kTerminalSteps[] = {{1, R"sql(
CREATE TABLE node(
  id            INTEGER PRIMARY KEY CHECK (id = 1),
  terminal      INTEGER NOT NULL,
  incarnation   INTEGER NOT NULL,
  head_seq      INTEGER NOT NULL DEFAULT 0,
  head_mac      BLOB    NOT NULL DEFAULT (zeroblob(16)) CHECK (length(head_mac) = 16),
  received_seq  INTEGER NOT NULL DEFAULT 0,
  received_mac  BLOB    NOT NULL DEFAULT (zeroblob(16)) CHECK (length(received_mac) = 16),
  applied_seq   INTEGER NOT NULL DEFAULT 0,
  applied_mac   BLOB    NOT NULL DEFAULT (zeroblob(16)) CHECK (length(applied_mac) = 16),
  time_floor_us INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE record(
  seq        INTEGER PRIMARY KEY,
  made_at_us INTEGER NOT NULL,
  shown      INTEGER NOT NULL DEFAULT 0 CHECK (shown IN (0, 1)),
  crc        INTEGER NOT NULL,
  sealed     BLOB    NOT NULL
) STRICT;
CREATE INDEX record_unshown ON record(seq) WHERE shown = 0;
CREATE TABLE open_sale(
  sale BLOB PRIMARY KEY CHECK (length(sale) = 16)
) STRICT, WITHOUT ROWID;
)sql"},
                                        {2, R"sql(
CREATE TABLE cancelled(
  id             INTEGER PRIMARY KEY,
  terminal       INTEGER NOT NULL,
  incarnation    INTEGER NOT NULL,
  boot           INTEGER NOT NULL,
  seq            INTEGER NOT NULL,
  by             INTEGER NOT NULL CHECK (by IN (1, 2)),
  whole          INTEGER NOT NULL CHECK (whole IN (0, 1)),
  returned_minor INTEGER NOT NULL CHECK (returned_minor >= 0),
  UNIQUE (terminal, incarnation, boot, seq)
) STRICT;
)sql"},
                                        {3, R"sql(
ALTER TABLE node ADD COLUMN anchor_us             INTEGER;
ALTER TABLE node ADD COLUMN anchor_chip_ahead_us  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE node ADD COLUMN anchor_uncertainty_us INTEGER NOT NULL DEFAULT 0;
)sql"},
                                        {4, R"sql(
CREATE TABLE recent_member(
  token_hash  BLOB PRIMARY KEY CHECK (length(token_hash) = 16),
  member      INTEGER NOT NULL,
  masked_name TEXT    NOT NULL,
  tier        INTEGER NOT NULL,
  available   INTEGER NOT NULL,
  pending     INTEGER NOT NULL,
  expiring    INTEGER NOT NULL,
  expiring_on INTEGER NOT NULL,
  as_of_us    INTEGER NOT NULL,
  crc         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql"}};

constexpr Migration kGatewaySteps[] = {{1, R"sql(
CREATE TABLE node(
  id            INTEGER PRIMARY KEY CHECK (id = 1),
  gateway       INTEGER NOT NULL,
  time_floor_us INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE stream(
  terminal      INTEGER NOT NULL,
  incarnation   INTEGER NOT NULL,
  received_seq  INTEGER NOT NULL DEFAULT 0,
  received_mac  BLOB    NOT NULL DEFAULT (zeroblob(16)) CHECK (length(received_mac) = 16),
  forwarded_seq INTEGER NOT NULL DEFAULT 0,
  forwarded_mac BLOB    NOT NULL DEFAULT (zeroblob(16)) CHECK (length(forwarded_mac) = 16),
  applied_seq   INTEGER NOT NULL DEFAULT 0,
  applied_mac   BLOB    NOT NULL DEFAULT (zeroblob(16)) CHECK (length(applied_mac) = 16),
  statement_mac BLOB    NOT NULL DEFAULT (zeroblob(16)) CHECK (length(statement_mac) = 16),
  archived_seq  INTEGER NOT NULL DEFAULT 0,
  archived_mac  BLOB    NOT NULL DEFAULT (zeroblob(16)) CHECK (length(archived_mac) = 16),
  opened_at_us  INTEGER NOT NULL,
  PRIMARY KEY (terminal, incarnation)
) STRICT, WITHOUT ROWID;
CREATE TABLE packed(
  id             INTEGER PRIMARY KEY,
  terminal       INTEGER NOT NULL,
  incarnation    INTEGER NOT NULL,
  first_seq      INTEGER NOT NULL CHECK (first_seq > 0),
  count          INTEGER NOT NULL CHECK (count > 0),
  received_at_us INTEGER NOT NULL,
  crc            INTEGER NOT NULL,
  records        BLOB    NOT NULL,
  UNIQUE (terminal, incarnation, first_seq),
  FOREIGN KEY (terminal, incarnation) REFERENCES stream(terminal, incarnation)
) STRICT;
)sql"},
                                       {2, R"sql(
ALTER TABLE node ADD COLUMN ledger_stamp INTEGER NOT NULL DEFAULT 1;
)sql"}};

constexpr Schema kTerminalSchema{kTerminalJournalKind, kTerminalSteps, true};
constexpr Schema kGatewaySchema{kGatewayJournalKind, kGatewaySteps, true};

}  // namespace

const Schema& terminal_journal_schema() {
  return kTerminalSchema;
}
const Schema& gateway_journal_schema() {
  return kGatewaySchema;
}

std::uint32_t journal_row_crc(Seq seq, WallTime made_at, ByteView sealed) {
  ByteArray<16> head{};
  store_be(seq.value, head.data());
  store_be(static_cast<std::uint64_t>(made_at.us), head.data() + 8);
  return crc32c(sealed, crc32c(head));
}

std::uint32_t packed_row_crc(
    StreamId stream, Seq first, std::uint32_t count, WallTime received_at, ByteView packed) {
  ByteArray<28> head{};
  store_be(stream.terminal.value, head.data());
  store_be(stream.incarnation.value, head.data() + 4);
  store_be(first.value, head.data() + 8);
  store_be(count, head.data() + 16);
  store_be(static_cast<std::uint64_t>(received_at.us), head.data() + 20);
  return crc32c(packed, crc32c(head));
}

Error error_at(Errc code, const char* what, Seq seq, std::source_location where) {
  return make_error(code, what, static_cast<std::int32_t>(seq.value & 0x7fffffffU), where);
}

}  // namespace tally::storage
