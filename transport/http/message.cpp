#include "transport/http/message.hpp"

#include <algorithm>

namespace tally::transport::http {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

constexpr ErrorText kNotFoundText{"not_found",
                                  "没有找到您要的内容。",
                                  "There is nothing here.",
                                  "请返回上一页后重试。",
                                  "Go back and try again."};

/// `"name":"value",` with what JSON must escape escaped (RFC 8259, section 7).
void append_member(std::string& out, std::string_view name, std::string_view value) {
  out.append("\"").append(name).append("\":\"");
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      const auto code = static_cast<unsigned char>(c);
      out.append("\\u00").append(1, kDigits[code >> 4U]).append(1, kDigits[code & 15U]);
    } else {
      out.push_back(c);
    }
  }
  out.append("\",");
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = high < 0 ? -1 : hex_digit(text[i + 2]);
      if (low < 0) {
        return std::nullopt;
      }
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (c == '\0') {
      return std::nullopt;
    }
    out.push_back(c);
  }
  return out;
}

std::optional<std::string> Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same_name(key, name)) {
      return value;
    }
  }
  return std::nullopt;
}

std::optional<std::string> Request::cookie(std::string_view name) const {
  const std::optional<std::string> line = header("Cookie");
  std::string_view rest = line ? std::string_view(*line) : std::string_view();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return std::string(pair.substr(equals + 1));
    }
  }
  return std::nullopt;
}

std::optional<std::string> Request::query_value(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (percent_decode(pair.substr(0, equals), true) == name) {
      return percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    }
  }
  return std::nullopt;
}

std::string_view Request::path_value(std::string_view name) const {
  for (const auto& [key, value] : path_values) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

Response Response::json(std::string body, int status) {
  return {status, "application/json; charset=utf-8", std::move(body), {}};
}

Response Response::text(std::string body, int status) {
  return {status, "text/plain; charset=utf-8", std::move(body), {}};
}

Response Response::redirect(std::string location) {
  return {303, "", "", {{"Location", std::move(location)}}};
}

Response Response::error(int status, const ErrorText& text) {
  std::string body = "{\"error\":{";
  append_member(body, "code", text.code);
  append_member(body, "message_zh", text.message_zh);
  append_member(body, "message_en", text.message_en);
  append_member(body, "what_to_do_zh", text.what_to_do_zh);
  append_member(body, "what_to_do_en", text.what_to_do_en);
  body.back() = '}';
  return json(body + "}", status);
}

Response Response::not_found() {
  return error(404, kNotFoundText);
}

void Reply::operator()(Response response) const {
  port_->answer(std::move(response));
}

void Reply::resume(std::function<void()> next) const {
  port_->resume(std::move(next));
}

}  // namespace tally::transport::http
