#include "shell/page_json.hpp"

namespace tally::shell {
namespace {

/// Looks at brackets outside texts, before the parser builds anything.
bool is_too_deep(std::string_view body) {
  std::size_t depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (in_text) {
      i += c == '\\' ? 1 : 0;
      in_text = c != '"';
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kJsonDepthMax) {
        return true;
      }
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

}  // namespace

std::optional<nlohmann::json> parse_page_json(std::string_view body) {
  if (body.size() > kJsonBytesMax || is_too_deep(body)) {
    return std::nullopt;
  }
  nlohmann::json json = nlohmann::json::parse(body, nullptr, false);
  return json.is_object() ? std::optional(std::move(json)) : std::nullopt;
}

std::string page_json_text(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace tally::shell
