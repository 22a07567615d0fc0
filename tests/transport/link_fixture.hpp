// A gateway that listens and a terminal that connects, over real sockets on loopback.
#pragma once

#include <memory>
#include <vector>

#include "tests/transport/test_network.hpp"

namespace tally::test {

class LinkFixture {
 public:
  transport::OsRandom random;
  transport::Loop loop{1};
  TestAuthority authority;
  transport::TlsIdentity gateway = authority.gateway();
  transport::TlsIdentity terminal = authority.terminal();
  transport::TimeBracket server_now{kNow, kNow};
  transport::TimeBracket client_now{kNow, kNow};
  transport::ServerTlsOptions server_tls;
  transport::ClientTlsOptions client_tls;
  transport::ListenOptions listen_options;
  transport::LinkOptions link_options;
  std::string server_name = "gateway-11";

  RecordingHandler server;
  RecordingHandler client;
  std::shared_ptr<transport::LinkConnection> server_side;
  std::shared_ptr<transport::LinkConnection> client_side;
  std::shared_ptr<transport::TlsContext> client_context;
  std::unique_ptr<transport::LinkListener> listener;

  LinkFixture() {
    server_tls.accept_expired_clients = false;
    listen_options.link.linger_timeout = link_options.linger_timeout = Duration{50};
  }

  void listen() {
    auto context = transport::TlsContext::server(
        gateway, [this] { return server_now; }, random, server_tls);
    TALLY_ASSERT(context.has_value());
    auto opened = transport::LinkListener::open(
        loop,
        *context,
        listen_options,
        [this](std::shared_ptr<transport::LinkConnection> connection) {
          server_side = std::move(connection);
          server_side->start(server);
        });
    TALLY_ASSERT(opened.has_value());
    listener = std::move(*opened);
  }

  void connect() {
    if (client_context == nullptr) {
      client_context = *transport::TlsContext::client(
          terminal, [this] { return client_now; }, random, client_tls);
    }
    client_side = transport::connect_link(
        loop, client_context, {"127.0.0.1", listener->port(), server_name}, link_options, client);
  }

  bool both_open() {
    return run_until(loop, [this] { return server.opened == 1 && client.opened == 1; });
  }
  bool both_closed() {
    return run_until(loop, [this] { return server.closed == 1 && client.closed == 1; });
  }

  void start() {
    listen();
    connect();
  }

  /// Ends the present connection and forgets what the handlers saw.
  void hang_up() {
    client_side->close_after_flush();
    TALLY_ASSERT(both_closed());
    server = RecordingHandler{};
    client = RecordingHandler{};
  }
};

}  // namespace tally::test
