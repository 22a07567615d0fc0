// The gateway of the crash tests: machine, journal, lines to both tills and to the OA.
#include <utility>

#include "tests/crash/world.hpp"

namespace tally::crash {

bool World::open_gateway() {
  node::GatewaySnapshot snapshot;
  const Status opened = in_phase(Part::kGateway, Phase::kOpening, [&]() -> Status {
    auto journal = storage::GatewayJournal::open(path_of(Part::kGateway), kGateway);
    if (!journal) {
      return journal.error();
    }
    auto read = journal->snapshot();
    if (!read) {
      return read.error();
    }
    snapshot = std::move(*read);
    gateway_journal_.emplace(std::move(*journal));
    return {};
  });
  if (!opened) {
    reopen_at_ms_[index(Part::kGateway)] = ms_ + 1'000;
    return false;
  }
  durable_.clear();
  for (const node::GatewayStreamState& stream : snapshot.streams) {
    durable_[stream.stream] = stream.received.seq;
  }
  if (gateway_) {
    perform(gateway_->on_journal_reopened(snapshot, now()));
    return true;
  }
  node::GatewayConfig config;
  config.gateway = kGateway;
  config.incarnation = Incarnation{1};
  config.store = kStore;
  config.boot = BootId{1'000 + ++boots_};
  config.software = "crash";
  config.build_time = WallTime{wall_at_start_us_ - 1};
  gateway_ = std::make_unique<node::GatewayNode>(config, snapshot);
  if (mistakes_.gateway_restarts_stream && boots_ > 3) {
    till_.renumber();
  }
  return true;
}

void World::close_gateway() {
  gateway_.reset();
  gateway_journal_.reset();
  till_line_ = {};
  till_.disconnect();
}

void World::perform(node::GatewayActions actions) {
  for (node::GatewayAction& action : actions) {
    if (auto* wanted = std::get_if<node::CommitGateway>(&action)) {
      post(Part::kGateway, [this, change = std::move(wanted->commit)] { commit(change); });
    } else if (const auto* rows = std::get_if<node::ReadStream>(&action)) {
      post(Part::kGateway, [this, wanted = *rows] {
        node::PackedRecords found;
        if (gateway_journal_) {
          found = gateway_journal_->read(wanted.stream, wanted.first, wanted.records_max, 12'000)
                      .value_or(node::PackedRecords{});
        }
        perform(gateway_->on_stream_read(
            wanted.stream, wanted.first, found.count, found.packed, now()));
      });
    } else if (auto* send = std::get_if<node::SendToTerminal>(&action)) {
      if (const auto* received = std::get_if<link::Received>(&send->message)) {
        check_received(*received);
      }
      to_terminal(send->connection, send->message);
    } else if (const auto* close = std::get_if<node::CloseTerminal>(&action)) {
      to_terminal(close->connection, link::Close{close->reason, close->retry_after, close->text});
      if (close->connection == till_line_) {
        till_line_ = {};
        till_.disconnect();
      } else {
        post(Part::kTerminal, [this, line = close->connection] {
          if (line == terminal_line_) {
            drop_terminal();
          }
        });
      }
    } else if (auto* up = std::get_if<node::SendToOa>(&action)) {
      post(Part::kOa, [this, line = uplink_line_, message = std::move(up->message)] {
        if (line && line == uplink_line_) {
          handle(node::GatewayMessage{
              line, {Role::kGateway, kGateway.value, Incarnation{1}}, message});
        }
      });
    } else if (std::holds_alternative<node::DropUplink>(action)) {
      post(Part::kGateway, [this] { drop_uplink(); });
    }
  }
}

void World::check_received(const link::Received& received) {
  for (const StreamMark& mark : received.positions) {
    if (!received.rewind && mark.position.seq > durable_[mark.stream]) {
      broken_words_.push_back("RECEIVED before it was on the gateway's disk: seq " +
                              std::to_string(mark.position.seq.value));
    }
  }
}

void World::to_terminal(node::ConnectionId connection, const link::Message& message) {
  if (connection == till_line_) {
    till_.hear(message);
    return;
  }
  post(Part::kTerminal, [this, connection, message] {
    if (connection == terminal_line_) {
      perform(terminal_->on_message(message, now()));
    }
  });
}

void World::commit(const node::GatewayCommit& commit) {
  if (!gateway_journal_) {
    gateway_failed(make_error(Errc::kUnavailable, "the journal is being opened again"));
    return;
  }
  const Status done = in_phase(
      Part::kGateway, Phase::kCommit, [&] { return gateway_journal_->commit(commit, now().wall); });
  if (!done) {
    gateway_failed(done.error());
    return;
  }
  count_commit(Part::kGateway);
  for (const node::PackedRecords& records : commit.append) {
    durable_[records.stream] = records.end.seq;
  }
  perform(gateway_->on_committed(now()));
  const Status tidied =
      in_phase(Part::kGateway, Phase::kUpkeep, [&] { return gateway_journal_->maintain(); });
  if (!tidied) {
    gateway_failed(tidied.error());
  }
}

void World::gateway_failed(const Error& error) {
  gateway_journal_.reset();
  reopen_at_ms_[index(Part::kGateway)] = ms_ + 1'000;
  perform(gateway_->on_commit_failed(error, now()));
}

void World::connect_uplink() {
  if (!uplink_cut_ && gateway_ && gateway_journal_ && oa_ && !uplink_line_) {
    uplink_line_ = node::ConnectionId{++connection_count_};
    post(Part::kGateway, [this, line = uplink_line_] {
      if (line == uplink_line_) {
        perform(gateway_->on_uplink_message(link::Challenge{connection_count_}, now()));
      }
    });
  }
}

void World::drop_uplink() {
  const node::ConnectionId line = std::exchange(uplink_line_, {});
  if (!line) {
    return;
  }
  if (oa_) {
    handle(node::GatewayClosed{line});
  }
  if (gateway_) {
    perform(gateway_->on_uplink_down(now()));
  }
}

}  // namespace tally::crash
