#include "tests/sim/swarm.hpp"

#include "core/base/assert.hpp"

namespace tally::sim {
namespace {

struct Kind {
  std::string_view name;
  std::int64_t weight;  ///< How often it comes when everything is on.
};

// In the order of Fault.
constexpr std::array<Kind, kFaults> kKinds{{
    {"terminal_killed", 20},
    {"terminal_power_cut", 20},
    {"terminal_sync_fails", 6},
    {"terminal_disk_full", 4},
    {"terminal_disk_restored", 3},
    {"terminal_disks_swapped", 2},
    {"terminal_reflashed", 2},
    {"terminal_paused", 5},
    {"terminal_lies", 8},
    {"gateway_killed", 8},
    {"gateway_power_cut", 8},
    {"gateway_sync_fails", 4},
    {"gateway_disk_full", 3},
    {"gateway_replaced", 2},
    {"gateway_paused", 3},
    {"gateway_lies", 8},
    {"oa_killed", 4},
    {"oa_power_cut", 4},
    {"oa_sync_fails", 2},
    {"oa_paused", 2},
    {"link_cut", 12},
    {"uplink_cut", 10},
    {"link_one_way", 6},
    {"link_flaps", 4},
    {"link_stalls", 5},
    {"slow_network", 3},
    {"replay", 4},
    {"clock_jumps", 5},
    {"clock_drifts", 3},
    {"clock_dies", 2},
    {"terminal_replaced", 12},
    {"directory_lossy", 5},
    {"directory_key_replaced", 6},
    {"member_erased", 20},
    {"card_replaced", 10},
    {"clock_set_wrong", 3},
    {"records_lossy", 10},
    {"checkpoint_fails", 20},
    {"oa_restored", 6},
}};

template <std::size_t N>
std::int64_t one_of(Clockwork& clockwork, const std::array<std::int64_t, N>& values) {
  return values[clockwork.index(N)];
}

}  // namespace

std::string_view name_of(Fault fault) {
  return kKinds[static_cast<std::size_t>(fault)].name;
}

std::optional<Fault> fault_named(std::string_view name) {
  for (std::size_t i = 0; i < kFaults; ++i) {
    if (kKinds[i].name == name) {
      return static_cast<Fault>(i);
    }
  }
  return std::nullopt;
}

Swarm choose_swarm(Clockwork& clockwork, Profile profile, std::uint64_t off) {
  Swarm swarm;
  const std::int64_t percent_on = one_of(clockwork, std::array<std::int64_t, 4>{15, 35, 60, 90});
  for (std::size_t i = 0; i < kFaults; ++i) {
    const bool on = clockwork.chance(percent_on);
    const std::int64_t weight = kKinds[i].weight * clockwork.between(1, 10);
    const bool allowed = profile == Profile::kSwarm && ((off >> i) & 1U) == 0;
    swarm.weights[i] = on && allowed ? weight : 0;
    swarm.weight_sum += swarm.weights[i];
  }
  swarm.faults_per_terminal_day = one_of(clockwork, std::array<std::int64_t, 5>{2, 4, 8, 24, 96});
  swarm.heartbeat_ms = one_of(
      clockwork, std::array<std::int64_t, 6>{5'000, 60'000, 60'000, 120'000, 120'000, 120'000});
  swarm.customer_gap_s = one_of(clockwork, std::array<std::int64_t, 5>{60, 180, 240, 240, 240});
  swarm.redeem_percent = one_of(clockwork, std::array<std::int64_t, 3>{40, 50, 80});
  swarm.undo_percent = one_of(clockwork, std::array<std::int64_t, 3>{4, 6, 15});
  swarm.return_percent = one_of(clockwork, std::array<std::int64_t, 3>{5, 8, 20});
  swarm.cancel_percent = one_of(clockwork, std::array<std::int64_t, 3>{0, 3, 15});
  swarm.double_tap_percent = one_of(clockwork, std::array<std::int64_t, 3>{0, 10, 40});
  swarm.rows_kept = one_of(clockwork, std::array<std::int64_t, 3>{5, 100, 1'000});
  swarm.uplink_window = one_of(clockwork, std::array<std::int64_t, 3>{1, 8, 2'048});
  swarm.backup_gap_ms = one_of(clockwork, std::array<std::int64_t, 3>{1, 4, 24}) * 3'600'000;
  return swarm;
}

Fault draw_fault(Clockwork& clockwork, const Swarm& swarm) {
  TALLY_ASSERT(swarm.weight_sum > 0);
  std::int64_t at = clockwork.between(1, swarm.weight_sum);
  for (std::size_t i = 0; i < kFaults; ++i) {
    at -= swarm.weights[i];
    if (at <= 0) {
      return static_cast<Fault>(i);
    }
  }
  return Fault::kTerminalKilled;
}

}  // namespace tally::sim
