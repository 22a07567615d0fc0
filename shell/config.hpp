// Configuration files in TOML. A program declares each key once, bound to a field that holds its
// default; the same declaration reads a file, refuses what is wrong with file, line and column,
// and prints the documented default file. One thread; used at start only.
//
//   ConfigReader keys("tally-gateway");
//   keys.section("link", "Terminals connect here.");
//   keys.integer("heartbeat_ms", config.heartbeat_ms, {100, 60'000}, "Pause between two signs of
//   life."); for (const std::string& problem : keys.read_file("gateway.toml")) …
#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tally::shell {

/// Both ends are allowed values.
struct IntegerRange {
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

class ConfigReader {
 public:
  static constexpr std::size_t kFileBytesMax = 1U << 20;
  static constexpr std::size_t kProblemsMax = 20;
  static constexpr std::size_t kTextBytesMax = 4096;

  explicit ConfigReader(std::string program);

  /// Keys declared from here on stand below `[name]`; "a.b" is a section in a section. Keys before
  /// the first section stand at the top of the file.
  ConfigReader& section(std::string name, std::string documentation);

  /// Each binds one key. The field's value at this moment is the default; the field must outlive
  /// the reader. `documentation` is one line and says what the key is for; units are in the name.
  ConfigReader& text(std::string key, std::string& field, std::string documentation);
  ConfigReader& path(std::string key, std::filesystem::path& field, std::string documentation);
  ConfigReader& flag(std::string key, bool& field, std::string documentation);
  template <std::integral T>
  ConfigReader& integer(std::string key, T& field, IntegerRange range, std::string documentation) {
    return add_integer(
        std::move(key),
        static_cast<std::int64_t>(field),
        [&field](std::int64_t value) { field = static_cast<T>(value); },
        range,
        std::move(documentation));
  }
  /// One word of `choices`.
  ConfigReader& choice(std::string key,
                       std::string& field,
                       std::vector<std::string> choices,
                       std::string documentation);
  /// At most 64 texts.
  ConfigReader& texts(std::string key, std::vector<std::string>& field, std::string documentation);

  /// Makes the key declared last one without a default: a file without it is refused.
  ConfigReader& required();

  /// Reads a file into the fields. Empty when all is well; otherwise one sentence for each problem
  /// (at most 20), "file:line:column: …", and the fields are in no particular state.
  std::vector<std::string> read_file(const std::filesystem::path& file);
  /// The same for a text; `file_name` is only for the sentences.
  std::vector<std::string> read(std::string_view text, const std::string& file_name);
  /// What a program started without a file gets: a problem for each required key.
  std::vector<std::string> read_nothing() { return read("", "no configuration file"); }

  /// A complete file with every key, its documentation, range and default.
  std::string default_file() const;

 private:
  struct Key;
  struct Section {
    std::string name;
    std::string documentation;
  };
  struct Reading;

  ConfigReader& add(Key key);
  ConfigReader& add_integer(std::string key,
                            std::int64_t value,
                            std::function<void(std::int64_t)> set,
                            IntegerRange range,
                            std::string documentation);

  std::string program_;
  std::vector<Section> sections_;
  std::vector<Key> keys_;
};

enum class KeyType : std::uint8_t { kText, kFlag, kInteger, kTexts };

/// One declared key; its setters are called with checked values.
struct ConfigReader::Key {
  std::string section;
  std::string name;
  KeyType type = KeyType::kText;
  std::string documentation;
  std::string default_text;  ///< As TOML.
  bool is_required = false;
  IntegerRange range;
  std::vector<std::string> choices;
  std::function<void(std::int64_t)> set_integer;
  std::function<void(bool)> set_flag;
  std::function<void(std::string)> set_text;
  std::function<void(std::vector<std::string>)> set_texts;

  std::string full_name() const { return section.empty() ? name : section + "." + name; }
};

}  // namespace tally::shell
