// The connecting side of a link connection: name look-up and TCP, within one deadline.
#include <asio/connect.hpp>

#include "transport/link_connection.hpp"
#include "transport/tls_engine.hpp"

namespace tally::transport {

namespace {

Error connect_error(const asio::error_code& error) {
  if (error == asio::error::connection_refused) {
    return make_error(
        Errc::kUnavailable, "connection refused: nobody listens there", error.value());
  }
  if (error == asio::error::host_unreachable || error == asio::error::network_unreachable ||
      error == asio::error::network_down) {
    return make_error(Errc::kUnavailable, "no way to the host: is the network up?", error.value());
  }
  if (error == asio::error::timed_out) {
    return make_error(Errc::kTimeout, "host did not answer", error.value());
  }
  return make_error(Errc::kUnavailable, "connection could not be made", error.value());
}

}  // namespace

void LinkConnection::begin_connecting(std::shared_ptr<TlsContext> context,
                                      const LinkTarget& target) {
  context_ = std::move(context);
  auto engine = TlsEngine::connecting(context_, target.server_name);
  if (!engine) {
    state_ = State::kFlushing;
    cause_ = engine.error();
    schedule_pump();
    return;
  }
  engine_ = std::move(*engine);
  state_ = State::kConnecting;
  arm(options_.connect_timeout, "connection was not made in time");
  asio::error_code not_an_address;
  const auto address = asio::ip::make_address(target.host, not_an_address);
  if (!not_an_address) {
    connect_to({Tcp::endpoint{address, target.port}});
    return;
  }
  resolver_.async_resolve(
      target.host,
      std::to_string(target.port),
      [self = shared_from_this()](const asio::error_code& error,
                                  const Tcp::resolver::results_type& results) {
        if (self->state_ != State::kConnecting) {
          return;
        }
        if (error) {
          self->shut(make_error(Errc::kNotFound, "host name is unknown", error.value()));
          return;
        }
        std::vector<Tcp::endpoint> endpoints;
        for (const auto& result : results) {
          endpoints.push_back(result.endpoint());
        }
        self->connect_to(std::move(endpoints));
      });
}

void LinkConnection::connect_to(std::vector<Tcp::endpoint> endpoints) {
  asio::async_connect(
      socket_,
      endpoints,
      [self = shared_from_this()](const asio::error_code& error, const Tcp::endpoint&) {
        if (self->state_ != State::kConnecting) {
          return;
        }
        if (error) {
          self->shut(connect_error(error));
          return;
        }
        self->begin_handshake();
      });
}

std::shared_ptr<LinkConnection> connect_link(Loop& loop,
                                             std::shared_ptr<TlsContext> context,
                                             const LinkTarget& target,
                                             const LinkOptions& options,
                                             LinkHandler& handler) {
  std::shared_ptr<LinkConnection> connection{new LinkConnection{loop, Tcp::socket{loop}, options}};
  connection->handler_ = &handler;
  connection->begin_connecting(std::move(context), target);
  return connection;
}

}  // namespace tally::transport
