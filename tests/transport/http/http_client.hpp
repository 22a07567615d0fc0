// A blocking HTTP client of the tests: writes bytes exactly as given, reads one answer.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/read_until.hpp>
#include <asio/write.hpp>
#include <sys/socket.h>

namespace tally::test {

struct Answer {
  int status = 0;  ///< 0: the connection was closed without an answer.
  std::string head;
  std::string body;

  bool has(const std::string& text) const { return (head + body).find(text) != std::string::npos; }
};

class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port) : socket_(io_) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    const timeval limit{5, 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }

  /// False when the server has closed the connection.
  bool write(const std::string& bytes) {
    std::error_code error;
    asio::write(socket_, asio::buffer(bytes), error);
    return !error;
  }

  /// Reads up to and including `mark`.
  std::string read_until(const std::string& mark) {
    std::error_code error;
    const std::size_t size = asio::read_until(socket_, asio::dynamic_buffer(buffer_), mark, error);
    if (error) {
      return {};
    }
    std::string text = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return text;
  }

  Answer read_answer(bool is_head = false) {
    Answer answer;
    answer.head = read_until("\r\n\r\n");
    if (answer.head.size() < 12) {
      return answer;
    }
    answer.status = std::atoi(answer.head.c_str() + 9);
    const std::size_t at = answer.head.find("Content-Length: ");
    const std::size_t size =
        at == std::string::npos || is_head
            ? 0
            : static_cast<std::size_t>(std::atoll(answer.head.c_str() + at + 16));
    std::error_code error;
    while (buffer_.size() < size && !error) {
      char chunk[4096];
      const std::size_t got = socket_.read_some(asio::buffer(chunk), error);
      buffer_.append(chunk, got);
    }
    answer.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return answer;
  }

  /// True when the server closes the connection; `rest` is what it sent before.
  bool is_closed_by_server(std::string* rest = nullptr) {
    std::error_code error;
    while (!error) {
      char chunk[4096];
      buffer_.append(chunk, socket_.read_some(asio::buffer(chunk), error));
    }
    if (rest != nullptr) {
      *rest = buffer_;
    }
    return error != asio::error::would_block && error != asio::error::try_again;
  }

  asio::ip::tcp::socket& socket() { return socket_; }

 private:
  asio::io_context io_;
  asio::ip::tcp::socket socket_;
  std::string buffer_;
};

/// One request on a connection of its own.
inline Answer ask(std::uint16_t port,
                  const std::string& method,
                  const std::string& target,
                  const std::string& more_headers = "",
                  const std::string& body = "",
                  const std::string& host = "127.0.0.1") {
  HttpClient client(port);
  client.write(method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n" + more_headers + "\r\n" + body);
  return client.read_answer(method == "HEAD");
}

}  // namespace tally::test
