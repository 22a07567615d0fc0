#include "tools/audit_chain.hpp"

#include <map>
#include <optional>

#include "core/base/try.hpp"
#include "core/codec/record_codec.hpp"
#include "core/crypto/sealed_value.hpp"
#include "core/record/seal.hpp"

namespace tally::tools {

using storage::Db;
using storage::Statement;

namespace {

/// The version under which every terminal's key is agreed today.
constexpr std::uint16_t kKeyVersion = 1;

using Keys = std::map<StreamId, std::optional<crypto::Key256>>;

std::string row_of(StreamId stream) {
  return "terminal " + std::to_string(stream.terminal.value) + ", incarnation " +
         std::to_string(stream.incarnation.value);
}

Result<Keys> record_keys(Db& oa,
                         const std::string& database,
                         const crypto::Key256& wrapping,
                         AuditReport& report) {
  TALLY_TRY_ASSIGN(Statement rows,
                   oa.prepare("SELECT node, incarnation, wrapped_key FROM device "
                              "WHERE role = 1 AND length(wrapped_key) > 0"));
  Keys keys;
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      return keys;
    }
    const StreamId stream{TerminalId{rows.uint32(0)}, Incarnation{rows.uint32(1)}};
    const Result<Bytes> bytes =
        crypto::open_sealed_value(wrapping, crypto::associated_with(stream), rows.blob(2));
    const Result<crypto::Key256> key = bytes ? crypto::key_from(*bytes) : Error(bytes.error());
    keys[stream] = key ? std::optional(*key) : std::nullopt;
    if (!key) {
      report.add({"chain",
                  database,
                  "device",
                  row_of(stream),
                  "its record key does not open with this master key"});
    }
  }
}

}  // namespace

Status audit_chain(Db& oa,
                   const std::string& database,
                   const crypto::Key256& master,
                   AuditReport& report) {
  TALLY_TRY_ASSIGN(const Keys keys,
                   record_keys(oa, database, crypto::derive_record_wrapping_key(master), report));
  TALLY_TRY_ASSIGN(Statement rows,
                   oa.prepare("SELECT terminal, incarnation, seq, copy, sealed, boot, mac "
                              "FROM raw_record"));
  TALLY_TRY_ASSIGN(Statement erased,
                   oa.prepare("SELECT 1 FROM txn t JOIN erasure e ON e.member = t.member WHERE "
                              "t.terminal = ? AND t.incarnation = ? AND t.seq = ? AND t.boot = ? "
                              "AND t.mac = ?"));
  for (;;) {
    TALLY_TRY_ASSIGN(const bool there, rows.step());
    if (!there) {
      return {};
    }
    const StreamId stream{TerminalId{rows.uint32(0)}, Incarnation{rows.uint32(1)}};
    const ByteView sealed = rows.blob(4);
    const auto breach = [&](const char* text) {
      report.add({"chain",
                  database,
                  "raw_record",
                  row_of(stream) + ", seq " + std::to_string(rows.uint64(2)),
                  text});
    };
    const auto key = keys.find(stream);
    const Result<record::Header> header = record::peek_header(sealed);
    if (key == keys.end()) {
      breach("its terminal has no record key at the OA");
    } else if (!header || header->key_version != kKeyVersion) {
      breach("it names a record key that never was");
    } else if (key->second && !record::verify_mac(sealed, *key->second)) {
      erased.bind_all(
          stream.terminal, stream.incarnation, rows.uint64(2), rows.int64(5), rows.blob(6));
      TALLY_TRY_ASSIGN(const bool is_erased, erased.step());
      erased.reset();
      if (!is_erased || !codec::is_redacted(sealed)) {
        breach("its MAC is not its terminal's");
      }
    }
  }
}

}  // namespace tally::tools
