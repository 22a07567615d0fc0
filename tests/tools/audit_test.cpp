// The audit over real databases of all three nodes: clean when nothing happened to them, and one
// named breach for each thing that did.
#include "tools/audit.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include <nlohmann/json.hpp>

#include "storage/gateway_journal.hpp"
#include "storage/terminal_journal.hpp"
#include "tests/storage/oa_world.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::tests;
using namespace tally::tools;

TEST_GROUP(Audit) {
  OaWorld world;
  Till till{TerminalId{101}};
  Till other{TerminalId{102}};
  std::string terminal_path = world.directory.file("terminal.db");
  std::string gateway_path = world.directory.file("gateway.db");
  std::string oa_path = world.directory.file("ledger.db");

  void setup() override {
    world.enrol("card");
  }

  static node::JournalRow row_of(const Bytes& sealed, bool shown) {
    return {
        record::peek_header(sealed)->id.seq, record::peek_mac(sealed), sealed, WallTime{5}, shown};
  }

  // Everything of `sealed` at the terminal, the gateway and the OA, all acknowledged.
  void keep(const std::vector<Bytes>& sealed, std::size_t rows_unshown = 0) {
    auto terminal = storage::TerminalJournal::open(terminal_path, TerminalId{101}, Incarnation{1});
    node::TerminalCommit made;
    node::PackedRecords packed{till.stream(), Seq{1}, 0, {}, till.head()};
    for (const Bytes& bytes : sealed) {
      made.append.push_back(row_of(bytes, sealed.size() - packed.count > rows_unshown));
      record::append_packed(packed.packed, bytes);
      ++packed.count;
    }
    made.received = till.head();
    made.applied = till.head();
    CHECK_TRUE(terminal->commit(made).has_value());

    auto gateway = storage::GatewayJournal::open(gateway_path, GatewayId{11});
    node::GatewayCommit taken;
    taken.streams_opened = {till.stream()};
    taken.append = {packed};
    taken.forwarded = {{till.stream(), till.head()}};
    taken.applied = {{till.stream(), till.head(), {}}};
    CHECK_TRUE(gateway->commit(taken, WallTime{9}).has_value());
    world.upload(sealed);
  }

  void keep_a_day() {
    const SaleId sale = till.sale(1);
    std::vector<Bytes> sealed{till.accrual("card", 100)};
    world.upload(sealed);
    const link::Answer answer = world.authorise(till, sale, "card", 30);
    CHECK_TRUE(answer.right.has_value());
    sealed.push_back(till.redemption("card", 30, sale, answer.right->id));
    const RecordId voided = till.next_id();
    sealed.push_back(till.accrual("card", 7));
    sealed.push_back(till.other(record::Void{voided, 1}, "card"));
    sealed.push_back(till.accrual("stranger", 5));
    sealed.push_back(till.other(record::Note{1, "hello"}));
    keep(sealed);
    CHECK_TRUE(world.authorise(till, till.sale(9), "card", 10).right.has_value());  // Still held.
  }

  void execute(const std::string& path, const std::string& sql) {
    storage::Db db = *storage::Db::open(path, storage::OpenMode::kOwner);
    CHECK_TRUE_TEXT(db.execute(sql.c_str()).has_value(), sql.c_str());
  }

  AuditReport report_of(const AuditInput& input) {
    AuditReport report;
    AuditFailure failure;
    const bool done = audit(input, report, failure);
    CHECK_TRUE_TEXT(done, (failure.database + describe(failure.error)).c_str());
    return report;
  }
  AuditReport report_of_all() {
    return report_of({{terminal_path}, {gateway_path}, {oa_path}});
  }

  // Damages one database and expects a breach of this invariant in this table and database.
  void breach(const std::string& path,
              const std::string& sql,
              const std::string& invariant,
              const std::string& table,
              const std::string& row) {
    keep_a_day();
    if (path == oa_path) {
      world.node.reset();
      world.store.reset();
    }
    execute(path, sql);
    const AuditReport report = report_of_all();
    CHECK_FALSE(report.ok());
    for (const Breach& found : report.breaches()) {
      if (found.invariant == invariant && found.table == table && found.database == path &&
          found.row == row) {
        return;
      }
    }
    FAIL(audit_text(report).c_str());
  }

  void unusable(const AuditInput& input, Errc code) {
    AuditReport report;
    AuditFailure failure;
    CHECK_FALSE(audit(input, report, failure));
    CHECK_TRUE_TEXT(failure.error.code == code, describe(failure.error).c_str());
    CHECK_FALSE(failure.database.empty());
  }
};

TEST(Audit, EverythingAgrees_IsOk) {
  keep_a_day();
  const AuditReport report = report_of_all();  // Beside the running OA.
  CHECK_TRUE_TEXT(report.ok(), audit_text(report).c_str());
  LONGLONGS_EQUAL(6, report.records);
  LONGLONGS_EQUAL(1, report.members);
  LONGLONGS_EQUAL(70, report.points_outstanding);
}

TEST(Audit, GapForUnreadableRecords_IsOk) {
  const auto pack = [&](const Bytes& sealed) {
    node::PackedRecords out{till.stream(), record::peek_header(sealed)->id.seq, 1, {}, {}};
    record::append_packed(out.packed, sealed);
    out.end = {out.first, record::peek_mac(sealed)};
    return out;
  };
  const Bytes first = till.accrual("card", 10);
  const StreamPosition before = till.head();
  till.accrual("card", 20);
  till.accrual("card", 30);
  const Bytes after = till.accrual("card", 40);
  const StreamPosition head = till.head();
  till.restore({Seq{2}, before.mac}, BootId{10});
  const Bytes gap = till.other(record::Gap{Seq{2}, Seq{3}});
  world.upload({first, gap, after});
  auto gateway = storage::GatewayJournal::open(gateway_path, GatewayId{11});
  node::GatewayCommit taken;
  taken.streams_opened = {till.stream()};
  taken.append = {pack(first), pack(gap), pack(after)};
  taken.forwarded = {{till.stream(), head}};
  CHECK_TRUE(gateway->commit(taken, WallTime{9}).has_value());
  const AuditReport report = report_of({{}, {gateway_path}, {oa_path}});
  CHECK_TRUE_TEXT(report.ok(), audit_text(report).c_str());
}

TEST(Audit, EachDatabaseAlone_IsOk) {
  keep_a_day();
  CHECK_TRUE(report_of({{terminal_path}, {}, {}}).ok());
  CHECK_TRUE(report_of({{}, {gateway_path}, {}}).ok());
  CHECK_TRUE(report_of({{}, {}, {oa_path}}).ok());
  LONGLONGS_EQUAL(6, report_of({{terminal_path}, {}, {}}).records);
}

TEST(Audit, Json_HasTheAgreedKeys) {
  keep_a_day();
  execute(terminal_path, "UPDATE record SET crc = crc + 1 WHERE seq = 3");
  const auto json = nlohmann::json::parse(audit_json(report_of_all()));
  CHECK_FALSE(json.at("ok").get<bool>());
  CHECK_EQUAL(1U, json.at("breaches").size());
  const auto& breach = json.at("breaches").at(0);
  CHECK_TRUE(breach.at("database") == terminal_path);
  CHECK_TRUE(breach.at("table") == "record");
  CHECK_TRUE(breach.at("row") == "terminal 101, incarnation 1, seq 3");
  LONGLONGS_EQUAL(6, json.at("records").get<int>());
  LONGLONGS_EQUAL(1, json.at("members").get<int>());
  LONGLONGS_EQUAL(70, json.at("points_outstanding").get<int>());
}

TEST(Audit, MissingFile_IsUnusable) {
  unusable({{world.directory.file("nothing.db")}, {}, {}}, Errc::kNotFound);
}

TEST(Audit, WrongKindOfDatabase_IsUnusable) {
  keep_a_day();
  unusable({{gateway_path}, {}, {}}, Errc::kInvalid);
  unusable({{}, {terminal_path}, {}}, Errc::kInvalid);
  unusable({{}, {}, {gateway_path}}, Errc::kInvalid);
}

TEST(Audit, Terminal_RowMissing_IsABreach) {
  breach(terminal_path,
         "DELETE FROM record WHERE seq = 2",
         "journal",
         "record",
         "terminal 101, incarnation 1, seq 2");
}

TEST(Audit, Terminal_RowDamaged_IsABreach) {
  breach(terminal_path,
         "UPDATE record SET sealed = CAST(substr(sealed, 1, 100) AS BLOB) WHERE seq = 2",
         "journal",
         "record",
         "terminal 101, incarnation 1, seq 2");
}

TEST(Audit, Terminal_AppliedBeyondHead_IsABreach) {
  breach(terminal_path,
         "UPDATE node SET applied_seq = 7",
         "journal",
         "node",
         "terminal 101, incarnation 1, seq 7");
}

TEST(Audit, Terminal_HeadIsNotTheLastRow_IsABreach) {
  breach(terminal_path,
         "UPDATE node SET head_mac = zeroblob(16)",
         "journal",
         "node",
         "terminal 101, incarnation 1, seq 6");
}

TEST(Audit, Terminal_UnshownRowWithLaterRecords_IsABreach) {
  breach(terminal_path,
         "UPDATE record SET shown = 0 WHERE seq = 1",
         "I5",
         "record",
         "terminal 101, incarnation 1, seq 1");
}

TEST(Audit, Terminal_UnshownSaleAtTheEnd_IsStillOnItsWay) {
  keep({till.accrual("card", 100), till.accrual("card", 50)}, 1);
  CHECK_TRUE(report_of_all().ok());
}

TEST(Audit, Terminal_PrunedButNotAtTheOa_IsABreach) {
  keep_a_day();
  execute(terminal_path, "DELETE FROM record WHERE seq < 4");
  CHECK_TRUE(report_of_all().ok());
  world.node.reset();
  world.store.reset();
  execute(oa_path, "DELETE FROM raw_record WHERE seq = 2");
  CHECK_FALSE(report_of({{terminal_path}, {}, {oa_path}}).ok());
}

TEST(Audit, Gateway_RowDamaged_IsABreach) {
  breach(gateway_path,
         "UPDATE packed SET crc = crc + 1",
         "journal",
         "packed",
         "terminal 101, incarnation 1, seq 1");
}

TEST(Audit, Gateway_ForwardedBeyondReceived_IsABreach) {
  breach(gateway_path,
         "UPDATE stream SET forwarded_seq = 8",
         "journal",
         "stream",
         "terminal 101, incarnation 1, seq 8");
}

TEST(Audit, Gateway_AppliedBeyondForwarded_IsABreach) {
  breach(gateway_path,
         "UPDATE stream SET forwarded_seq = 2",
         "journal",
         "stream",
         "terminal 101, incarnation 1, seq 6");
}

TEST(Audit, Gateway_LacksWhatItAcknowledged_IsABreach) {
  keep_a_day();
  execute(gateway_path,
          "DELETE FROM packed; UPDATE stream SET received_seq = 0, "
          "forwarded_seq = 0, applied_seq = 0");
  CHECK_TRUE(report_of_all().ok());  // Replaced: the OA has them all.
  CHECK_FALSE(report_of({{terminal_path}, {gateway_path}, {}}).ok());
}

TEST(Audit, Oa_LacksWhatItAcknowledged_IsABreach) {
  breach(oa_path,
         "DELETE FROM txn WHERE seq = 6; DELETE FROM raw_record WHERE seq = 6",
         "I9",
         "cursor",
         "terminal 101, incarnation 1, seq 6");
}

TEST(Audit, Oa_OtherContentThanTheGateway_IsABreach) {
  keep_a_day();
  world.node.reset();
  world.store.reset();
  execute(oa_path, "UPDATE raw_record SET mac = zeroblob(16) WHERE seq = 2");
  const AuditReport report = report_of_all();
  bool named = false;
  for (const Breach& found : report.breaches()) {
    named = named || (found.invariant == "I6" && found.database == gateway_path);
  }
  CHECK_TRUE(named);
}

TEST(Audit, Oa_RecordNeitherPostedNorPutAside_IsABreach) {
  breach(
      oa_path, "DELETE FROM quarantine", "I5", "raw_record", "terminal 101, incarnation 1, seq 5");
}

TEST(Audit, Oa_BalanceChanged_IsABreachOfSumAndLots) {
  breach(oa_path, "UPDATE member SET available = available + 1", "I1", "account", "all accounts");
  CHECK_FALSE(report_of({{}, {}, {oa_path}}).ok());
}

TEST(Audit, Oa_LotChanged_IsABreach) {
  breach(oa_path, "UPDATE lot SET points = points + 1", "I7", "lot", "member 1");
}

TEST(Audit, Oa_NegativeBalance_IsABreach) {
  breach(oa_path, "UPDATE member SET pending = -1", "I2", "member", "member 1");
}

TEST(Audit, Oa_TransferMissing_IsABreach) {
  breach(oa_path,
         "DELETE FROM transfer WHERE txn = (SELECT min(txn) FROM transfer)",
         "I7",
         "member",
         "available of 1");
}

TEST(Audit, Oa_HeldChanged_IsABreach) {
  breach(oa_path, "UPDATE right_lot SET points = points - 1", "I7", "right_lot", "member 1");
}

TEST(Audit, Oa_RawRecordDamaged_IsABreach) {
  breach(oa_path,
         "UPDATE raw_record SET crc = crc + 1 WHERE no = 1",
         "journal",
         "raw_record",
         "row 1");
}

TEST(Audit, FlippedByteInAnyDatabase_NamedByItsPage) {
  keep({till.accrual("card", 10), till.accrual("card", 20), till.accrual("card", 30)});
  CHECK_TRUE(world.store->db().checkpoint().has_value());
  for (const std::string& path : {terminal_path, gateway_path}) {
    auto owner = storage::Db::open(path, storage::OpenMode::kOwner);
    CHECK_TRUE(owner.has_value() && owner->checkpoint().has_value());
  }
  world.node.reset();
  world.store.reset();
  for (const std::string& path : {terminal_path, gateway_path, oa_path}) {
    std::ifstream in(path, std::ios::binary);
    const std::string sound{std::istreambuf_iterator<char>(in), {}};
    for (std::size_t at = 150; at < sound.size(); at += 4'096 + 311) {
      std::string changed = sound;
      changed[at] = static_cast<char>(changed[at] ^ 0x20);
      std::ofstream(path, std::ios::binary | std::ios::trunc) << changed;
      const AuditReport report = report_of_all();
      const std::string page = "page " + std::to_string(at / 4'096 + 1);
      const auto& found = report.breaches();
      const bool named = std::any_of(found.begin(), found.end(), [&](const Breach& breach) {
        return breach.invariant == "disk" && breach.database == path && breach.row == page;
      });
      const bool hole = sound.substr(at / 4'096 * 4'096, 4'096) == std::string(4'096, '\0');
      CHECK_TRUE_TEXT(named || hole, (path + " " + std::to_string(at)).c_str());
    }
    std::ofstream(path, std::ios::binary | std::ios::trunc) << sound;
  }
  CHECK_TRUE(report_of_all().ok());
}

TEST(Audit, MasterKeyThatIsNone_IsUnusable) {
  AuditInput input;
  input.oa = {oa_path};
  input.master_key = world.directory.file("no.key");
  unusable(input, Errc::kNotFound);
}
