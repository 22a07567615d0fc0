#include "tools/demo_data/summary.hpp"

#include <numeric>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/base/iso_day.hpp"
#include "core/base/try.hpp"

namespace tally::tools::demo {
namespace {

Result<std::int64_t> number(storage::Db& ledger, const char* sql) {
  TALLY_TRY_ASSIGN(storage::Statement row, ledger.prepare(sql));
  TALLY_TRY(row.step());
  return row.int64(0);
}

Result<std::uint64_t> count(storage::Db& ledger, const char* sql) {
  TALLY_TRY_ASSIGN(const std::int64_t found, number(ledger, sql));
  return static_cast<std::uint64_t>(found);
}

}  // namespace

std::uint64_t Summary::records_total() const {
  return std::accumulate(records.begin(), records.end(), std::uint64_t{0});
}

Result<Summary> summarise(storage::Db& ledger) {
  Summary summary;
  {
    // The kind is the second byte of every record.
    TALLY_TRY_ASSIGN(storage::Statement rows,
                     ledger.prepare("SELECT substr(sealed, 2, 1), count(*) FROM raw_record "
                                    "GROUP BY 1"));
    for (;;) {
      TALLY_TRY_ASSIGN(const bool there, rows.step());
      if (!there) {
        break;
      }
      const ByteView kind = rows.blob(0);
      if (!kind.empty() && kind[0] < summary.records.size()) {
        summary.records[kind[0]] = rows.uint64(1);
      }
    }
  }
  TALLY_TRY_ASSIGN(summary.members, count(ledger, "SELECT count(*) FROM member"));
  TALLY_TRY_ASSIGN(summary.points_issued,
                   number(ledger, "SELECT -coalesce(sum(balance), 0) FROM account WHERE kind = 1"));
  TALLY_TRY_ASSIGN(summary.points_redeemed,
                   number(ledger, "SELECT coalesce(sum(balance), 0) FROM account WHERE kind = 8"));
  TALLY_TRY_ASSIGN(summary.points_expired,
                   number(ledger, "SELECT coalesce(sum(balance), 0) FROM account WHERE kind = 9"));
  TALLY_TRY_ASSIGN(
      summary.points_outstanding,
      number(ledger, "SELECT coalesce(sum(available + held + pending), 0) FROM member"));
  TALLY_TRY_ASSIGN(summary.holds, count(ledger, "SELECT count(*) FROM right_row"));
  TALLY_TRY_ASSIGN(summary.quarantined, count(ledger, "SELECT count(*) FROM quarantine"));
  TALLY_TRY_ASSIGN(summary.alarms, count(ledger, "SELECT count(*) FROM alarm"));
  TALLY_TRY_ASSIGN(summary.office_acts, count(ledger, "SELECT count(*) FROM office_act"));
  return summary;
}

std::string summary_json(const Size& size,
                         const Summary& summary,
                         const std::string& directory,
                         bool made_now) {
  nlohmann::ordered_json records;
  for (std::size_t kind = 1; kind < kRecordKindWords.size(); ++kind) {
    records[std::string(kRecordKindWords[kind])] = summary.records[kind];
  }
  const nlohmann::ordered_json json = {{"directory", directory},
                                       {"made_now", made_now},
                                       {"generator", kGeneratorVersion},
                                       {"arguments",
                                        {{"members", size.members},
                                         {"days", size.days},
                                         {"seed", size.seed},
                                         {"stores", size.stores},
                                         {"until", iso_day_text(size.until)}}},
                                       {"members", summary.members},
                                       {"records_total", summary.records_total()},
                                       {"records", records},
                                       {"points",
                                        {{"issued", summary.points_issued},
                                         {"redeemed", summary.points_redeemed},
                                         {"expired", summary.points_expired},
                                         {"outstanding", summary.points_outstanding}}},
                                       {"holds", summary.holds},
                                       {"quarantined", summary.quarantined},
                                       {"alarms", summary.alarms},
                                       {"office_acts", summary.office_acts},
                                       {"seconds", summary.seconds}};
  return json.dump();
}

std::string summary_text(const Size& size,
                         const Summary& summary,
                         const std::string& directory,
                         bool made_now) {
  const auto points = [](std::int64_t value) {
    return (value < 0 ? "-" : "") + with_commas(static_cast<std::uint64_t>(std::abs(value)));
  };
  std::string text = directory + (made_now ? "\n" : "   (made before)\n");
  text += "  " + with_commas(summary.members) + " members, " + with_commas(size.days) +
          " days up to " + iso_day_text(size.until) + ", " + std::to_string(size.stores) +
          " stores, seed " + std::to_string(size.seed) + "\n";
  text += "  " + with_commas(summary.records_total()) + " records:";
  for (std::size_t kind = 1; kind < kRecordKindWords.size(); ++kind) {
    if (summary.records[kind] > 0) {
      text += " " + with_commas(summary.records[kind]) + " " + std::string(kRecordKindWords[kind]);
    }
  }
  text += "; " + with_commas(summary.quarantined) + " in quarantine, " +
          with_commas(summary.alarms) + " alarms, " + with_commas(summary.office_acts) +
          " office acts\n";
  text += "  points: " + points(summary.points_issued) + " issued, " +
          points(summary.points_redeemed) + " redeemed, " + points(summary.points_expired) +
          " expired, " + points(summary.points_outstanding) + " outstanding\n";
  text += "  made in " + std::to_string(summary.seconds) + " s\n";
  text += "Open it:  tally-oa --config " + directory + "/tally-oa.toml --data " + directory + "\n";
  text += "Check it: tally audit --oa " + directory + "/ledger.db --master-key " + directory +
          "/master.key --replay\n";
  return text;
}

std::string with_commas(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) {
      text += ',';
    }
    text += digits[i];
  }
  return text;
}

}  // namespace tally::tools::demo
