// What shells need of Asio to run loops: the loop itself, posting to it, keeping it busy, timers
// and signals. Includes of <asio/…> stay in transport/.
#pragma once

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
