#include "oa/runtime.hpp"

#include <chrono>
#include <future>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/try.hpp"

#include "shell/process.hpp"

namespace tally::oa {
namespace {

constexpr std::chrono::seconds kTick{1};
constexpr std::chrono::milliseconds kGoodbye{300};
constexpr std::chrono::seconds kStopDeadline{3};
constexpr std::int64_t kHangMs = 30'000;
constexpr Duration kStorageRetry{5'000};
constexpr std::int64_t kClockDoubtUs = 60'000'000;

}  // namespace

Runtime::Runtime(Options options, crypto::RandomSource& random, OaMetrics& metrics)
    : options_(std::move(options)), random_(random), metrics_(metrics) {}

Runtime::~Runtime() {
  stop();
}

Result<std::unique_ptr<Runtime>> Runtime::open(Options options,
                                               Vault vault,
                                               crypto::P256KeyPair record_key,
                                               crypto::RandomSource& random,
                                               OaMetrics& metrics) {
  if (options.identity.self.role != Role::kOa) {
    return make_error(Errc::kInvalid, "the certificate is not an OA's");
  }
  std::unique_ptr<Runtime> runtime(new Runtime(std::move(options), random, metrics));
  LedgerThread::Options ledger;
  ledger.file = runtime->options_.data_dir / "ledger.db";
  ledger.now = shell::system_now;
  ledger.config.node = runtime->options_.identity.self.node;
  ledger.config.utc_offset_s = runtime->options_.settings.utc_offset_minutes * 60;
  ledger.config.heartbeat = Duration{runtime->options_.settings.heartbeat_ms};
  ledger.registry.directory = runtime->options_.registry_dir;
  ledger.registry.root_pem = runtime->options_.identity.root_pem;
  ledger.registry.now = shell::system_now;
  TALLY_TRY_ASSIGN(runtime->ledger_,
                   LedgerThread::open(std::move(ledger),
                                      std::move(vault),
                                      std::move(record_key),
                                      random,
                                      metrics,
                                      runtime->loop_));
  TALLY_TRY(runtime->open_links());
  return runtime;
}

Status Runtime::open_links() {
  const transport::BracketSource bracket = [] {
    const WallTime now = shell::system_now().wall;
    return transport::TimeBracket{{now.us - kClockDoubtUs}, {now.us + kClockDoubtUs}};
  };
  transport::ServerTlsOptions tls;
  tls.ticket_key_file = options_.data_dir / "ticket.key";
  tls.accept_expired_clients = true;  // What happened may always be uploaded.
  TALLY_TRY_ASSIGN(auto context,
                   transport::TlsContext::server(options_.identity, bracket, random_, tls));
  GatewayLinks::Options links;
  links.listen.address = options_.settings.link_address;
  links.listen.port = options_.settings.link_port;
  links.listen.connections_max = options_.settings.connections_max;
  links.times.heartbeat = Duration{options_.settings.heartbeat_ms};
  links.times.idle = Duration{3 * options_.settings.heartbeat_ms};
  links_ = std::make_unique<GatewayLinks>(
      std::move(links),
      random_,
      GatewayLinks::Callbacks{[this](node::OaEvent event) {
                                const auto* message = std::get_if<node::GatewayMessage>(&event);
                                if (!ledger_failed_) {
                                  ledger_->push(std::move(event));
                                } else if (message != nullptr) {
                                  links_->carry_out(
                                      node::CloseGateway{message->connection,
                                                         link::CloseReason::kStorageFailed,
                                                         "the OA's disk refuses to write",
                                                         kStorageRetry});
                                }
                              },
                              [this](std::string_view code) { metrics_.ended(code); },
                              shell::system_now});
  TALLY_TRY(links_->open(loop_.io(), std::move(context)));
  link_port_ = links_->port();
  return {};
}

void Runtime::start() {
  TALLY_ASSERT(!running_);
  running_ = true;
  alive_ms_ = shell::system_now().boot.ms;
  ledger_->start({
      [this](const node::OaActions& actions) {
        for (const node::OaAction& action : actions) {
          links_->carry_out(action);
        }
      },
      [this] {
        ledger_failed_ = true;
        links_->drop_all(
            link::CloseReason::kStorageFailed, "the OA's disk refuses to write", kStorageRetry);
      },
      [this] { ledger_failed_ = false; },
      [this](bool congested) {
        if (congested) {
          links_->pause();
        } else {
          links_->resume();
        }
      },
  });
  static_cast<void>(loop_.post([this] { tick(); }));
  loop_.start();
}

void Runtime::stop() {
  if (!std::exchange(running_, false)) {
    return;
  }
  std::promise<void> said;
  asio::steady_timer goodbye(loop_.io());
  static_cast<void>(loop_.post([&] {
    tick_timer_.cancel();
    links_->shut_down();
    goodbye.expires_after(kGoodbye);
    goodbye.async_wait([&](const std::error_code&) { said.set_value(); });
  }));
  said.get_future().wait_for(kStopDeadline);
  loop_.stop();
  ledger_->stop();
}

void Runtime::tick() {
  alive_ms_ = shell::system_now().boot.ms;
  links_->tick();
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this](const std::error_code& cancelled) {
    if (!cancelled) {
      tick();
    }
  });
}

bool Runtime::is_alive() const {
  const std::int64_t now_ms = shell::system_now().boot.ms;
  return now_ms - alive_ms_ < kHangMs && now_ms - ledger_->last_alive_ms() < kHangMs;
}

}  // namespace tally::oa
