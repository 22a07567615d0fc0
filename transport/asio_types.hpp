// Short names for what this folder uses of Asio, from its narrow headers. Callback style: the
// coroutine headers cost seconds a file and moved namespaces between Asio 1.22 and 1.30.
#pragma once

#include <chrono>

#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

#include "core/base/time.hpp"

namespace tally::transport {

using Loop = asio::io_context;
using Tcp = asio::ip::tcp;
using Timer = asio::steady_timer;

inline std::chrono::milliseconds to_chrono(Duration duration) {
  return std::chrono::milliseconds{duration.ms};
}

}  // namespace tally::transport
