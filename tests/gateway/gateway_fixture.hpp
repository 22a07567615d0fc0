// A gateway that runs for real, terminals that connect to it and an office it connects to, over
// loopback. Terminals and office live on the test's own loop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/link/session.hpp"

#include "gateway/runtime.hpp"
#include "gateway/view_json.hpp"
#include "tests/support/journal_records.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/transport/test_network.hpp"

namespace tally::test {

/// One end of a link that speaks messages; remembers what it heard.
class Talker : public transport::LinkHandler {
 public:
  explicit Talker(link::Side side) : side_(side) {}

  void on_open(const crypto::DeviceIdentity& peer) override {
    session_.emplace(side_,
                     link::PeerIdentity{peer.role, peer.node, peer.incarnation},
                     link::SessionTimes{},
                     7,
                     BootTime{0});
    if (side_ == link::Side::kServer) {
      raw(session_->start());
    }
  }
  void on_bytes(ByteView bytes) override {
    std::vector<link::Message> messages;
    failed = session_->receive(bytes, BootTime{0}, messages).has_value();
    for (link::Message& message : messages) {
      heard.push_back(std::move(message));
    }
    for (Bytes& frame : session_->take_replies()) {
      raw(std::move(frame));
    }
  }
  void on_closed(const Error& error) override {
    closed = true;
    cause = error;
  }

  void say(const link::Message& message) { raw(session_->send(message, BootTime{0})); }
  void raw(Bytes bytes) { static_cast<void>(connection->send(std::move(bytes))); }

  /// The newest message of a kind; null when there is none.
  template <class M>
  const M* last() const {
    for (auto at = heard.rbegin(); at != heard.rend(); ++at) {
      if (const auto* message = std::get_if<M>(&*at)) {
        return message;
      }
    }
    return nullptr;
  }
  template <class M>
  std::size_t count() const {
    std::size_t n = 0;
    for (const link::Message& message : heard) {
      n += std::holds_alternative<M>(message) ? 1U : 0U;
    }
    return n;
  }

  std::shared_ptr<transport::LinkConnection> connection;
  std::vector<link::Message> heard;
  bool failed = false;
  bool closed = false;
  Error cause;

 private:
  link::Side side_;
  std::optional<link::Session> session_;
};

class GatewayFixture {
 public:
  static constexpr StoreId kStore{7};

  GatewayFixture() {
    settings.link_address = "127.0.0.1";
    settings.link_port = 0;
    listen_as_office();
  }
  ~GatewayFixture() {
    gateway.reset();
    for (const auto& talker : talkers_) {
      if (talker->connection) {
        talker->connection->abort();
      }
    }
  }

  void start() {
    gateway::Runtime::Options options;
    options.settings = settings;
    options.data_dir = data_dir;
    options.identity = identity;
    options.oa = {"127.0.0.1", office_listener_->port(), "oa-1"};
    options.software = "test";
    options.uplink_link = uplink_link;
    auto opened = gateway::Runtime::open(std::move(options), link_metrics);
    TALLY_ASSERT(opened.has_value());
    gateway = std::move(*opened);
    gateway->start();
  }

  transport::TlsIdentity terminal_identity(std::uint32_t number,
                                           StoreId store = kStore,
                                           Incarnation incarnation = Incarnation{1}) {
    return authority.issue({Role::kTerminal, number, incarnation, store});
  }

  /// Connects; the terminal has not said hello yet.
  Talker& connect(const transport::TlsIdentity& who) {
    auto context = *transport::TlsContext::client(
        who,
        [] {
          return transport::TimeBracket{kNow, kNow};
        },
        random);
    Talker& talker = *talkers_.emplace_back(std::make_unique<Talker>(link::Side::kClient));
    talker.connection = transport::connect_link(
        loop, context, {"127.0.0.1", gateway->link_port(), "gateway-11"}, {}, talker);
    return talker;
  }

  bool run(const std::function<bool()>& done) { return run_until(loop, done); }

  /// Connects and says hello; the gateway's answer, Welcome or Close, is there on return.
  Talker& terminal(const transport::TlsIdentity& who, StreamPosition head = {}) {
    Talker& talker = connect(who);
    run([&] { return talker.last<link::Challenge>() != nullptr || talker.closed; });
    if (const auto* challenge = talker.last<link::Challenge>()) {
      link::Hello hello;
      hello.nonce = challenge->nonce;
      hello.role = Role::kTerminal;
      hello.node = who.self.node;
      hello.incarnation = who.self.incarnation;
      hello.boot = BootId{9};
      hello.head = head;
      talker.say(hello);
      run([&] {
        return talker.last<link::Welcome>() != nullptr || talker.last<link::Close>() != nullptr ||
               talker.closed;
      });
    }
    return talker;
  }

  static link::RecordBatch batch(tests::RecordChain& chain, std::uint32_t count) {
    node::PackedRecords packed = chain.next_packed(count);
    return {count, std::move(packed.packed)};
  }

  /// Waits for the gateway's connection and welcomes it.
  Talker& welcome_gateway() {
    run([&] { return office != nullptr && office->last<link::Hello>() != nullptr; });
    link::Welcome welcome;
    welcome.node = 1;
    welcome.anchor = {kNow, 1'000, ClockQuality::kAnchored};
    office->say(welcome);
    return *office;
  }

  nlohmann::json overview() {
    return ask([](const gateway::GatewayView& view) {
      return gateway::overview_json(view, {"", "test", "mbed TLS", true});
    });
  }
  nlohmann::json terminals() {
    return ask([](const gateway::GatewayView& view) { return gateway::terminals_json(view); });
  }

  tests::TemporaryDirectory directory;
  std::filesystem::path data_dir = directory.path();
  transport::OsRandom random;
  transport::Loop loop{1};
  TestAuthority authority;
  transport::TlsIdentity identity = authority.gateway();
  shell::Metrics metrics;
  gateway::LinkMetrics link_metrics{metrics};
  gateway::Settings settings;
  transport::LinkOptions uplink_link;
  std::unique_ptr<gateway::Runtime> gateway;
  Talker* office = nullptr;  ///< The gateway's newest connection to the office.

 private:
  void listen_as_office() {
    auto context = *transport::TlsContext::server(
        authority.issue({Role::kOa, 1, Incarnation{1}, StoreId{}}),
        [] {
          return transport::TimeBracket{kNow, kNow};
        },
        random);
    office_listener_ = *transport::LinkListener::open(
        loop, context, {}, [this](std::shared_ptr<transport::LinkConnection> connection) {
          office = talkers_.emplace_back(std::make_unique<Talker>(link::Side::kServer)).get();
          office->connection = std::move(connection);
          office->connection->start(*office);
        });
  }

  nlohmann::json ask(std::function<std::string(const gateway::GatewayView&)> show) {
    std::optional<std::string> text;
    gateway->view([&](const gateway::GatewayView& view) {
      asio::post(loop, [&, shown = show(view)] { text = shown; });
    });
    TALLY_ASSERT(run([&] { return text.has_value(); }));
    return nlohmann::json::parse(*text);
  }

  std::unique_ptr<transport::LinkListener> office_listener_;
  std::vector<std::unique_ptr<Talker>> talkers_;
};

}  // namespace tally::test
