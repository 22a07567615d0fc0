// The OA of the crash tests: machine, ledger, the office's enrolments.
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/try.hpp"

#include "tests/crash/registry.hpp"
#include "tests/crash/world.hpp"

namespace tally::crash {

bool World::open_oa() {
  const Status opened = in_phase(Part::kOa, Phase::kOpening, [&]() -> Status {
    TALLY_TRY_ASSIGN(ledger_, storage::LedgerStore::open(path_of(Part::kOa)));
    return {};
  });
  if (!opened) {
    reopen_at_ms_[index(Part::kOa)] = ms_ + 1'000;
    return false;
  }
  node::OaConfig config;
  config.policy.program.redeem_min = Points{10};
  oa_ = std::make_unique<node::OaNode>(config, *ledger_, *registry_);
  return true;
}

void World::close_oa() {
  oa_.reset();
  ledger_.reset();
}

void World::handle(node::OaEvent event) {
  if (!oa_) {
    return;
  }
  const std::array events{std::move(event)};
  Result<node::OaActions> actions = node::OaActions{};
  const std::uint64_t before = oa_->counters().commits;
  const Status done = in_phase(Part::kOa, Phase::kCommit, [&]() -> Status {
    actions = oa_->handle(events, now());
    return actions ? Status{} : Status{actions.error()};
  });
  if (!done) {
    oa_failed();
    return;
  }
  if (oa_->counters().commits != before) {
    count_commit(Part::kOa);
  }
  perform(*actions);
  if (const Status tidied =
          in_phase(Part::kOa, Phase::kUpkeep, [&] { return ledger_->db().maintain(); });
      !tidied) {
    oa_failed();
  }
}

void World::perform(const node::OaActions& actions) {
  for (const node::OaAction& action : actions) {
    if (const auto* send = std::get_if<node::SendToGateway>(&action)) {
      post(Part::kGateway, [this, line = send->connection, message = send->message] {
        if (line == uplink_line_) {
          perform(gateway_->on_uplink_message(message, now()));
        }
      });
    } else if (const auto* close = std::get_if<node::CloseGateway>(&action)) {
      post(Part::kGateway, [this, line = close->connection] {
        if (line == uplink_line_) {
          drop_uplink();
        }
      });
    }
  }
}

void World::oa_failed() {
  oa_.reset();
  ledger_.reset();
  reopen_at_ms_[index(Part::kOa)] = ms_ + 1'000;
  drop_uplink();
}

void World::enrol(const std::string& card) {
  if (!ledger_) {
    return;
  }
  const Status done = in_phase(Part::kOa, Phase::kCommit, [&]() -> Status {
    ledger::ReadPlan plan;
    plan.cards.insert(card);
    TALLY_TRY(ledger_->begin());
    TALLY_TRY_ASSIGN(ledger::WorkingSet set, ledger_->read(std::move(plan)));
    ledger::enrol(set, {card, "会员*", 0}, oa_->ledger_time(now()));
    TALLY_TRY(ledger_->write(set, {}));
    TALLY_TRY(node::post_waiting(*ledger_, card, oa_->policy(), oa_->ledger_time(now())));
    return ledger_->commit();
  });
  if (!done) {
    oa_failed();  // The office tries again: enrolling twice makes one member.
    return;
  }
  count_commit(Part::kOa);
}

}  // namespace tally::crash
