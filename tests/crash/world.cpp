#include "tests/crash/world.hpp"

#include <filesystem>
#include <utility>

#include "core/base/assert.hpp"

#include "tests/crash/registry.hpp"

namespace tally::crash {

const char* name_of(Part part) {
  constexpr std::array kNames{"terminal", "gateway", "oa"};
  return kNames[static_cast<std::size_t>(part)];
}

const char* World::file_of(Part part) {
  return part == Part::kOa ? "ledger.db" : "journal.db";
}

crypto::Key256 World::key_of(TerminalId terminal) {
  crypto::Key256 key{};
  key.fill(static_cast<std::uint8_t>(terminal.value));
  return key;
}

World::World(std::string directory, std::vector<std::string> cards, Mistakes mistakes)
    : directory_(std::move(directory)),
      cards_(std::move(cards)),
      mistakes_(mistakes),
      registry_(std::make_unique<Registry>()),
      till_({kSecondTill, Incarnation{1}}, key_of(kSecondTill)) {
  for (const Part part : kParts) {
    directories_[index(part)] = directory_ + "/" + name_of(part);
    std::filesystem::create_directory(directories_[index(part)]);
    disks_[index(part)] = std::make_unique<tests::FaultyDisk>(directories_[index(part)]);
    disks_[index(part)]->lie(mistakes_.disks_lie);
  }
}

World::~World() {
  queue_.clear();
  terminal_.reset();
  terminal_journal_.reset();
  gateway_.reset();
  gateway_journal_.reset();
  oa_.reset();
  ledger_.reset();
}

Status World::in_phase(Part part, Phase phase, const std::function<Status()>& work) {
  phases_[index(part)] = phase;
  const Status done = work();
  phases_[index(part)] = Phase::kIdle;
  if (!done && phase == Phase::kOpening) {
    last_refusal_ = describe(done.error());
  }
  if (done && phase == Phase::kOpening && on_change) {
    on_change(part);
  }
  return done;
}

void World::count_commit(Part part) {
  ++commits_[index(part)];
  if (on_change) {
    on_change(part);
  }
}

void World::post(Part part, std::function<void()> what) {
  queue_.push_back([this, part, life = lives_[index(part)], what = std::move(what)] {
    if (life == lives_[index(part)]) {
      what();
    }
  });
}

void World::settle() {
  while (!queue_.empty()) {
    // Taken out first: what runs may never come back, and the rest goes on without it.
    const std::function<void()> next = std::move(queue_.front());
    queue_.pop_front();
    next();
  }
}

void World::heal() {
  if (!ledger_ && ms_ >= reopen_at_ms_[index(Part::kOa)]) {
    open_oa();
  }
  if (!gateway_journal_ && ms_ >= reopen_at_ms_[index(Part::kGateway)]) {
    open_gateway();
  }
  if (!terminal_journal_ && ms_ >= reopen_at_ms_[index(Part::kTerminal)]) {
    open_terminal();
  }
  connect_uplink();
  connect_terminal();
  settle();
}

void World::pass(std::int64_t ms) {
  for (const std::int64_t until = ms_ + ms; ms_ < until;) {
    ms_ += 250;
    if (terminal_) {
      perform(terminal_->tick(now()));
    }
    if (gateway_) {
      perform(gateway_->tick(now()));
    }
    if (oa_) {
      perform(oa_->tick(now()));
    }
    settle();
    heal();
  }
}

void World::cut_terminal(bool is_cut) {
  terminal_cut_ = is_cut;
  if (is_cut) {
    drop_terminal();
  }
  heal();
}

void World::cut_uplink(bool is_cut) {
  uplink_cut_ = is_cut;
  if (is_cut) {
    drop_uplink();
  }
  heal();
}

void World::checkpoint(Part part) {
  const Status done = in_phase(part, Phase::kUpkeep, [&]() -> Status {
    switch (part) {
      case Part::kTerminal:
        return terminal_journal_ ? terminal_journal_->checkpoint() : Status{};
      case Part::kGateway:
        return gateway_journal_ ? gateway_journal_->checkpoint() : Status{};
      case Part::kOa:
        return ledger_ ? ledger_->db().checkpoint() : Status{};
    }
    return {};
  });
  // A checkpoint that failed ends the database's connection; the next commit finds out.
  static_cast<void>(done);
}

void World::stop_and_start(Part part) {
  checkpoint(part);
  switch (part) {
    case Part::kTerminal:
      drop_terminal();
      close_terminal();
      break;
    case Part::kGateway:
      drop_terminal();
      drop_uplink();
      close_gateway();
      break;
    case Part::kOa:
      drop_uplink();
      close_oa();
      break;
  }
  ++lives_[index(part)];
  heal();
}

void World::restart(Part part, const std::string& directory, const tests::DiskContent& content) {
  ++lives_[index(part)];
  // What is open on the old disk stays open for ever: the machine it belonged to is gone, and some
  // call of it may be waiting for this one to return.
  static_cast<void>(disks_[index(part)].release());
  switch (part) {
    case Part::kTerminal:
      static_cast<void>(terminal_.release());
      static_cast<void>(new auto(std::move(terminal_journal_)));
      terminal_journal_.reset();
      screen_seen_.reset();
      drop_terminal();
      break;
    case Part::kGateway:
      static_cast<void>(gateway_.release());
      static_cast<void>(new auto(std::move(gateway_journal_)));
      gateway_journal_.reset();
      till_line_ = {};
      till_.disconnect();
      drop_terminal();
      drop_uplink();
      break;
    case Part::kOa:
      static_cast<void>(oa_.release());
      static_cast<void>(ledger_.release());
      drop_uplink();
      break;
  }
  phases_[index(part)] = Phase::kIdle;
  reopen_at_ms_[index(part)] = 0;
  directories_[index(part)] = directory;
  disks_[index(part)] = std::make_unique<tests::FaultyDisk>(directory);
  disks_[index(part)]->load(content);
}

std::string World::waits_for() const {
  if (!terminal_ || !gateway_ || !oa_) {
    return std::string(!oa_        ? "the OA"
                       : !gateway_ ? "the gateway"
                                   : "the terminal") +
           " does not run: " + last_refusal_;
  }
  const node::UplinkStatus uplink = gateway_->uplink();
  if (!uplink.up || !terminal_->linked()) {
    return uplink.up ? "no link between terminal and gateway" : "no link between gateway and OA";
  }
  if (uplink.queue_records > 0) {
    return std::to_string(uplink.queue_records) + " records wait at the gateway";
  }
  for (const node::TerminalStatus& status : gateway_->terminals()) {
    if (status.terminal == kSecondTill && status.applied != till_.head()) {
      return "the second till has " + std::to_string(till_.head().value) + " records, " +
             std::to_string(status.applied.value) + " are applied";
    }
  }
  const std::uint64_t head = terminal_->synced_head().seq.value;
  if (terminal_->view().status.unsynced_records > 0 || terminal_->applied().seq.value != head) {
    return "the terminal has " + std::to_string(head) + " records, " +
           std::to_string(terminal_->received().seq.value) + " are received and " +
           std::to_string(terminal_->applied().seq.value) + " applied";
  }
  return terminal_->view().screen == sale::Screen::kWorking ? "the cashier waits" : "";
}

}  // namespace tally::crash
