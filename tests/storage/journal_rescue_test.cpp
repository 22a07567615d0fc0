// A flipped bit in any stored byte of a journal is found and named, and the node goes on: from what
// is proven to be as it was written, never from a position on a damaged page.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "storage/gateway_directory.hpp"
#include "storage/gateway_journal.hpp"
#include "storage/page_check.hpp"
#include "storage/terminal_journal.hpp"
#include "tests/support/journal_records.hpp"
#include "tests/support/temporary_directory.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::storage;
using node::GatewayCommit;
using node::TerminalCommit;
using tests::RecordChain;

namespace {

constexpr std::size_t kPage = 4'096;
constexpr std::size_t kFrame = 24 + kPage;
constexpr StreamId kStream{TerminalId{11}, Incarnation{2}};
constexpr GatewayId kGateway{5};
constexpr WallTime kNow{1'000'000};
constexpr std::uint64_t kRows = 40;
constexpr std::uint64_t kReceived = 30;
constexpr std::uint64_t kApplied = 20;
constexpr std::uint64_t kUnshown = 3;  ///< The last ones.

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void put(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

std::string flipped(std::string content, std::size_t at) {
  content[at] = static_cast<char>(content[at] ^ (1 << (at / 3 % 8)));
  return content;
}

bool is_hole(const std::string& content, std::size_t at) {
  return content.compare(at / kPage * kPage, kPage, std::string(kPage, '\0')) == 0;
}

}  // namespace

TEST_GROUP(JournalRescue) {
  tests::TemporaryDirectory directory{tests::TemporaryDirectory::in_memory()};
  std::string path = directory.file("journal.db");
  RecordChain chain{kStream};
  std::vector<Mac> macs{Mac{}};  ///< By seq.

  StreamPosition at(std::uint64_t seq) {
    return {Seq{seq}, macs[seq]};
  }

  void commit(TerminalJournal & journal, const TerminalCommit& commit) {
    const Status done = journal.commit(commit);
    CHECK_TRUE_TEXT(done.has_value(), done ? "" : describe(done.error()).c_str());
  }

  Result<TerminalJournal> open_terminal() {
    return TerminalJournal::open(path, kStream.terminal, kStream.incarnation);
  }

  /// kRows records in many commits, the last kUnshown without their mark, one open sale.
  void fill_terminal(bool moved) {
    TerminalJournal journal = *open_terminal();
    for (std::uint64_t i = 1; i <= kRows; ++i) {
      TerminalCommit record;
      record.append = {chain.next_row(false)};
      macs.push_back(record.append.front().mac);
      commit(journal, record);
      TerminalCommit shown;
      if (i <= kRows - kUnshown) {
        shown.shown = {Seq{i}};
      }
      if (i == kReceived) {
        shown.received = at(kReceived);
        shown.applied = at(kApplied);
        shown.open_sales = {SaleId{{7}}};
        shown.time_floor = WallTime{77};
      }
      commit(journal, shown);
    }
    if (moved) {
      CHECK_TRUE(journal.checkpoint().has_value());
    }
  }

  /// What a terminal may find after damage: nothing that never was, nothing lost without a name.
  void judge_terminal(const std::string& where, bool damaged) {
    Result<TerminalJournal> journal = open_terminal();
    const std::string text = where + (journal ? "" : ": " + describe(journal.error()));
    CHECK_TRUE_TEXT(journal.has_value(), text.c_str());
    CHECK_TRUE_TEXT(journal->rescued().has_value() == damaged, text.c_str());
    const auto snapshot = journal->snapshot();
    CHECK_TRUE_TEXT(snapshot.has_value(), text.c_str());
    const bool positions_lost = damaged && journal->rescued()->positions_lost;
    CHECK_TRUE_TEXT(snapshot->head.seq <= Seq{kRows}, text.c_str());
    CHECK_TRUE_TEXT(positions_lost || snapshot->head == at(kRows), text.c_str());
    CHECK_TRUE_TEXT(snapshot->received == (positions_lost ? StreamPosition{} : at(kReceived)),
                    text.c_str());
    CHECK_TRUE_TEXT(snapshot->applied == (positions_lost ? StreamPosition{} : at(kApplied)),
                    text.c_str());
    for (const node::JournalRow& row : snapshot->unshown) {
      CHECK_TRUE_TEXT(row.seq.value > kRows - kUnshown, text.c_str());
    }
    std::uint64_t found = 0;
    for (std::uint64_t seq = snapshot->oldest.value; seq <= snapshot->head.seq.value;) {
      const auto rows = journal->read_rows(Seq{seq}, 100, 100'000);
      CHECK_TRUE_TEXT(rows.has_value(), text.c_str());
      if (rows->unreadable) {
        CHECK_TRUE_TEXT(damaged, text.c_str());
        seq = rows->unreadable->last.value + 1;
        continue;
      }
      CHECK_FALSE_TEXT(rows->rows.empty(), text.c_str());
      for (const node::JournalRow& row : rows->rows) {
        CHECK_TRUE_TEXT(row.mac == macs[row.seq.value], text.c_str());
        CHECK_TRUE_TEXT(row.shown || row.seq.value > kRows - kUnshown, text.c_str());
        ++found;
      }
      seq = rows->rows.back().seq.value + 1;
    }
    if (damaged) {
      CHECK_TRUE_TEXT(!journal->rescued()->places().empty(), text.c_str());
      CHECK_TRUE_TEXT(std::filesystem::exists(journal->rescued()->kept_as), text.c_str());
      LONGLONGS_EQUAL_TEXT(found, journal->rescued()->rows_kept, text.c_str());
    } else {
      LONGLONGS_EQUAL_TEXT(kRows, found, text.c_str());
    }
  }

  void clear() {
    for (const char* suffix : {"", "-wal", "-shm", ".damaged", ".damaged-wal"}) {
      std::filesystem::remove(path + suffix);
    }
  }
};

TEST(JournalRescue, Terminal_AnyByteOfTheFileFlipped_IsNamedAndGoneRoundIt) {
  fill_terminal(true);
  const std::string sound = content_of(path);
  const std::string log = content_of(path + "-wal");
  for (std::size_t at = 0; at < sound.size(); at += at < 100 ? 1 : 61) {
    if (is_hole(sound, at)) {
      continue;
    }
    clear();
    put(path, flipped(sound, at));
    put(path + "-wal", log);
    judge_terminal("byte " + std::to_string(at), true);
  }
}

TEST(JournalRescue, Terminal_AnyByteOfTheLogFlipped_OnlyTheLastTransactionMayBeMissing) {
  fill_terminal(false);
  const std::string file = content_of(path);
  const std::string log = content_of(path + "-wal");
  std::size_t last_start = 0;
  for (std::size_t frame = 0; 32 + (frame + 1) * kFrame < log.size(); ++frame) {
    if (log.compare(32 + frame * kFrame + 4, 4, std::string(4, '\0')) != 0) {
      last_start = frame + 1;
    }
  }
  for (std::size_t at = 0; at < 32 + (last_start - 2) * kFrame; at += at < 100 ? 1 : 3'001) {
    clear();
    put(path, file);
    put(path + "-wal", flipped(log, at));
    judge_terminal("byte " + std::to_string(at) + " of the log", true);
  }
}

TEST(JournalRescue, Terminal_SoundJournal_IsLeftAlone) {
  fill_terminal(false);
  judge_terminal("with a log", false);
  { CHECK_TRUE(open_terminal()->checkpoint().has_value()); }
  judge_terminal("without", false);
  CHECK_FALSE(std::filesystem::exists(path + ".damaged"));
}

TEST(JournalRescue, Terminal_PowerCutWhileTheNewOneIsPutInPlace_TheNextOpenGoesOn) {
  fill_terminal(true);
  const std::string sound = content_of(path);
  put(path + "-rescued", sound);
  put(path + "-wal", "the log of the damaged file");
  std::filesystem::remove(path);
  judge_terminal("put in place", false);
  CHECK_EQUAL(std::string("the log of the damaged file").size(),
              content_of(path + ".damaged-wal").size());
}

TEST(JournalRescue, Terminal_DamagedJournalOfAnother_IsStillRefused) {
  fill_terminal(true);
  put(path, flipped(content_of(path), 5 * kPage + 1'000));
  const auto other = TerminalJournal::open(path, TerminalId{12}, kStream.incarnation);
  CHECK_TRUE(other.error().code == Errc::kConflict);
}

TEST(JournalRescue, Terminal_PageDamagedWhileOpen_EndsTheConnectionAndTheNextOpenRescues) {
  fill_terminal(true);
  { Db db = *Db::open(path, OpenMode::kOwner); }
  TerminalJournal journal = *open_terminal();
  std::string changed = content_of(path);
  for (std::size_t page = 1; (page + 1) * kPage <= changed.size(); ++page) {
    changed[page * kPage + 900] = static_cast<char>(changed[page * kPage + 900] ^ 1);
  }
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file << changed;
  }
  bool refused = false;
  for (std::uint64_t seq = 1; seq <= kRows; ++seq) {
    const auto rows = journal.read_rows(Seq{seq}, 1, 0);
    refused = refused || !rows;
  }
  CHECK_TRUE(refused);
  CHECK_TRUE(journal.poisoned());
}

TEST(JournalRescue, Gateway_AnyByteFlipped_IsNamedAndTheTerminalSendsAgainWhatIsLost) {
  {
    GatewayJournal journal = *GatewayJournal::open(path, kGateway);
    GatewayCommit opened;
    opened.streams_opened = {kStream};
    CHECK_TRUE(journal.commit(opened, kNow).has_value());
    for (std::uint64_t i = 1; i <= kRows; ++i) {
      GatewayCommit commit;
      commit.append = {chain.next_packed(1)};
      macs.push_back(chain.head().mac);
      CHECK_TRUE(journal.commit(commit, kNow).has_value());
    }
    GatewayCommit positions;
    positions.forwarded = {{kStream, at(kReceived)}};
    positions.applied = {{kStream, at(kApplied), Mac{9}}};
    positions.ledger_stamp = 3;
    CHECK_TRUE(journal.commit(positions, kNow).has_value());
    CHECK_TRUE(journal.checkpoint().has_value());
  }
  const std::string sound = content_of(path);
  const std::string log = content_of(path + "-wal");
  for (std::size_t at_byte = 0; at_byte < sound.size(); at_byte += at_byte < 100 ? 1 : 61) {
    if (is_hole(sound, at_byte)) {
      continue;
    }
    clear();
    put(path, flipped(sound, at_byte));
    put(path + "-wal", log);
    const std::string where = "byte " + std::to_string(at_byte);
    Result<GatewayJournal> journal = GatewayJournal::open(path, kGateway);
    CHECK_TRUE_TEXT(journal.has_value(), where.c_str());
    CHECK_TRUE_TEXT(journal->rescued().has_value(), where.c_str());
    const auto snapshot = journal->snapshot();
    CHECK_TRUE_TEXT(snapshot.has_value(), where.c_str());
    const bool lost = journal->rescued()->positions_lost;
    CHECK_TRUE_TEXT(snapshot->ledger_stamp == 3 || lost, where.c_str());
    for (const node::GatewayStreamState& state : snapshot->streams) {
      const bool known = static_cast<bool>(state.applied.position.seq);
      CHECK_TRUE_TEXT(known || lost, where.c_str());
      CHECK_TRUE_TEXT(!known || state.applied.position == at(kApplied), where.c_str());
      // A terminal still has all that is not applied: from there it can send again.
      CHECK_TRUE_TEXT(!known || state.received.seq >= Seq{kApplied}, where.c_str());
      CHECK_TRUE_TEXT(state.received == at(state.received.seq.value), where.c_str());
      CHECK_TRUE_TEXT(state.forwarded.seq <= state.received.seq, where.c_str());
      if (state.oldest) {
        const auto all = journal->read(kStream, state.oldest, 1'000, 1'000'000);
        CHECK_TRUE_TEXT(all.has_value() && all->end == state.received, where.c_str());
      }
    }
    GatewayCommit more;
    const StreamPosition from =
        snapshot->streams.empty() ? StreamPosition{} : snapshot->streams.front().received;
    RecordChain rest(kStream, from);
    more.streams_opened = {kStream};
    more.append = {rest.next_packed(2)};
    CHECK_TRUE_TEXT(journal->commit(more, kNow).has_value(), where.c_str());
  }
}

TEST(JournalRescue, Directory_AnyByteFlipped_IsUnchangedOrSentAnew) {
  link::DirectoryEntry entry;
  entry.token_hash = Mac{1};
  entry.masked_name = "L*";
  {
    auto opened = *GatewayDirectory::open(path, kGateway);
    node::DirectoryCommit commit;
    commit.version = 12;
    for (std::uint8_t i = 1; i < 60; ++i) {
      entry.member = MemberId{i};
      entry.token_hash = Mac{i};
      entry.balance = Points{i * 10};
      commit.entries.push_back(entry);
    }
    CHECK_TRUE(opened.directory.commit(commit).has_value());
    CHECK_TRUE(opened.directory.checkpoint().has_value());
  }
  const std::string sound = content_of(path);
  for (std::size_t at_byte = 0; at_byte < sound.size(); at_byte += at_byte < 100 ? 1 : 61) {
    clear();
    put(path, flipped(sound, at_byte));
    const std::string where = "byte " + std::to_string(at_byte);
    auto opened = GatewayDirectory::open(path, kGateway);
    CHECK_TRUE_TEXT(opened.has_value(), where.c_str());
    const bool anew = opened->dropped.has_value();
    LONGLONGS_EQUAL_TEXT(anew ? 0 : 12, opened->state.version, where.c_str());
    for (std::uint8_t i = 1; i < 60 && !anew; ++i) {
      const auto found = opened->directory.find(Mac{i});
      if (!found) {
        CHECK_TRUE_TEXT(found.error().code == Errc::kCorrupt, where.c_str());
        break;
      }
      CHECK_TRUE_TEXT(found->has_value() && (*found)->balance == Points{i * 10}, where.c_str());
    }
  }
}
