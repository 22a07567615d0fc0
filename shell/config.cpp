#include "shell/config.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <numeric>
#include <optional>
#include <set>

namespace tally::shell {
namespace {

/// What the parser's assertions do here. Some texts break them ("[#", found by tests/fuzz), and a
/// mistake in a file is no reason to end the process.
struct ParserGaveUp {};

[[noreturn]] void give_up() {
  throw ParserGaveUp{};
}

}  // namespace
}  // namespace tally::shell

#define TOML_ASSERT(expression)  \
  do {                           \
    if (!(expression)) {         \
      ::tally::shell::give_up(); \
    }                            \
  } while (false)
#include <toml++/toml.h>

namespace tally::shell {
namespace {

constexpr std::size_t kTextsMax = 64;

/// TOML basic string.
std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      out += "\\u00";
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string toml_list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    out += (out.size() > 1 ? ", " : "") + toml_text(text);
  }
  return out + "]";
}

/// Levenshtein's distance: inserted, removed and changed characters.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row.back();
}

/// The name most like `wrong`, when it is like enough to be what was meant.
std::optional<std::string> nearest(const std::string& wrong, const std::set<std::string>& names) {
  std::optional<std::string> best;
  std::size_t best_distance = std::max<std::size_t>(2, wrong.size() / 3) + 1;
  for (const std::string& name : names) {
    const std::size_t distance = edit_distance(wrong.substr(0, 64), name);
    if (distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  return best;
}

const char* type_name(KeyType type) {
  switch (type) {
    case KeyType::kText:
      return "a text in quotes";
    case KeyType::kFlag:
      return "true or false";
    case KeyType::kInteger:
      return "a whole number";
    case KeyType::kTexts:
      return "a list of texts in quotes";
  }
  return "";
}

std::string range_text(const IntegerRange& range) {
  return std::to_string(range.min) + " to " + std::to_string(range.max);
}

bool is_limited(const IntegerRange& range) {
  return range.max != std::numeric_limits<std::int64_t>::max();
}

/// Whether the parser gives up on a text, rather than reading it or saying what is wrong with it.
bool is_given_up(std::string_view text) {
  try {
    static_cast<void>(toml::parse(text));
  } catch (const toml::parse_error&) {
    return false;
  } catch (const ParserGaveUp&) {
    return true;
  }
  return false;
}

/// The line at which the parser gives up on a text: a text that ends before it is not given up on.
std::size_t line_given_up(std::string_view text) {
  std::vector<std::size_t> line_ends;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos;
       end = text.find('\n', end + 1)) {
    line_ends.push_back(end + 1);
  }
  const auto bad = std::partition_point(line_ends.begin(), line_ends.end(), [&](std::size_t end) {
    return !is_given_up(text.substr(0, end));
  });
  return static_cast<std::size_t>(bad - line_ends.begin()) + 1;
}

}  // namespace

/// One pass over a file.
struct ConfigReader::Reading {
  const std::string& file_name;
  std::vector<std::string> problems;
  std::set<std::string> seen;
  std::map<std::string, const Key*> keys;
  std::set<std::string> section_names;

  void say(const toml::source_position& at, const std::string& text) {
    if (problems.size() < kProblemsMax) {
      problems.push_back(file_name + ":" + std::to_string(at.line) + ":" +
                         std::to_string(at.column) + ": " + text);
    }
  }

  void walk(const toml::table& table, const std::string& prefix);
  void take(const Key& key, const toml::node& node);
  void say_unknown(const toml::source_position& at,
                   const std::string& name,
                   const std::string& key,
                   bool is_table);
};

void ConfigReader::Reading::walk(const toml::table& table, const std::string& prefix) {
  for (const auto& [key, node] : table) {
    const std::string name =
        prefix.empty() ? std::string(key.str()) : prefix + "." + std::string(key.str());
    if (const auto it = keys.find(name); it != keys.end()) {
      seen.insert(name);
      take(*it->second, node);
    } else if (node.is_table() && section_names.contains(name)) {
      walk(*node.as_table(), name);
    } else {
      say_unknown(key.source().begin, name, std::string(key.str()), node.is_table());
    }
  }
}

void ConfigReader::Reading::say_unknown(const toml::source_position& at,
                                        const std::string& name,
                                        const std::string& key,
                                        bool is_table) {
  std::set<std::string> known;
  for (const auto& [full_name, declared] : keys) {
    known.insert(full_name);
    if (!is_table && declared->name == key) {
      return say(at, "unknown key '" + name + "'; did you mean '" + full_name + "'?");
    }
  }
  const auto near = nearest(name, is_table ? section_names : known);
  say(at,
      (is_table ? "unknown section '" : "unknown key '") + name + "'" +
          (near ? "; did you mean '" + *near + "'?" : ""));
}

void ConfigReader::Reading::take(const Key& key, const toml::node& node) {
  const toml::source_position at = node.source().begin;
  const auto wrong_type = [&] {
    say(at, "'" + key.full_name() + "' must be " + type_name(key.type));
  };
  switch (key.type) {
    case KeyType::kFlag:
      return node.is_boolean() ? key.set_flag(node.as_boolean()->get()) : wrong_type();
    case KeyType::kInteger: {
      if (!node.is_integer()) {
        return wrong_type();
      }
      const std::int64_t value = node.as_integer()->get();
      return value < key.range.min || value > key.range.max
                 ? say(at, "'" + key.full_name() + "' must be " + range_text(key.range))
                 : key.set_integer(value);
    }
    case KeyType::kText: {
      if (!node.is_string()) {
        return wrong_type();
      }
      const std::string& text = node.as_string()->get();
      if (text.size() > kTextBytesMax) {
        return say(at, "'" + key.full_name() + "' is too long");
      }
      if (!key.choices.empty() && std::ranges::find(key.choices, text) == key.choices.end()) {
        return say(at, "'" + key.full_name() + "' must be one of " + toml_list(key.choices));
      }
      return key.set_text(text);
    }
    case KeyType::kTexts: {
      const toml::array* array = node.as_array();
      if (array == nullptr || !std::ranges::all_of(*array, [](const toml::node& element) {
            return element.is_string();
          })) {
        return wrong_type();
      }
      if (array->size() > kTextsMax) {
        return say(at, "'" + key.full_name() + "' has more than 64 texts");
      }
      std::vector<std::string> texts;
      for (const toml::node& element : *array) {
        texts.push_back(element.as_string()->get());
      }
      return key.set_texts(std::move(texts));
    }
  }
}

ConfigReader::ConfigReader(std::string program) : program_(std::move(program)) {
  sections_.push_back({"", ""});
}

ConfigReader& ConfigReader::section(std::string name, std::string documentation) {
  sections_.push_back({std::move(name), std::move(documentation)});
  return *this;
}

ConfigReader& ConfigReader::add(Key key) {
  key.section = sections_.back().name;
  keys_.push_back(std::move(key));
  return *this;
}

ConfigReader& ConfigReader::text(std::string key, std::string& field, std::string documentation) {
  Key added;
  added.name = std::move(key);
  added.documentation = std::move(documentation);
  added.default_text = toml_text(field);
  added.set_text = [&field](std::string value) { field = std::move(value); };
  return add(std::move(added));
}

ConfigReader& ConfigReader::path(std::string key,
                                 std::filesystem::path& field,
                                 std::string documentation) {
  Key added;
  added.name = std::move(key);
  added.documentation = std::move(documentation);
  added.default_text = toml_text(field.string());
  added.set_text = [&field](std::string value) { field = std::move(value); };
  return add(std::move(added));
}

ConfigReader& ConfigReader::flag(std::string key, bool& field, std::string documentation) {
  Key added;
  added.name = std::move(key);
  added.type = KeyType::kFlag;
  added.documentation = std::move(documentation);
  added.default_text = field ? "true" : "false";
  added.set_flag = [&field](bool value) { field = value; };
  return add(std::move(added));
}

ConfigReader& ConfigReader::add_integer(std::string key,
                                        std::int64_t value,
                                        std::function<void(std::int64_t)> set,
                                        IntegerRange range,
                                        std::string documentation) {
  Key added;
  added.name = std::move(key);
  added.type = KeyType::kInteger;
  added.documentation = std::move(documentation);
  added.default_text = std::to_string(value);
  added.range = range;
  added.set_integer = std::move(set);
  return add(std::move(added));
}

ConfigReader& ConfigReader::choice(std::string key,
                                   std::string& field,
                                   std::vector<std::string> choices,
                                   std::string documentation) {
  text(std::move(key), field, std::move(documentation));
  keys_.back().choices = std::move(choices);
  return *this;
}

ConfigReader& ConfigReader::texts(std::string key,
                                  std::vector<std::string>& field,
                                  std::string documentation) {
  Key added;
  added.name = std::move(key);
  added.type = KeyType::kTexts;
  added.documentation = std::move(documentation);
  added.default_text = toml_list(field);
  added.set_texts = [&field](std::vector<std::string> value) { field = std::move(value); };
  return add(std::move(added));
}

ConfigReader& ConfigReader::required() {
  keys_.back().is_required = true;
  return *this;
}

std::vector<std::string> ConfigReader::read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(kFileBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.eof()) {
    return {file.string() +
            (in.is_open() && in ? ": the file is larger than 1 MiB" : ": the file cannot be read")};
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  return read(text, file.string());
}

std::vector<std::string> ConfigReader::read(std::string_view text, const std::string& file_name) {
  Reading reading{file_name, {}, {}, {}, {}};
  for (const Key& key : keys_) {
    reading.keys[key.full_name()] = &key;
  }
  for (const Section& section : sections_) {
    for (std::size_t dot = 0; dot != std::string::npos;) {
      dot = section.name.find('.', dot + 1);
      reading.section_names.insert(section.name.substr(0, dot));
    }
  }
  try {
    reading.walk(toml::parse(text, file_name), "");
  } catch (const toml::parse_error& error) {
    reading.say(error.source().begin, std::string(error.description()));
    return reading.problems;
  } catch (const ParserGaveUp&) {
    return {file_name + ":" + std::to_string(line_given_up(text)) +
            ":1: this line is not TOML: a name, a value or a [section] is not where it should be"};
  }
  for (const Key& key : keys_) {
    if (key.is_required && !reading.seen.contains(key.full_name())) {
      reading.problems.push_back(file_name + ": '" + key.full_name() + "' is missing; " +
                                 key.documentation);
    }
  }
  return reading.problems;
}

std::string ConfigReader::default_file() const {
  std::string out = "# Configuration of " + program_ +
                    ": every key with its default. What is left out keeps its default.\n";
  for (const Section& section : sections_) {
    if (!section.name.empty()) {
      out += "\n# " + section.documentation + "\n[" + section.name + "]\n";
    }
    for (const Key& key : keys_) {
      if (key.section != section.name) {
        continue;
      }
      out += "\n# " + key.documentation + "\n";
      if (key.type == KeyType::kInteger && is_limited(key.range)) {
        out += "# " + range_text(key.range) + ".\n";
      }
      if (!key.choices.empty()) {
        out += "# One of " + toml_list(key.choices) + ".\n";
      }
      out += key.is_required ? "# Required: it has no default.\n# " + key.name + " =\n"
                             : key.name + " = " + key.default_text + "\n";
    }
  }
  return out;
}

}  // namespace tally::shell
