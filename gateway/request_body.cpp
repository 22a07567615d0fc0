#include "gateway/request_body.hpp"

#include "shell/page_json.hpp"

namespace tally::gateway {

RequestBody::RequestBody(std::string_view body) {
  if (auto json = shell::parse_page_json(body)) {
    json_ = std::move(*json);
  } else {
    is_good_ = false;
  }
}

const nlohmann::json* RequestBody::find(const char* key) {
  known_.insert(key);
  if (is_good_) {
    const auto at = json_.find(key);
    if (at != json_.end()) {
      return &*at;
    }
  }
  is_good_ = false;
  return nullptr;
}

std::string RequestBody::text(const char* key, std::size_t bytes_min, std::size_t bytes_max) {
  const nlohmann::json* value = find(key);
  if (value == nullptr || !value->is_string()) {
    is_good_ = false;
    return {};
  }
  std::string text = value->get<std::string>();
  is_good_ = is_good_ && text.size() >= bytes_min && text.size() <= bytes_max;
  return text;
}

std::int64_t RequestBody::integer(const char* key, std::int64_t min, std::int64_t max) {
  const nlohmann::json* value = find(key);
  if (value == nullptr || !value->is_number_integer()) {
    is_good_ = false;
    return min;
  }
  const bool is_huge = value->is_number_unsigned() &&
                       value->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
  const std::int64_t number = is_huge ? INT64_MAX : value->get<std::int64_t>();
  is_good_ = is_good_ && number >= min && number <= max;
  return number;
}

std::vector<std::string> RequestBody::texts(const char* key,
                                            std::size_t count_max,
                                            std::size_t bytes_max) {
  const nlohmann::json* value = find(key);
  std::vector<std::string> all;
  if (value == nullptr || !value->is_array() || value->size() > count_max) {
    is_good_ = false;
    return all;
  }
  for (const nlohmann::json& one : *value) {
    if (!one.is_string() || one.get_ref<const std::string&>().size() > bytes_max) {
      is_good_ = false;
      return all;
    }
    all.push_back(one.get<std::string>());
  }
  return all;
}

bool RequestBody::is_good() const {
  if (!is_good_) {
    return false;
  }
  for (const auto& [key, value] : json_.items()) {
    if (known_.count(key) == 0) {
      return false;
    }
  }
  return true;
}

}  // namespace tally::gateway
