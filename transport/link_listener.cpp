#include "transport/link_listener.hpp"

#include "core/base/try.hpp"

namespace tally::transport {

namespace {

// Out of descriptors, say: the kernel keeps the connection waiting, so asking again at once would
// spin.
constexpr Duration kPauseAfterFailure{100};

Error listen_error(const asio::error_code& error) {
  if (error == asio::error::address_in_use) {
    return make_error(Errc::kConflict, "port is taken by another program", error.value());
  }
  if (error == asio::error::access_denied) {
    return make_error(Errc::kDenied, "port needs privileges this program lacks", error.value());
  }
  return make_error(Errc::kUnavailable, "cannot listen on this address", error.value());
}

}  // namespace

// Outlives the listener while an accept is in flight.
struct LinkListener::Shared {
  Loop& loop;
  Tcp::acceptor acceptor;
  Timer timer;
  std::shared_ptr<TlsContext> context;
  ListenOptions options;
  OnAccept on_accept;
  ListenCounts counts;
  std::shared_ptr<std::size_t> live = std::make_shared<std::size_t>(0);

  Shared(Loop& l, std::shared_ptr<TlsContext> c, const ListenOptions& o, OnAccept a)
      : loop(l),
        acceptor(l),
        timer(l),
        context(std::move(c)),
        options(o),
        on_accept(std::move(a)) {}

  asio::error_code listen(const Tcp::endpoint& endpoint) {
    asio::error_code error;
    static_cast<void>(acceptor.open(endpoint.protocol(), error));
    if (!error) {
      static_cast<void>(acceptor.set_option(Tcp::acceptor::reuse_address{true}, error));
    }
    if (!error) {
      static_cast<void>(acceptor.bind(endpoint, error));
    }
    if (!error) {
      static_cast<void>(acceptor.listen(Tcp::acceptor::max_listen_connections, error));
    }
    return error;
  }
};

LinkListener::LinkListener(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

LinkListener::~LinkListener() {
  asio::error_code ignored;
  static_cast<void>(shared_->acceptor.close(ignored));
  shared_->timer.cancel();
  shared_->on_accept = nullptr;
}

Result<std::unique_ptr<LinkListener>> LinkListener::open(Loop& loop,
                                                         std::shared_ptr<TlsContext> context,
                                                         const ListenOptions& options,
                                                         OnAccept on_accept) {
  asio::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) {
    return make_error(Errc::kInvalid, "listening address is not an IP address", error.value());
  }
  auto shared = std::make_shared<Shared>(loop, std::move(context), options, std::move(on_accept));
  error = shared->listen({address, options.port});
  if (error) {
    return listen_error(error);
  }
  accept_next(shared);
  return std::unique_ptr<LinkListener>{new LinkListener{std::move(shared)}};
}

std::uint16_t LinkListener::port() const {
  asio::error_code ignored;
  return shared_->acceptor.local_endpoint(ignored).port();
}

ListenCounts LinkListener::counts() const {
  ListenCounts counts = shared_->counts;
  counts.live = *shared_->live;
  return counts;
}

void LinkListener::use(std::shared_ptr<TlsContext> context) {
  shared_->context = std::move(context);
}

void LinkListener::accept_next(const std::shared_ptr<Shared>& shared) {
  shared->acceptor.async_accept([shared](const asio::error_code& error, Tcp::socket socket) {
    if (shared->on_accept == nullptr) {
      return;
    }
    if (!error) {
      on_accepted(shared, std::move(socket));
      if (shared->on_accept != nullptr) {
        accept_next(shared);
      }
      return;
    }
    ++shared->counts.failed;
    shared->timer.expires_after(to_chrono(kPauseAfterFailure));
    shared->timer.async_wait([shared](const asio::error_code&) {
      if (shared->on_accept != nullptr) {
        accept_next(shared);
      }
    });
  });
}

void LinkListener::on_accepted(const std::shared_ptr<Shared>& shared, Tcp::socket socket) {
  if (*shared->live >= shared->options.connections_max) {
    ++shared->counts.over_bound;
    return;
  }
  ++shared->counts.accepted;
  ++*shared->live;
  std::shared_ptr<LinkConnection> connection{
      new LinkConnection{shared->loop, std::move(socket), shared->options.link}};
  connection->context_ = shared->context;
  connection->slot_ = std::shared_ptr<void>{nullptr, [live = shared->live](void*) { --*live; }};
  // A copy: the callee may destroy the listener.
  const OnAccept on_accept = shared->on_accept;
  on_accept(std::move(connection));
}

}  // namespace tally::transport
