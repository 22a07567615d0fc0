#include "gateway/runtime.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <iterator>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/try.hpp"

#include "shell/log.hpp"
#include "shell/process.hpp"

namespace tally::gateway {
namespace {

constexpr shell::Log kLog("gateway");
constexpr std::chrono::milliseconds kTick{250};
constexpr std::uint64_t kTicksToSlow = 4;  // Sessions and metrics once a second.
constexpr std::chrono::milliseconds kGoodbye{300};
constexpr std::chrono::seconds kStopDeadline{3};
constexpr std::int64_t kHangMs = 30'000;

// 2026-01-01: no build of this program is older.
constexpr WallTime kBuildTime{1'767'225'600'000'000};

link::SessionTimes session_times(const Settings& settings) {
  link::SessionTimes times;
  times.heartbeat = Duration{settings.heartbeat_ms};
  times.idle = Duration{3 * settings.heartbeat_ms};
  return times;
}

}  // namespace

Runtime::Runtime(Options options, LinkMetrics& metrics)
    : options_(std::move(options)),
      self_(options_.identity.self),
      metrics_(metrics),
      started_(shell::system_now().wall) {}

Runtime::~Runtime() {
  stop();
}

Result<std::unique_ptr<Runtime>> Runtime::open(Options options, LinkMetrics& metrics) {
  if (options.identity.self.role != Role::kGateway) {
    return make_error(Errc::kInvalid, "the certificate is not a gateway's");
  }
  std::unique_ptr<Runtime> runtime(new Runtime(std::move(options), metrics));
  JournalWriter::Options journal;
  journal.file = runtime->options_.data_dir / "journal.db";
  journal.gateway = GatewayId{runtime->self_.node};
  journal.utc_offset_s = runtime->options_.settings.utc_offset_minutes * 60;
  journal.now = [] { return shell::system_now().wall; };
  node::GatewaySnapshot snapshot;
  TALLY_TRY_ASSIGN(runtime->journal_,
                   JournalWriter::open(std::move(journal), runtime->loop_, snapshot));
  DirectoryThread::Options directory;
  directory.file = runtime->options_.data_dir / "directory.db";
  directory.gateway = GatewayId{runtime->self_.node};
  runtime->directory_ = std::make_unique<DirectoryThread>(std::move(directory), runtime->loop_);
  TALLY_TRY(runtime->open_links(snapshot));
  return runtime;
}

Status Runtime::open_links(const node::GatewaySnapshot& snapshot) {
  node::GatewayConfig config;
  config.gateway = GatewayId{self_.node};
  config.incarnation = self_.incarnation;
  config.store = self_.store;
  ByteArray<8> boot{};
  random_.fill(boot);
  config.boot = BootId{load_be<std::uint64_t>(boot.data()) | 1U};
  config.software = options_.software;
  config.utc_offset_s = options_.settings.utc_offset_minutes * 60;
  config.build_time = kBuildTime;
  config.heartbeat = Duration{options_.settings.heartbeat_ms};
  node_.emplace(std::move(config), snapshot);
  for (const node::GatewayStreamState& stream : snapshot.streams) {
    archived_[stream.stream] = stream.archived.seq;
  }
  const transport::BracketSource bracket = [this] {
    const node::TimeBracket now = node_->time_bracket(shell::system_now());
    return transport::TimeBracket{now.lo, now.hi};
  };
  transport::ServerTlsOptions server;
  server.ticket_key_file = options_.data_dir / "ticket.key";
  server.accept_expired_clients = true;  // What happened may always be uploaded (design.md §10).
  TALLY_TRY_ASSIGN(auto accepting,
                   transport::TlsContext::server(options_.identity, bracket, random_, server));
  transport::ClientTlsOptions client;
  client.session_directory = options_.data_dir;
  TALLY_TRY_ASSIGN(auto connecting,
                   transport::TlsContext::client(options_.identity, bracket, random_, client));

  TerminalLinks::Options links;
  links.listen.address = options_.settings.link_address;
  links.listen.port = options_.settings.link_port;
  links.listen.connections_max = options_.settings.connections_max;
  links.times = session_times(options_.settings);
  links.store = self_.store;
  terminals_ = std::make_unique<TerminalLinks>(
      std::move(links),
      random_,
      TerminalLinks::Callbacks{[this](node::ConnectionId id, const link::Message& message) {
                                 dispatch(
                                     node_->on_terminal_message(id, message, shell::system_now()));
                               },
                               [this](node::ConnectionId id) {
                                 dispatch(node_->on_terminal_closed(id, shell::system_now()));
                               },
                               [this](std::string_view code) { metrics_.ended("terminal", code); },
                               shell::system_now});
  TALLY_TRY(terminals_->open(loop_.io(), std::move(accepting)));
  link_port_ = terminals_->port();

  Uplink::Options uplink;
  uplink.target = options_.oa;
  uplink.link = options_.uplink_link;
  uplink.times = session_times(options_.settings);
  uplink_ = std::make_unique<Uplink>(
      std::move(uplink),
      loop_.io(),
      std::move(connecting),
      random_,
      Uplink::Callbacks{[this](const link::Message& message) {
                          note_archived(message);
                          dispatch(node_->on_uplink_message(message, shell::system_now()));
                        },
                        [this] { dispatch(node_->on_uplink_down(shell::system_now())); },
                        [this] {
                          while (!held_reads_.empty() && !uplink_->congested()) {
                            node::PackedRecords records = std::move(held_reads_.front());
                            held_reads_.pop_front();
                            feed_read(std::move(records));
                          }
                        },
                        [this](std::string_view code) { metrics_.ended("uplink", code); },
                        shell::system_now});
  return {};
}

void Runtime::start() {
  TALLY_ASSERT(!running_);
  running_ = true;
  metrics_.restart();
  alive_ms_ = shell::system_now().boot.ms;
  journal_->start({
      [this] { dispatch(node_->on_committed(shell::system_now())); },
      [this](const Error& error) { dispatch(node_->on_commit_failed(error, shell::system_now())); },
      [this](const node::GatewaySnapshot& snapshot) {
        held_reads_.clear();
        dispatch(node_->on_journal_reopened(snapshot, shell::system_now()));
      },
      [this](node::PackedRecords records) { feed_read(std::move(records)); },
      [this](const JournalReport& report) { report_ = report; },
      [this](double seconds) { metrics_.commit_took(seconds); },
  });
  directory_->start({
      [this](const node::DirectoryState& state) {
        dispatch(node_->on_directory_opened(state, shell::system_now()));
      },
      [this](std::uint64_t cards) {
        dispatch(node_->on_directory_committed(cards, shell::system_now()));
      },
      [this] { dispatch(node_->on_directory_failed(shell::system_now())); },
      [this](std::uint64_t look_up, const std::optional<link::DirectoryEntry>& entry) {
        dispatch(node_->on_member_found(look_up, entry, shell::system_now()));
      },
  });
  loop_.post([this] {
    uplink_->start();
    tick();
  });
  loop_.start();
}

void Runtime::stop() {
  if (!std::exchange(running_, false)) {
    return;
  }
  std::promise<void> said;
  asio::steady_timer goodbye(loop_.io());
  loop_.post([&] {
    tick_timer_.cancel();
    terminals_->shut_down();
    uplink_->shut_down();
    goodbye.expires_after(kGoodbye);
    goodbye.async_wait([&](const std::error_code&) { said.set_value(); });
  });
  said.get_future().wait_for(kStopDeadline);
  loop_.stop();
  journal_->stop();
  directory_->stop();
}

// An action may lead to another call of the machine before it returns: those actions queue up
// behind the ones at hand.
void Runtime::dispatch(node::GatewayActions actions) {
  std::move(actions.begin(), actions.end(), std::back_inserter(actions_));
  if (std::exchange(dispatching_, true)) {
    return;
  }
  while (!actions_.empty()) {
    node::GatewayAction action = std::move(actions_.front());
    actions_.pop_front();
    carry_out(action);
  }
  dispatching_ = false;
}

void Runtime::carry_out(node::GatewayAction& action) {
  if (auto* commit = std::get_if<node::CommitGateway>(&action)) {
    journal_->commit(std::move(commit->commit));
  } else if (const auto* read = std::get_if<node::ReadStream>(&action)) {
    journal_->read(read->stream, read->first, read->records_max);
  } else if (const auto* down = std::get_if<node::SendToTerminal>(&action)) {
    terminals_->send(down->connection, down->message);
  } else if (const auto* close = std::get_if<node::CloseTerminal>(&action)) {
    terminals_->close(close->connection, close->reason, close->text, close->retry_after);
  } else if (const auto* up = std::get_if<node::SendToOa>(&action)) {
    uplink_->send(up->message);
  } else if (const auto* drop = std::get_if<node::DropUplink>(&action)) {
    uplink_->drop(drop->reason, drop->text);
  } else if (auto* members = std::get_if<node::CommitDirectory>(&action)) {
    directory_->commit(std::move(members->commit));
  } else if (const auto* wanted = std::get_if<node::LookUpMember>(&action)) {
    directory_->find(wanted->look_up, wanted->token_hash);
  }
}

void Runtime::note_archived(const link::Message& message) {
  if (const auto* archived = std::get_if<link::Archived>(&message)) {
    for (const StreamMark& mark : archived->positions) {
      archived_[mark.stream] = mark.position.seq;
    }
  }
}

void Runtime::feed_read(node::PackedRecords records) {
  if (uplink_->congested()) {
    held_reads_.push_back(std::move(records));
    return;
  }
  dispatch(node_->on_stream_read(records.stream,
                                 records.first,
                                 records.count,
                                 std::move(records.packed),
                                 shell::system_now()));
}

void Runtime::release_held_reads() {
  while (!held_reads_.empty() && !uplink_->congested()) {
    node::PackedRecords records = std::move(held_reads_.front());
    held_reads_.pop_front();
    feed_read(std::move(records));
  }
}

void Runtime::tick() {
  const Instant now = shell::system_now();
  alive_ms_ = now.boot.ms;
  dispatch(node_->tick(now));
  if (++ticks_ % kTicksToSlow == 0) {
    terminals_->tick();
    uplink_->tick();
    metrics_.update(
        *node_, report_, terminals_->listen_counts().value_or(transport::ListenCounts{}));
  }
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this](const std::error_code& cancelled) {
    if (!cancelled) {
      tick();
    }
  });
}

void Runtime::view(std::function<void(const GatewayView&)> take) {
  // A loop that has stopped, or is beyond its bound, shows nothing: the page's own deadline says
  // so.
  static_cast<void>(loop_.post([this, take = std::move(take)] { take(make_view()); }));
}

GatewayView Runtime::make_view() const {
  GatewayView view;
  view.now = shell::system_now().wall;
  view.utc_offset_s = options_.settings.utc_offset_minutes * 60;
  view.self = self_;
  view.started = started_;
  view.uplink = uplink_->status();
  view.queue = node_->uplink();
  view.terminals = node_->terminals();
  for (const node::TerminalStatus& terminal : view.terminals) {
    view.contacts.push_back(terminals_->contact(terminal.terminal));
    const auto archived = archived_.find({terminal.terminal, terminal.incarnation});
    view.archived.push_back(archived == archived_.end() ? Seq{} : archived->second);
  }
  const auto& refusals = terminals_->refusals().entries();
  view.refusals.assign(refusals.begin(), refusals.end());
  view.journal = report_;
  view.journal_failed = node_->journal_failed();
  const node::GatewayDirectory& directory = node_->directory();
  view.directory = {directory.usable(),
                    directory.current(),
                    directory.state().version,
                    directory.state().cards,
                    directory.state().synced_at};
  return view;
}

void Runtime::use_oa(transport::LinkTarget oa) {
  static_cast<void>(loop_.post([this, oa = std::move(oa)]() mutable {
    kLog.info("office_chosen", {{"oa", oa.host}, {"port", oa.port}});
    uplink_->use_target(std::move(oa));
  }));
}

bool Runtime::is_alive() const {
  const std::int64_t now_ms = shell::system_now().boot.ms;
  return now_ms - alive_ms_ < kHangMs && now_ms - journal_->last_alive_ms() < kHangMs;
}

}  // namespace tally::gateway
