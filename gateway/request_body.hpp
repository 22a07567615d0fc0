// Reads the JSON body of a page's request key by key; what is missing, of another type, out of
// bounds or unknown makes the whole body wrong (docs/formats/api.md, "Rules of every route").
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace tally::gateway {

class RequestBody {
 public:
  explicit RequestBody(std::string_view body);

  std::string text(const char* key, std::size_t bytes_min, std::size_t bytes_max);
  std::int64_t integer(const char* key, std::int64_t min, std::int64_t max);
  std::vector<std::string> texts(const char* key, std::size_t count_max, std::size_t bytes_max);

  /// Whether everything asked for was there and nothing else. Ask last.
  bool is_good() const;

 private:
  const nlohmann::json* find(const char* key);

  nlohmann::json json_;
  std::set<std::string> known_;
  bool is_good_ = true;
};

}  // namespace tally::gateway
