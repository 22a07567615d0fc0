#include "tools/program_file.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/base/iso_day.hpp"
#include "core/program/check.hpp"

#include "tools/program_figures.hpp"
#include "tools/program_words.hpp"

namespace tally::tools {

using Json = nlohmann::ordered_json;
using program::Program;

namespace {

constexpr int kDepthMax = 8;

class Writer {
 public:
  Json json = Json::object();

  template <class T>
  void needed(const char* key, T& value) {
    json[key] = value;
  }
  template <class T>
  void number(const char* key, T& value) {
    json[key] = value;
  }
  void flag(const char* key, bool& value) { json[key] = value; }
  void text(const char* key, std::string& value) { json[key] = value; }
  void money(const char* key, Money& value) { json[key] = format_amount(value); }
  void day(const char* key, BusinessDay& value) { json[key] = iso_day_text(value); }
  void currency(Currency& value) { choice("currency", value, kCurrencies); }
  template <class T, class Names>
  void choice(const char* key, T& value, const Names& names) {
    const auto found = std::find_if(
        names.begin(), names.end(), [&value](const auto& name) { return name.second == value; });
    TALLY_ASSERT(found != names.end());
    json[key] = found->first;
  }
  template <class Names>
  void bits(const char* key, std::uint8_t& value, const Names& names) {
    Json list = Json::array();
    for (std::size_t i = 0; i < names.size(); ++i) {
      if ((value >> i & 1) != 0) {
        list.push_back(names[i]);
      }
    }
    json[key] = std::move(list);
  }
  void numbers(const char* key, std::vector<std::uint32_t>& value) { json[key] = value; }
  template <class T>
  void list(const char* key, std::vector<T>& entries) {
    Json list = Json::array();
    for (T& entry : entries) {
      Writer writer;
      visit(writer, entry);
      list.push_back(std::move(writer.json));
    }
    json[key] = std::move(list);
  }
};

/// Keeps the first thing that is wrong. A key that is not there leaves the figure as it was.
class Reader {
 public:
  Reader(const Json& json, std::string place, Currency currency)
      : json_(json), place_(std::move(place)), currency_(currency) {}

  const std::optional<Sentence>& refusal() const { return refusal_; }

  /// After the visit: keys that nobody asked for.
  void finish() {
    for (const auto& item : json_.items()) {
      if (known_.count(item.key()) == 0) {
        refuse(item.key(), "没有这一项", "there is no such key");
      }
    }
  }

  template <class T>
  void needed(const char* key, T& value) {
    if (!json_.contains(key)) {
      refuse(key, "缺少这一项", "is missing");
    }
    number(key, value);
  }
  template <class T>
  void number(const char* key, T& value) {
    if (const Json* json = find(key)) {
      read_number(key, *json, value);
    }
  }
  void flag(const char* key, bool& value) {
    const Json* json = find(key);
    if (json != nullptr && !json->is_boolean()) {
      refuse(key, "应为 true 或 false", "must be true or false");
    } else if (json != nullptr) {
      value = json->get<bool>();
    }
  }
  void text(const char* key, std::string& value) {
    const Json* json = find(key);
    if (json != nullptr && !json->is_string()) {
      refuse(key, "应为文字", "must be a text");
    } else if (json != nullptr) {
      value = json->get<std::string>();
    }
  }
  void money(const char* key, Money& value) {
    value.currency = currency_;
    if (const Json* json = find(key)) {
      const auto amount = json->is_string()
                              ? parse_amount(json->get_ref<const std::string&>(), currency_)
                              : Result<Money>(make_error(Errc::kInvalid, "not a text"));
      if (amount) {
        value = *amount;
      } else {
        refuse(key, "应为金额，如 \"128.50\"", "must be an amount like \"128.50\"");
      }
    }
  }
  void day(const char* key, BusinessDay& value);
  void currency(Currency& value) {
    choice("currency", value, kCurrencies);
    currency_ = value;
  }
  template <class T, class Names>
  void choice(const char* key, T& value, const Names& names) {
    const Json* json = find(key);
    if (json == nullptr) {
      return;
    }
    std::string known;
    for (const auto& [name, meaning] : names) {
      if (*json == name) {
        value = meaning;
        return;
      }
      known.append(known.empty() ? "\"" : ", \"").append(name).append("\"");
    }
    refuse(key, "应为其一：" + known, "must be one of " + known);
  }
  template <class Names>
  void bits(const char* key, std::uint8_t& value, const Names& names) {
    const Json* json = find_list(key);
    for (std::size_t i = 0; json != nullptr && i < json->size(); ++i) {
      const Json& entry = (*json)[i];
      const std::string name = entry.is_string() ? entry.get<std::string>() : "";
      const auto found = std::find(names.begin(), names.end(), name);
      if (found == names.end()) {
        refuse(entry_of(key, i), "没有 \"" + name + "\"", "there is no \"" + name + "\"");
        return;
      }
      value = static_cast<std::uint8_t>(value | 1U << (found - names.begin()));
    }
  }
  void numbers(const char* key, std::vector<std::uint32_t>& value) {
    const Json* json = find_list(key);
    for (std::size_t i = 0; json != nullptr && i < json->size(); ++i) {
      read_number(entry_of(key, i), (*json)[i], value.emplace_back());
    }
  }
  template <class T>
  void list(const char* key, std::vector<T>& entries) {
    const Json* json = find_list(key);
    for (std::size_t i = 0; json != nullptr && i < json->size(); ++i) {
      if (!(*json)[i].is_object()) {
        refuse(entry_of(key, i), "应为 {…}", "must be an object {…}");
        return;
      }
      Reader reader((*json)[i], entry_of(key, i) + ".", currency_);
      visit(reader, entries.emplace_back());
      reader.finish();
      if (!refusal_) {
        refusal_ = reader.refusal();
      }
    }
  }

 private:
  static std::string entry_of(const std::string& key, std::size_t i) {
    return key + "[" + std::to_string(i) + "]";
  }
  const Json* find(const char* key) {
    known_.insert(key);
    const auto found = json_.find(key);
    return found == json_.end() ? nullptr : &*found;
  }
  const Json* find_list(const char* key) {
    const Json* json = find(key);
    if (json != nullptr && !json->is_array()) {
      refuse(key, "应为列表 […]", "must be a list […]");
      return nullptr;
    }
    return json;
  }
  template <class T>
  void read_number(const std::string& key, const Json& json, T& value) {
    const bool fits = json.is_number_integer() &&
                      (!json.is_number_unsigned() ||
                       json.get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max());
    if (!fits) {
      refuse(key, "应为整数", "must be a whole number");
      return;
    }
    const auto number = json.get<std::int64_t>();
    const auto lowest = static_cast<std::int64_t>(std::numeric_limits<T>::min());
    const auto highest = static_cast<std::int64_t>(std::numeric_limits<T>::max());
    if (number < lowest || number > highest) {
      const Sentence words = words_of(program::Fault{{}, 0, key, number, lowest, highest});
      refuse_whole({place_ + words.zh, place_ + words.en});
      return;
    }
    value = static_cast<T>(number);
  }
  void refuse(const std::string& key, const std::string& zh, const std::string& en) {
    refuse_whole({place_ + key + "：" + zh, place_ + key + ": " + en});
  }
  void refuse_whole(Sentence sentence) {
    if (!refusal_) {
      refusal_ = std::move(sentence);
    }
  }

  const Json& json_;
  std::string place_;
  Currency currency_;
  std::set<std::string> known_;
  std::optional<Sentence> refusal_;
};

void Reader::day(const char* key, BusinessDay& value) {
  const Json* json = find(key);
  if (json == nullptr) {
    return;
  }
  const auto day =
      json->is_string() ? parse_iso_day(json->get_ref<const std::string&>()) : std::nullopt;
  if (!day) {
    refuse(key, "应为日期，如 \"2026-11-24\"", "must be a day like \"2026-11-24\"");
    return;
  }
  value = *day;
}

/// "/bonuses/0/kind" as "bonuses[0].kind".
std::string place_of(const std::string& pointer) {
  std::string place;
  std::size_t from = 1;
  while (from <= pointer.size()) {
    const std::size_t end = std::min(pointer.find('/', from), pointer.size());
    const std::string word = pointer.substr(from, end - from);
    if (word.find_first_not_of("0123456789") == std::string::npos) {
      place.append("[").append(word).append("]");
    } else {
      place.append(place.empty() ? "" : ".").append(word);
    }
    from = end + 1;
  }
  return place;
}

/// The library's words, without its own name before them: they say line and column.
std::string mistake_of(const std::string& what) {
  const std::size_t end = what.find("] ");
  return end == std::string::npos ? what : what.substr(end + 2);
}

}  // namespace

ProgramFile read_program(std::string_view text) {
  if (text.size() > kProgramFileBytesMax) {
    return {{}, {"文件过大", "the file is too large"}};
  }
  std::vector<std::set<std::string>> keys;
  std::string twice;
  bool is_deep = false;
  const auto look = [&](int depth, Json::parse_event_t event, Json& parsed) {
    is_deep = is_deep || depth > kDepthMax;
    if (is_deep) {
      return false;
    }
    if (event == Json::parse_event_t::object_start) {
      keys.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      keys.pop_back();
    } else if (event == Json::parse_event_t::key && !keys.back().insert(parsed).second) {
      twice = parsed.get<std::string>();
    }
    return true;
  };
  Json json;
  try {
    json = Json::parse(text, look);
  } catch (const Json::parse_error& error) {
    const std::string mistake = mistake_of(error.what());
    return {{}, {"不是 JSON：" + mistake, "not JSON: " + mistake}};
  }
  if (is_deep) {
    return {{}, {"嵌套过深", "lists and objects are nested too deeply"}};
  }
  if (!json.is_object()) {
    return {{}, {"应为 {…}", "must be an object {…}"}};
  }
  if (!twice.empty()) {
    return {{}, {twice + "：重复", twice + ": is there twice"}};
  }
  Program program;
  Reader reader(json, "", Currency::kCny);
  visit(reader, program);
  reader.finish();
  if (reader.refusal()) {
    return {{}, *reader.refusal()};
  }
  if (const auto fault = program::check(program)) {
    return {{}, words_of(*fault)};
  }
  return {program, {}};
}

std::string program_text(const Program& program) {
  Program copy = program;
  Writer writer;
  visit(writer, copy);
  return writer.json.dump(2) + "\n";
}

std::vector<ProgramChange> program_changes(const Program& before, const Program& after) {
  const auto figures = [](Program program) {
    Writer writer;
    visit(writer, program);
    std::map<std::string, std::string> flat;
    const Json flat_json = writer.json.flatten();
    for (const auto& item : flat_json.items()) {
      if (!item.value().is_structured() && !item.value().is_null()) {
        flat[place_of(item.key())] =
            item.value().is_string() ? item.value().get<std::string>() : item.value().dump();
      }
    }
    return flat;
  };
  std::vector<ProgramChange> changes;
  auto old_figures = figures(before);
  for (auto& [place, value] : figures(after)) {
    const auto was = old_figures.find(place);
    if (was == old_figures.end()) {
      changes.push_back({place, "", value});
    } else {
      if (was->second != value) {
        changes.push_back({place, was->second, value});
      }
      old_figures.erase(was);
    }
  }
  for (auto& [place, value] : old_figures) {
    changes.push_back({place, value, ""});
  }
  std::sort(changes.begin(), changes.end(), [](const ProgramChange& a, const ProgramChange& b) {
    return a.place < b.place;
  });
  return changes;
}

}  // namespace tally::tools
