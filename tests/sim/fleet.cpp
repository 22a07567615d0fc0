#include "tests/sim/fleet.hpp"

#include <utility>

#include "core/base/assert.hpp"
#include "core/member/card_number.hpp"

namespace tally::sim {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDrainMs =
    30 * 60'000;  ///< I10: all queues are empty this long after healing.

}  // namespace

Fleet::Fleet(FleetSetup setup)
    : setup_(std::move(setup)),
      clockwork_(setup_.seed),
      network_(clockwork_),
      oa_(clockwork_, network_, (setup_.folder / "oa.db").string()) {
  for (int i = 0; i < setup_.members; ++i) {
    cards_.push_back(*member::make_card_number(static_cast<std::uint64_t>(i + 1)));
  }
  for (int g = 0; g < setup_.gateways; ++g) {
    const GatewayId gateway{static_cast<std::uint32_t>(11 + g)};
    const std::string name = "gateway-" + std::to_string(gateway.value) + ".db";
    gateways_.push_back(std::make_unique<GatewayHost>(
        clockwork_, network_, GatewayHost::Setup{gateway, (setup_.folder / name).string()}));
    gateways_.back()->set_oa(&oa_);
    oa_.add_gateway(gateway, gateways_.back().get());
    for (int t = 0; g + t * setup_.gateways < setup_.terminals; ++t) {
      TerminalHost::Setup terminal;
      terminal.terminal = TerminalId{static_cast<std::uint32_t>(100 * (g + 1) + t + 1)};
      terminal.gateway = gateway;
      for (std::uint8_t& byte : terminal.key) {
        byte = static_cast<std::uint8_t>(clockwork_.random());
      }
      terminal.journal_path =
          (setup_.folder / ("terminal-" + std::to_string(terminal.terminal.value) + ".db"))
              .string();
      terminal.cards = cards_;
      terminal.clock_skew_ms = clockwork_.chance(20) ? clockwork_.between(-kHourMs, kHourMs) : 0;
      oa_.registry().add(terminal.terminal, StoreId{gateway.value}, terminal.key);
      terminals_.push_back(
          std::make_unique<TerminalHost>(clockwork_, network_, std::move(terminal)));
      terminals_.back()->set_gateway(gateways_.back().get());
      gateways_.back()->add_terminal(terminals_.back()->setup().terminal, terminals_.back().get());
    }
  }
}

SeedReport Fleet::run() {
  oa_.power_on();
  for (const std::string& card : cards_) {
    oa_.enrol(card);
  }
  for (const auto& gateway : gateways_) {
    gateway->power_on();
  }
  for (const auto& terminal : terminals_) {
    terminal->power_on();
  }
  clockwork_.after(10'000, [this] { trouble(); });
  clockwork_.run_until(setup_.hours * kHourMs);

  heal();
  const std::int64_t deadline_ms = clockwork_.now_ms() + kDrainMs;
  while (!drained() && clockwork_.now_ms() < deadline_ms) {
    clockwork_.run_until(clockwork_.now_ms() + 5'000);
  }
  judge(report_);
  report_.seed = setup_.seed;
  report_.events = clockwork_.events();
  report_.messages = network_.messages();
  report_.dropped = network_.dropped();
  report_.terminal_hours = static_cast<double>(setup_.hours * setup_.terminals);
  report_.trace_hash = clockwork_.trace().hash();
  return std::move(report_);
}

void Fleet::trouble() {
  if (healed_) {
    return;
  }
  clockwork_.after(clockwork_.between(5'000, 240'000), [this] { trouble(); });
  const auto pick = [&](std::size_t count) {
    return static_cast<std::size_t>(clockwork_.between(0, static_cast<std::int64_t>(count) - 1));
  };
  TerminalHost& terminal = *terminals_[pick(terminals_.size())];
  GatewayHost& gateway = *gateways_[pick(gateways_.size())];
  switch (clockwork_.between(0, 6)) {
    case 0:
    case 1:
      if (terminal.running()) {
        ++report_.crashes;
        ++report_.faults["terminal_killed"];
        terminal.power_off();
      }
      break;
    case 2:
      if (gateway.running()) {
        ++report_.crashes;
        ++report_.faults["gateway_killed"];
        gateway.power_off();
      }
      break;
    case 3:
      if (oa_.running()) {
        ++report_.crashes;
        ++report_.faults["oa_killed"];
        oa_.power_off();
      }
      break;
    case 4: {
      ++report_.faults["link_cut"];
      const Endpoint* from = &terminal;
      const Endpoint* to = gateways_[0].get();
      for (const auto& candidate : gateways_) {
        if (candidate->setup().gateway == terminal.setup().gateway) {
          to = candidate.get();
        }
      }
      network_.cut(from, to, true);
      clockwork_.after(clockwork_.between(1'000, 600'000),
                       [this, from, to] { network_.cut(from, to, false); });
      break;
    }
    case 5: {
      ++report_.faults["link_cut"];
      const Endpoint* from = &gateway;
      network_.cut(from, &oa_, true);
      clockwork_.after(clockwork_.between(1'000, 1'200'000),
                       [this, from] { network_.cut(from, &oa_, false); });
      break;
    }
    default:
      ++report_.faults["delay"];
      network_.delay_max_ms = clockwork_.chance(30) ? clockwork_.between(1'000, 6'000) : 40;
      break;
  }
}

void Fleet::heal() {
  healed_ = true;
  network_.delay_max_ms = 40;
  for (const auto& terminal : terminals_) {
    terminal->close_shop();
  }
}

bool Fleet::drained() const {
  if (!oa_.running()) {
    return false;
  }
  for (const auto& gateway : gateways_) {
    if (!gateway->drained()) {
      return false;
    }
  }
  for (const auto& terminal : terminals_) {
    if (!terminal->drained()) {
      return false;
    }
  }
  return true;
}

void Fleet::judge(SeedReport& report) {
  const auto breach = [&](const char* invariant, std::string text) {
    report.violations.push_back(
        {invariant, clockwork_.events(), clockwork_.now_ms(), std::move(text)});
  };
  for (const auto& terminal : terminals_) {
    if (!terminal->drained()) {
      breach("I10",
             "terminal " + std::to_string(terminal->setup().terminal.value) + " has not drained");
    }
  }
  for (const auto& gateway : gateways_) {
    if (!gateway->drained()) {
      breach("I10",
             "gateway " + std::to_string(gateway->setup().gateway.value) + " has not drained");
    }
  }
  if (!report.violations.empty() || !oa_.running()) {
    return;
  }
  std::map<std::string, std::int64_t> expected;
  for (const auto& terminal : terminals_) {
    const JournalFold folded = fold(*terminal);
    for (const Seen& seen : terminal->seen()) {
      report.sales += seen.voided ? 0U : 1U;
      report.redemptions += !seen.voided && seen.redeemed.value > 0 ? 1U : 0U;
    }
    for (std::string& line : check_seen(*terminal, folded)) {
      breach("I5", std::move(line));
    }
    for (const auto& [card, points] : folded.points_by_card) {
      expected[card] += points;
    }
  }
  TALLY_ASSERT(oa_.store().begin().has_value());
  for (const std::string& card : cards_) {
    ledger::ReadPlan plan;
    plan.cards.insert(card);
    auto set = oa_.store().read(std::move(plan));
    TALLY_ASSERT(set.has_value());
    const ledger::MemberEntry* member = set->member(set->member_of_card(card));
    const ledger::Member& row = member->row;
    const std::int64_t held = row.held.value;
    const std::int64_t balance =
        row.available.value + held + row.pending.value + row.debt.value + row.risk.value;
    if (held != 0) {
      breach("I5",
             "a hold of card …" + card.substr(12) + " is still open: " + std::to_string(held));
    }
    if (balance != expected[card]) {
      breach("I5",
             "the ledger of card …" + card.substr(12) + " says " + std::to_string(balance) +
                 ", the journals say " + std::to_string(expected[card]));
    }
  }
  oa_.store().rollback();
}

}  // namespace tally::sim
