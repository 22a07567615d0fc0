// arrival-orders: I11 (docs/invariants.md). One set of records and answers reaches the OA's machine
// and its ledger in many orders; what each member's accounts, RISK and SUSPENSE sum up to is the
// same in all, and what the rules say. The first order comes twice and leaves the same rows.
// Exit code: 0 it holds, 1 it does not, 2 wrong usage.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "tests/sim/orders/office.hpp"

namespace {

using tally::sim::Figures;
using tally::sim::Office;
using tally::sim::Pattern;
using tally::sim::PlannedHold;
using tally::sim::RecordSet;
using tally::sim::SetSize;
using tally::sim::TillStream;

namespace fs = std::filesystem;

/// A folder of this process, in memory where there is such a disk.
class Scratch {
 public:
  Scratch() {
    std::error_code ignored;
    const bool memory = fs::is_directory("/dev/shm", ignored);
    path_ = (memory ? fs::path("/dev/shm") : fs::temp_directory_path()) /
            ("arrival-orders-" + std::to_string(::getpid()));
    fs::create_directories(path_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  std::string file(const char* name) const { return (path_ / name).string(); }
  /// A fresh copy of the opening ledger.
  std::string copy_of(const std::string& opening) const {
    const std::string path = file("order.db");
    for (const char* tail : {"", "-wal", "-shm", ".lock"}) {
      std::error_code ignored;
      fs::remove(path + tail, ignored);
    }
    fs::copy_file(opening, path);
    return path;
  }

 private:
  fs::path path_;
};

/// Members, their opening points and all holds: the answers that belong to the set.
void make_opening(const SetSize& size, const std::string& path, std::vector<PlannedHold>& holds) {
  std::vector<TillStream> tills = tally::sim::make_streams(size);
  Office oa(path, tills);
  for (const std::string& card : tally::sim::known_cards(size)) {
    oa.enrol(card);
  }
  std::vector<TillStream> opening{tills.back()};
  tally::sim::seal_opening(size, opening.front());
  oa.take(opening, Pattern::kTillByTill, 1);
  for (PlannedHold& hold : holds) {
    oa.authorise(hold);
  }
  oa.close();
}

struct Outcome {
  Figures figures;
  std::string rows;  ///< Hash of all tables; only when wanted.
  double seconds = 0;
};

Outcome run_order(const RecordSet& set, const std::string& path, unsigned order, bool dump) {
  const auto pattern = static_cast<Pattern>(order % static_cast<unsigned>(Pattern::kCount));
  const auto started = std::chrono::steady_clock::now();
  Office oa(path, set.streams);
  oa.take(set.streams, pattern, order + 1);
  Outcome outcome;
  outcome.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  outcome.figures = oa.figures();
  if (dump) {
    outcome.rows = oa.dump_hash();
  }
  oa.close();
  return outcome;
}

/// How many cards stand at something else than the rules say; the first three are named.
std::size_t compare(unsigned order, const RecordSet& set, const Figures& figures) {
  std::size_t wrong = 0;
  for (const auto& [card, due] : set.due) {
    const auto found = figures.sums.find(card);
    if (found != figures.sums.end() && found->second == due) {
      continue;
    }
    if (++wrong <= 3) {
      std::fprintf(stderr,
                   "order %u: card %s adds up to %s, the rules say %lld\n",
                   order,
                   card.c_str(),
                   found == figures.sums.end() ? "nothing" : std::to_string(found->second).c_str(),
                   static_cast<long long>(due));
    }
  }
  if (figures.all_accounts != 0) {
    std::fprintf(stderr,
                 "order %u: all accounts add up to %lld\n",
                 order,
                 static_cast<long long>(figures.all_accounts));
    ++wrong;
  }
  return wrong;
}

void print_order(unsigned order, const Outcome& outcome, std::size_t wrong) {
  const Figures& figures = outcome.figures;
  std::printf(
      "order %2u, %-12s: %llu posted, %llu in quarantine, %llu came before their original, "
      "RISK %lld, SUSPENSE %lld, %zu wrong, %llu commits, %.1f s\n",
      order,
      name_of(static_cast<Pattern>(order % static_cast<unsigned>(Pattern::kCount))),
      static_cast<unsigned long long>(figures.posted),
      static_cast<unsigned long long>(figures.in_quarantine),
      static_cast<unsigned long long>(figures.waiting),
      static_cast<long long>(figures.risk),
      static_cast<long long>(figures.suspense),
      wrong,
      static_cast<unsigned long long>(figures.commits),
      outcome.seconds);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  SetSize size;
  unsigned orders = 20;
  CLI::App app{"One set of records and answers in many orders of arrival (I11)"};
  app.add_option("--records", size.records, "Records in the set")
      ->check(CLI::Range(100, 10'000'000));
  app.add_option("--orders", orders, "Orders of arrival")->check(CLI::Range(1, 1'000));
  app.add_option("--members", size.members, "Members")->check(CLI::Range(10, 100'000));
  app.add_option("--terminals", size.terminals, "Terminals")->check(CLI::Range(2, 200));
  app.add_option("--stores", size.stores, "Stores they stand in")->check(CLI::Range(1, 100));
  app.add_option("--seed", size.seed, "Of the set");
  CLI11_PARSE(app, argc, argv);

  const Scratch scratch;
  const std::string opening = scratch.file("opening.db");
  std::vector<PlannedHold> holds = tally::sim::plan_holds(size);
  make_opening(size, opening, holds);
  const RecordSet set = tally::sim::make_records(size, holds);
  std::size_t records = 0;
  for (const TillStream& stream : set.streams) {
    records += stream.sealed.size();
  }
  std::printf("%zu records of %u terminals in %u stores, %zu cards:",
              records,
              size.terminals,
              size.stores,
              set.due.size());
  for (const auto& [kind, count] : set.kinds) {
    std::printf(" %llu %s,", static_cast<unsigned long long>(count), kind.c_str());
  }
  std::printf(" seed %llu\n", static_cast<unsigned long long>(size.seed));

  std::size_t wrong = 0;
  std::string first_rows;
  for (unsigned order = 0; order < orders; ++order) {
    const Outcome outcome = run_order(set, scratch.copy_of(opening), order, order == 0);
    const std::size_t found = compare(order, set, outcome.figures);
    print_order(order, outcome, found);
    wrong += found;
    if (order == 0) {
      first_rows = outcome.rows;
    }
  }
  const std::string again = run_order(set, scratch.copy_of(opening), 0, true).rows;
  const bool same = again == first_rows;
  std::printf("order  0 again: %s\n", same ? "the same rows in every table" : "OTHER ROWS");
  std::printf("%s: %zu records, %u orders, %zu sums wrong\n",
              wrong == 0 && same ? "I11 holds" : "I11 VIOLATED",
              records,
              orders,
              wrong);
  return wrong == 0 && same ? 0 : 1;
}
