#include "tests/sim/line_troubles.hpp"

namespace tally::sim {

bool LineTroubles::happen(Fault fault) {
  switch (fault) {
    case Fault::kLinkCut: {
      const TerminalHost& terminal = *terminals_[world_.clockwork.index(terminals_.size())];
      cut({&terminal, terminal.gateway()}, Network::Cut::kBoth, between(1'000, 2 * kHourMs));
      return true;
    }
    case Fault::kUplinkCut: {
      const Way way{gateways_[world_.clockwork.index(gateways_.size())].get(), &oa_};
      cut(way, Network::Cut::kBoth, between(1'000, 4 * kHourMs));
      return true;
    }
    case Fault::kLinkOneWay: {
      const Way way = some_way();
      const auto how =
          world_.clockwork.chance(50) ? Network::Cut::kToServer : Network::Cut::kToClient;
      cut(way, how, between(1'000, kHourMs));
      return true;
    }
    case Fault::kLinkFlaps: {
      const Way way = some_way();
      flap(way, static_cast<int>(between(3, 20)));
      return true;
    }
    case Fault::kLinkStalls: {
      const Way way = some_way();
      const std::int64_t for_ms = between(1'000, kHourMs);
      cut(way, Network::Cut::kStalled, for_ms, between(0, 3 * kHourMs));
      return true;
    }
    case Fault::kSlowNetwork:
      world_.network.delay_max_ms = between(1'000, 6'000);
      world_.clockwork.after(between(kMinuteMs, 30 * kMinuteMs),
                             [this] { world_.network.delay_max_ms = 40; });
      return true;
    case Fault::kReplay:
      return replay();
    default:
      return false;
  }
}

void LineTroubles::cut(Way way, Network::Cut how, std::int64_t for_ms, std::int64_t late_ms) {
  world_.network.cut(way.client, way.server, how);
  world_.clockwork.after(
      for_ms, [this, way, late_ms] { world_.network.heal(way.client, way.server, late_ms); });
}

// Everybody sends at once.
void LineTroubles::thin(std::int64_t for_ms) {
  const std::int64_t delay_ms = between(200, 2'000);
  for (const auto& gateway : gateways_) {
    world_.network.slow_down(gateway.get(), &oa_, delay_ms);
  }
  world_.clockwork.after(for_ms, [this] {
    for (const auto& gateway : gateways_) {
      world_.network.slow_down(gateway.get(), &oa_, 0);
    }
  });
}

LineTroubles::Way LineTroubles::some_way() {
  if (world_.clockwork.chance(60)) {
    const TerminalHost& terminal = *terminals_[world_.clockwork.index(terminals_.size())];
    return {&terminal, terminal.gateway()};
  }
  return {gateways_[world_.clockwork.index(gateways_.size())].get(), &oa_};
}

void LineTroubles::flap(Way way, int times) {
  if (times == 0 || world_.healed) {
    return;
  }
  const std::int64_t for_ms = between(500, 20'000);
  cut(way, Network::Cut::kBoth, for_ms);
  world_.clockwork.after(for_ms + between(500, 20'000),
                         [this, way, times] { flap(way, times - 1); });
}

// Somebody who may have cut the line before: then the one whose words these are cannot object.
bool LineTroubles::replay() {
  const auto recorded = world_.network.some_recording();
  if (!recorded) {
    return false;
  }
  if (world_.clockwork.chance(60)) {
    cut({recorded->client, recorded->server}, Network::Cut::kBoth, between(20'000, 120'000));
  }
  world_.clockwork.after(between(100, 15'000), [this, connection = recorded->connection] {
    world_.network.replay(connection);
  });
  return true;
}

}  // namespace tally::sim
