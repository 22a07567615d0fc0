// What a seed has switched on: which faults happen and how often, and how busy the shops are. Every
// seed switches a random subset on, at random rates, because a fault that always comes along hides
// what the others do alone (swarm testing, Groce et al., ISSTA 2012).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/sim/clockwork.hpp"

namespace tally::sim {

enum class Fault : std::uint8_t {
  kTerminalKilled,    ///< The process: what it wrote is in the cache of a machine that goes on.
  kTerminalPowerCut,  ///< At a random write: unsynced sectors dropped or kept one by one.
  kTerminalSyncFails,
  kTerminalDiskFull,
  kTerminalDiskRestored,  ///< An older image of its own disk.
  kTerminalDisksSwapped,
  kTerminalReflashed,  ///< Enrolled anew on an empty disk.
  kTerminalPaused,
  kTerminalLies,  ///< Calls itself another, changes, repeats, leaves out records.
  kGatewayKilled,
  kGatewayPowerCut,
  kGatewaySyncFails,
  kGatewayDiskFull,
  kGatewayReplaced,  ///< Gone for ever; another one on an empty disk.
  kGatewayPaused,
  kGatewayLies,  ///< False APPLIED; changes, repeats, delays, withholds messages.
  kOaKilled,
  kOaPowerCut,
  kOaSyncFails,
  kOaPaused,
  kLinkCut,      ///< Between a terminal and its gateway.
  kUplinkCut,    ///< Between a gateway and the OA.
  kLinkOneWay,   ///< Either of them, in one direction.
  kLinkFlaps,    ///< Either of them, again and again.
  kLinkStalls,   ///< Either of them: nothing is lost, all of it comes late, by hours at worst.
  kSlowNetwork,  ///< All of it.
  kReplay,       ///< What a client once sent comes again on a new connection.
  kClockJumps,
  kClockDrifts,
  kClockDies,
  kTerminalReplaced,      ///< A new box under its number; the old one is plugged in again.
  kDirectoryLossy,        ///< Uplinks lose and repeat messages of the member directory.
  kDirectoryKeyReplaced,  ///< The stores' cards are hashed under other keys from now on.
  kMemberErased,
  kCardReplaced,
  kClockSetWrong,    ///< By years, while a terminal is off; it starts where nobody tells the time.
  kRecordsLossy,     ///< A gateway's uplink loses and repeats records.
  kCheckpointFails,  ///< Of some database: the sync of what was moved out of the log.
  kOaRestored,       ///< The ledger of the last back-up takes the place of the one there was.
  kCount,
};

inline constexpr std::size_t kFaults = static_cast<std::size_t>(Fault::kCount);

/// "terminal_power_cut" and so on: the key in the report.
std::string_view name_of(Fault fault);
std::optional<Fault> fault_named(std::string_view name);

/// Its place in a set of faults.
constexpr std::uint64_t bit_of(Fault fault) {
  return std::uint64_t{1} << static_cast<unsigned>(fault);
}

enum class Profile : std::uint8_t {
  kSwarm,
  kCalm,  ///< No faults at all.
};

struct Swarm {
  std::array<std::int64_t, kFaults> weights{};  ///< 0: off.
  std::int64_t weight_sum = 0;
  std::int64_t faults_per_terminal_day = 0;
  std::int64_t heartbeat_ms = 60'000;
  std::int64_t customer_gap_s = 250;  ///< Between two customers at one till, on average.
  std::int64_t redeem_percent = 50;   ///< Customers who want to.
  std::int64_t undo_percent = 6;      ///< Sales voided at once.
  std::int64_t return_percent = 6;    ///< Customers who come to void or return an earlier sale.
  std::int64_t cancel_percent = 3;    ///< Cashiers who lose patience.
  std::int64_t double_tap_percent = 10;
  std::int64_t rows_kept = 1'000;
  std::int64_t uplink_window = 2'048;           ///< Records a gateway sends ahead of RECEIVED.
  std::int64_t backup_gap_ms = 24 * 3'600'000;  ///< Between two back-ups of the ledger, at most.

  bool is_on(Fault fault) const { return weights[static_cast<std::size_t>(fault)] > 0; }
};

/// Draws a seed's swarm. `off` is a set of faults (bits by number) that are switched off whatever
/// is drawn: what --shrink tries.
Swarm choose_swarm(Clockwork& clockwork, Profile profile, std::uint64_t off);

/// One of the faults that are on, by weight. Requires weight_sum above zero.
Fault draw_fault(Clockwork& clockwork, const Swarm& swarm);

}  // namespace tally::sim
