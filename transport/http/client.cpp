#include "transport/http/client.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include <asio/connect.hpp>
#include <asio/write.hpp>

#include "core/base/try.hpp"

#include "transport/asio_types.hpp"

namespace tally::transport::http {
namespace {

constexpr std::size_t kAnswerBytesMax = 1024 * 1024;
constexpr std::string_view kScheme = "http://";

struct Origin {
  std::string host;
  std::string port;
};

std::optional<Origin> parse_origin(std::string_view text) {
  if (!text.starts_with(kScheme)) {
    return std::nullopt;
  }
  text.remove_prefix(kScheme.size());
  if (text.ends_with('/')) {
    text.remove_suffix(1);
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) {
    return std::nullopt;
  }
  return Origin{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

std::string text_of(const Origin& origin, const ClientRequest& request) {
  std::string text = request.method + " " + request.path + " HTTP/1.1\r\nHost: " + origin.host +
                     ":" + origin.port + "\r\nConnection: close\r\nX-Tally: 1\r\n";
  for (const auto& [name, value] : request.headers) {
    text += name + ": " + value + "\r\n";
  }
  if (!request.body.empty()) {
    text += "Content-Type: application/json\r\n";
  }
  text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n";
  return text + request.body;
}

/// One exchange on a loop of its own; the members live until the loop has run out.
class Exchange {
 public:
  Exchange(const Origin& origin, std::string text) : text_(std::move(text)) {
    resolver_.async_resolve(
        origin.host, origin.port, [this](const asio::error_code& error, auto found) {
          if (!fails(error)) {
            asio::async_connect(
                socket_, found, [this](const asio::error_code& failed, const auto&) {
                  write(failed);
                });
          }
        });
  }

  Result<std::string> run(Duration deadline) {
    loop_.run_for(to_chrono(deadline));
    if (!done_) {
      return make_error(Errc::kTimeout, "no whole answer within the deadline");
    }
    return error_ ? Result<std::string>(*error_) : Result<std::string>(std::move(answer_));
  }

 private:
  bool fails(const asio::error_code& error) {
    if (error) {
      done_ = true;
      error_ = make_error(Errc::kUnavailable, "nobody answers there", error.value());
    }
    return static_cast<bool>(error);
  }

  void write(const asio::error_code& error) {
    if (!fails(error)) {
      asio::async_write(
          socket_, asio::buffer(text_), [this](const asio::error_code& failed, std::size_t) {
            if (!fails(failed)) {
              read();
            }
          });
    }
  }

  void read() {
    socket_.async_read_some(asio::buffer(chunk_),
                            [this](const asio::error_code& error, std::size_t count) {
                              answer_.append(chunk_.data(), count);
                              if (error == asio::error::eof) {
                                done_ = true;
                              } else if (!fails(error)) {
                                read_on();
                              }
                            });
  }

  void read_on() {
    if (answer_.size() > kAnswerBytesMax) {
      done_ = true;
      error_ = make_error(Errc::kExhausted, "the answer is too long");
      return;
    }
    read();
  }

  std::string text_;
  std::string answer_;
  std::array<char, 4096> chunk_{};
  bool done_ = false;
  std::optional<Error> error_;
  Loop loop_;
  Tcp::resolver resolver_{loop_};
  Tcp::socket socket_{loop_};
};

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return lower;
}

/// The next line without its end; none when there is no whole one.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find("\r\n");
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 2);
  return line;
}

std::optional<int> status_of(std::string_view line) {
  if (!line.starts_with("HTTP/1.") || line.size() < 12 || line[8] != ' ') {
    return std::nullopt;
  }
  int status = 0;
  const auto [end, error] = std::from_chars(line.data() + 9, line.data() + 12, status);
  return error == std::errc{} && end == line.data() + 12 && status >= 100 ? std::optional(status)
                                                                          : std::nullopt;
}

}  // namespace

std::string ClientAnswer::header(std::string_view name) const {
  const auto found = std::find_if(
      headers.begin(), headers.end(), [&](const auto& header) { return header.first == name; });
  return found == headers.end() ? std::string() : found->second;
}

Result<ClientAnswer> parse_answer(std::string_view text) {
  const Error malformed = make_error(Errc::kCorrupt, "the answer is not HTTP");
  const auto first = take_line(text);
  const auto status = first ? status_of(*first) : std::nullopt;
  if (!status) {
    return malformed;
  }
  ClientAnswer answer;
  answer.status = *status;
  for (;;) {
    const auto line = take_line(text);
    if (!line) {
      return malformed;
    }
    if (line->empty()) {
      break;
    }
    const std::size_t colon = line->find(':');
    if (colon == std::string_view::npos) {
      return malformed;
    }
    const std::size_t value = line->find_first_not_of(' ', colon + 1);
    answer.headers.emplace_back(
        in_lower_case(line->substr(0, colon)),
        value == std::string_view::npos ? std::string() : std::string(line->substr(value)));
  }
  if (const std::string length = answer.header("content-length");
      !length.empty() && length != std::to_string(text.size())) {
    return make_error(Errc::kCorrupt, "the answer was cut off");
  }
  answer.body = text;
  return answer;
}

Result<ClientAnswer> ask(const std::string& origin,
                         const ClientRequest& request,
                         Duration deadline) {
  const auto place = parse_origin(origin);
  if (!place) {
    return make_error(Errc::kInvalid, "the address is not of the form http://host:port");
  }
  Exchange exchange(*place, text_of(*place, request));
  TALLY_TRY_ASSIGN(const std::string text, exchange.run(deadline));
  return parse_answer(text);
}

}  // namespace tally::transport::http
