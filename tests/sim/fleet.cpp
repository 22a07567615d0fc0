#include "tests/sim/fleet.hpp"

#include <utility>

namespace tally::sim {
namespace {

/// I10: all queues are empty so long after everything was healed.
constexpr std::int64_t kDrainMs = 2 * kHourMs;
constexpr int kMembersPerTerminal = 5;
constexpr std::int64_t kDirectoryCheckMs = 600'000;

}  // namespace

Fleet::Fleet(const FleetSetup& setup)
    : world_(setup), oa_(world_, 0), troubles_(world_, oa_, gateways_, terminals_) {
  make_machines();
}

void Fleet::make_machines() {
  const FleetSetup& setup = world_.setup;
  int number = 0;
  for (int g = 0; g < setup.gateways; ++g) {
    const GatewayId gateway{static_cast<std::uint32_t>(11 + g)};
    gateways_.push_back(std::make_unique<GatewayHost>(world_, ++number, gateway));
    gateways_.back()->set_oa(&oa_);
    oa_.add_gateway(gateways_.back().get());
    for (int t = 0; g + t * setup.gateways < setup.terminals; ++t) {
      const TerminalId terminal{static_cast<std::uint32_t>(100 * (g + 1) + t + 1)};
      terminals_.push_back(
          std::make_unique<TerminalHost>(world_, TerminalHost::Setup{++number, terminal, gateway}));
      TerminalHost& host = *terminals_.back();
      host.set_gateway(gateways_.back().get());
      gateways_.back()->add_terminal(&host);
      oa_.registry().add_terminal(host.stream(), host.store(), host.key());
      if (world_.swarm.is_on(Fault::kClockJumps)) {
        host.clock().jump(world_.clockwork.between(-3'600, 3'600) * 1'000'000);
      }
    }
  }
}

void Fleet::enrol_members() {
  for (int i = 0; i < world_.setup.terminals * kMembersPerTerminal; ++i) {
    const std::string card = world_.make_card();
    world_.cards.push_back(card);
    if (world_.clockwork.chance(10)) {
      // Handed out, used, and made known to the OA only later, if ever.
      ++world_.report.faults["late_enrolment"];
      world_.clockwork.after(world_.clockwork.between(0, world_.setup.hours * kHourMs),
                             [this, card] { oa_.enrol(card); });
    } else {
      oa_.enrol(card);
    }
  }
}

SeedReport Fleet::run() {
  oa_.power_on();
  enrol_members();
  for (const auto& gateway : gateways_) {
    gateway->power_on();
  }
  for (const auto& terminal : terminals_) {
    terminal->power_on();
  }
  oa_.begin_backups();
  troubles_.begin();
  recount_daily();
  compare_directories();
  world_.clockwork.run_until(world_.setup.hours * kHourMs);
  if (!world_.verdict.any()) {
    settle();
  }
  fill_in(world_.report);
  return std::move(world_.report);
}

void Fleet::recount_daily() {
  world_.clockwork.after(12 * kHourMs, [this] {
    if (oa_.running()) {
      world_.ledger.recount();
      oa_.check_rules();
    }
    recount_daily();
  });
}

void Fleet::compare_directories() {
  world_.clockwork.after(kDirectoryCheckMs, [this] {
    check_directories();
    compare_directories();
  });
}

void Fleet::check_directories() {
  oa_.check_directory_holders();
  for (const auto& gateway : gateways_) {
    oa_.check_directory_of(*gateway);
  }
}

void Fleet::settle() {
  world_.healed = true;
  world_.clockwork.note("everything is healed");
  troubles_.heal();
  const std::int64_t deadline_ms = world_.clockwork.now_ms() + kDrainMs;
  while (!world_.verdict.any() && !drained() && world_.clockwork.now_ms() < deadline_ms) {
    world_.clockwork.run_until(world_.clockwork.now_ms() + 5'000);
  }
  if (world_.verdict.any()) {
    return;
  }
  if (!drained()) {
    world_.verdict.violated("I10", who_has_not_drained());
    return;
  }
  world_.truth.check_all_arrived();
  for (const auto& gateway : gateways_) {
    gateway->watch().check_end(world_.ledger);
  }
  world_.ledger.check_end();
  oa_.check_end();
  check_directories();
}

bool Fleet::drained() const {
  return who_has_not_drained().empty();
}

std::string Fleet::who_has_not_drained() const {
  if (!oa_.running()) {
    return "the OA is not running";
  }
  for (const auto& gateway : gateways_) {
    if (!gateway->drained()) {
      return gateway->name() + " has not drained: " + gateway->state();
    }
  }
  for (const auto& gateway : gateways_) {
    if (!oa_.has_all_of_directory(*gateway)) {
      return gateway->name() + " has not all of the member directory";
    }
  }
  for (const auto& terminal : terminals_) {
    if (!terminal->drained()) {
      return terminal->name() + " has not drained: " + terminal->state();
    }
  }
  return "";
}

void Fleet::fill_in(SeedReport& report) const {
  report.seed = world_.setup.seed;
  report.events = world_.clockwork.events();
  report.sales = world_.truth.sales();
  report.redemptions = world_.truth.redemptions();
  report.offline_redemptions = world_.truth.offline_redemptions();
  report.messages = world_.network.messages();
  report.dropped = world_.network.dropped();
  report.exposure_bound = world_.truth.exposure_bound().value;
  report.exposure_reached = world_.ledger.exposure_reached();
  report.terminal_hours = static_cast<double>(world_.setup.hours * world_.setup.terminals);
  Trace trace = world_.clockwork.trace();
  trace.mix(report.events);
  report.trace_hash = trace.hash();
}

}  // namespace tally::sim
