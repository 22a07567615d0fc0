// What the parts of one simulated world share: time and chance, the network, the oracle, the
// figures, and what lies in customers' pockets.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/amount.hpp"
#include "core/base/ids.hpp"
#include "core/member/card_number.hpp"

#include "tests/sim/clockwork.hpp"
#include "tests/sim/directory_watch.hpp"
#include "tests/sim/ledger_watch.hpp"
#include "tests/sim/network.hpp"
#include "tests/sim/report.hpp"
#include "tests/sim/swarm.hpp"
#include "tests/sim/truth.hpp"
#include "tests/sim/verdict.hpp"

namespace tally::sim {

struct FleetSetup {
  std::uint64_t seed = 1;
  std::int64_t hours = 10;
  int gateways = 3;
  int terminals = 9;  ///< In all, spread over the gateways.
  Profile profile = Profile::kSwarm;
  std::uint64_t faults_off = 0;         ///< Bits by Fault, for --shrink.
  std::int64_t faults_max = INT64_MAX;  ///< After so many no more happen, for --shrink.
  std::filesystem::path folder;         ///< Empty and ours alone.
};

/// What a customer took home.
struct Receipt {
  TerminalId terminal;
  StoreId store;
  std::string number;
  std::vector<std::string> codes;  ///< The QR texts of its records.
  Money bill;
  std::int64_t at_ms = 0;
  bool returned = false;  ///< Voided or refunded in whole, as far as the customer knows.
};

inline constexpr std::int64_t kMinuteMs = 60'000;
inline constexpr std::int64_t kHourMs = 3'600'000;
inline constexpr std::int64_t kWallAtStartUs = 1'800'000'000'000'000;
inline constexpr std::int64_t kOpenHours = 10;  ///< Of each day, from its beginning.

struct World {
  World(const FleetSetup& chosen)
      : setup(chosen),
        clockwork(chosen.seed),
        swarm(choose_swarm(clockwork, chosen.profile, chosen.faults_off)),
        network(clockwork),
        verdict(clockwork, report),
        truth(verdict),
        ledger(verdict, truth),
        directory(verdict) {}

  FleetSetup setup;
  SeedReport report;
  Clockwork clockwork;
  Swarm swarm;
  Network network;
  Verdict verdict;
  Truth truth;
  LedgerWatch ledger;
  DirectoryWatch directory;

  std::vector<std::string> cards;  ///< In customers' pockets.
  std::uint64_t cards_made = 0;
  std::vector<Receipt> receipts;
  std::int64_t directory_lossy_until_ms = 0;  ///< Uplinks lose and repeat the directory's messages.
  bool healed = false;  ///< No more faults, no more customers: everything has to settle.

  /// A card that nobody has had before.
  std::string make_card() { return *member::make_card_number(++cards_made); }
  bool directory_lossy() const { return clockwork.now_ms() < directory_lossy_until_ms; }

  WallTime true_time() const { return WallTime{kWallAtStartUs + clockwork.now_ms() * 1'000}; }
  bool shops_open() const { return !healed && clockwork.now_ms() / kHourMs % 24 < kOpenHours; }
};

}  // namespace tally::sim
