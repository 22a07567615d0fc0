#include "tests/crash/judge.hpp"

#include <cstring>
#include <map>
#include <memory>
#include <set>

#include <sqlite3.h>

#include "core/codec/record_codec.hpp"
#include "core/record/seal.hpp"

#include "tests/crash/day.hpp"
#include "tools/audit.hpp"

namespace tally::crash {
namespace {

struct CloseHandle {
  void operator()(sqlite3* handle) const { sqlite3_close(handle); }
};
using Handle = std::unique_ptr<sqlite3, CloseHandle>;

Handle open_beside(const std::string& path) {
  sqlite3* raw = nullptr;
  const int rc = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READONLY, nullptr);
  Handle handle(raw);
  return rc == SQLITE_OK ? std::move(handle) : Handle{};
}

/// What the terminal's journal adds up to.
struct Fold {
  std::map<std::string, std::int64_t> points_by_card;
  /// Of each sale, by its first record's receipt number: earned and redeemed that still stand.
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> sales;
  std::set<std::string> voids;     ///< Receipt numbers of void records.
  std::set<std::string> reversed;  ///< Sales of which a record was reversed.
};

Fold fold(const std::vector<node::JournalRow>& rows, Verdict& verdict) {
  Fold out;
  std::vector<record::Record> records;
  std::set<Seq> cancelled;
  std::set<Seq> reversed;
  for (const node::JournalRow& row : rows) {
    auto record = codec::decode_record(row.bytes);
    if (!record || !record::verify_mac(row.bytes, World::key_of(kTerminal))) {
      ++verdict.corrupt;
      verdict.texts.push_back("a journal row is no record: seq " + std::to_string(row.seq.value));
      continue;
    }
    if (const auto* cancel = std::get_if<record::Void>(&record->business)) {
      cancelled.insert(cancel->original.seq);
      out.voids.insert(record::receipt_number(record->header.id));
    } else if (const auto* reversal = std::get_if<record::Reversal>(&record->business);
               reversal != nullptr && reversal->original) {
      cancelled.insert(reversal->original->seq);
      reversed.insert(reversal->original->seq);
    }
    records.push_back(std::move(*record));
  }
  std::map<SaleId, std::string> first_of_sale;
  for (const record::Record& record : records) {
    const auto* accrual = std::get_if<record::Accrual>(&record.business);
    const auto* redemption = std::get_if<record::Redemption>(&record.business);
    if (accrual == nullptr && redemption == nullptr) {
      continue;
    }
    const std::string number = record::receipt_number(record.header.id);
    const std::string& first = first_of_sale.try_emplace(record.sale, number).first->second;
    auto& [earned, redeemed] = out.sales[first];
    if (reversed.contains(record.header.id.seq)) {
      out.reversed.insert(first);
    }
    if (cancelled.contains(record.header.id.seq)) {
      continue;
    }
    const std::int64_t points =
        accrual != nullptr ? accrual->points.value : redemption->points.value;
    (accrual != nullptr ? earned : redeemed) += points;
    out.points_by_card[record.card_token] += accrual != nullptr ? points : -points;
  }
  return out;
}

void check_promises(const World& world, const Fold& fold, Verdict& verdict) {
  const auto lost = [&](const Promise& promise, const char* what) {
    ++verdict.lost;
    verdict.texts.push_back(promise.receipt_number + ": " + what);
  };
  for (const Promise& promise : world.promises()) {
    if (promise.is_void) {
      if (!fold.voids.contains(promise.receipt_number)) {
        lost(promise, "a void was shown, but is not in the journal");
      }
      continue;
    }
    const auto sale = fold.sales.find(promise.receipt_number);
    if (sale == fold.sales.end()) {
      lost(promise, "shown approved, but not in the journal");
      continue;
    }
    const auto& [earned, redeemed] = sale->second;
    if (fold.reversed.contains(promise.receipt_number)) {
      lost(promise, "shown approved and then reversed as never shown");
    }
    const bool stands = earned == promise.earned.value && redeemed == promise.redeemed.value;
    if (!stands && (earned != 0 || redeemed != 0)) {
      lost(promise, "stands with other points than were shown");
    }
  }
}

// Every record of both tills is at the OA once, and the members' points are what they add up to.
void check_points(World& world, const Fold& fold, Verdict& verdict) {
  std::map<std::string, std::int64_t> expected = fold.points_by_card;
  for (const auto& [card, points] : world.till().points_by_card()) {
    expected[card] += points;
  }
  auto rows = world.ledger()->db().prepare(
      "SELECT c.token, m.available + m.held + m.pending + m.debt, m.held FROM card c "
      "JOIN member m ON m.id = c.member");
  std::map<std::string, std::int64_t> found;
  while (rows && rows->step().value_or(false)) {
    found[std::string(rows->text(0))] = rows->int64(1);
    if (rows->int64(2) != 0) {
      ++verdict.lost;
      verdict.texts.push_back("points of " + std::string(rows->text(0)) + " are still held");
    }
  }
  for (const auto& [card, points] : expected) {
    const auto at = found.find(card);
    const std::int64_t has = at == found.end() ? 0 : at->second;
    if (at == found.end() && card == Day::late_card()) {
      continue;  // Nobody enrolled it before the day ended: its points wait in quarantine.
    }
    if (has != points) {
      ++(has < points ? verdict.lost : verdict.doubled);
      verdict.texts.push_back(card + " has " + std::to_string(has) + " points instead of " +
                              std::to_string(points));
    }
  }
}

void check_audit(World& world, Verdict& verdict) {
  tools::AuditReport report;
  tools::AuditFailure failure;
  const tools::AuditInput input{{world.path_of(Part::kTerminal)},
                                {world.path_of(Part::kGateway)},
                                {world.path_of(Part::kOa)}};
  if (!tools::audit(input, report, failure)) {
    ++verdict.corrupt;
    verdict.texts.push_back("audit cannot read " + failure.database + ": " + failure.error.what);
    return;
  }
  for (const tools::Breach& breach : report.breaches()) {
    ++(breach.invariant == "I5"                               ? verdict.lost
       : breach.invariant == "I6" || breach.invariant == "I9" ? verdict.doubled
                                                              : verdict.corrupt);
    verdict.texts.push_back(breach.invariant + " " + breach.table + " " + breach.row + ": " +
                            breach.text);
  }
}

}  // namespace

std::uint64_t fingerprint(const std::string& path) {
  constexpr sqlite3_int64 kPageBytes = 4'096;
  const Handle handle = open_beside(path);
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, void (*)(void*)> bytes(
      handle ? sqlite3_serialize(handle.get(), "main", &size, 0) : nullptr, sqlite3_free);
  if (!bytes) {
    return 0;
  }
  // FNV-1a over words of 8 bytes: pages are a multiple of them, and this is only for equality.
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (sqlite3_int64 at = 0; at + 8 <= size; at += 8) {
    if (at % kPageBytes == kPageBytes - 8) {
      continue;  // The page's check sum, which it gets only when it leaves the log.
    }
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.get() + at, 8);
    hash = (hash ^ word) * 0x100000001b3U;
    hash ^= hash >> 29;
  }
  return hash == 0 ? 1 : hash;
}

std::string find_damage(const std::string& path) {
  const Handle handle = open_beside(path);
  std::string first = "cannot be read";
  if (handle) {
    sqlite3_exec(
        handle.get(),
        "PRAGMA integrity_check(1)",
        [](void* out, int, char** values, char**) {
          *static_cast<std::string*>(out) = values[0] == nullptr ? "nothing" : values[0];
          return 0;
        },
        &first,
        nullptr);
  }
  return first == "ok" ? "" : first;
}

Verdict judge(World& world) {
  Verdict verdict;
  const auto rows = world.journal_rows();
  if (!rows) {
    ++verdict.corrupt;
    verdict.texts.push_back(std::string("the terminal's journal cannot be read: ") +
                            rows.error().what);
    return verdict;
  }
  const Fold journal = fold(*rows, verdict);
  check_promises(world, journal, verdict);
  check_points(world, journal, verdict);
  check_audit(world, verdict);
  for (const Part part : kParts) {
    if (const std::string damage = find_damage(world.path_of(part)); !damage.empty()) {
      ++verdict.corrupt;
      verdict.texts.push_back(std::string(name_of(part)) + ": " + damage);
    }
  }
  for (const std::string& broken : world.broken_words()) {
    ++verdict.lost;
    verdict.texts.push_back(broken);
  }
  return verdict;
}

}  // namespace tally::crash
