// JSON bodies of the pages' requests within the bounds of docs/formats/api.md.
#pragma once

#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

namespace tally::shell {

inline constexpr std::size_t kJsonBytesMax = 64 * 1024;
inline constexpr std::size_t kJsonDepthMax = 8;

/// The JSON object in `body`. nullopt when it is larger than 64 KiB, nested deeper than 8, no JSON,
/// not UTF-8 or not an object. Never throws.
std::optional<nlohmann::json> parse_page_json(std::string_view body);

/// JSON text of `json` on one line; text that is not UTF-8 gets replacement characters.
std::string page_json_text(const nlohmann::json& json);

}  // namespace tally::shell
