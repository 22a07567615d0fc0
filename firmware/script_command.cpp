#include "firmware/script_command.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "firmware/names.hpp"

namespace tally::firmware::script {

namespace {

using Parsed = std::variant<Command, BadLine, Skip>;

constexpr std::string_view kBlank = " \t\r";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// Takes the first word off `rest`.
std::string_view take_word(std::string_view& rest) {
  rest = trimmed(rest);
  const auto end = rest.find_first_of(kBlank);
  const std::string_view word = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : trimmed(rest.substr(end));
  return word;
}

BadLine syntax(std::string_view command, std::string_view form) {
  return {false, "'" + std::string(command) + "' is used as: " + std::string(form)};
}

/// A time in milliseconds that is the whole of `text`; nullopt for anything else.
std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

std::variant<Duration, BadLine> parse_time(std::string_view text,
                                           std::int64_t max_ms,
                                           std::string_view command) {
  const auto value = whole_number(text);
  if (!value) {
    return BadLine{false, "'" + std::string(command) + "' needs a time in milliseconds"};
  }
  if (*value < 1 || *value > max_ms) {
    return BadLine{true, "the time must be 1 to " + std::to_string(max_ms) + " ms"};
  }
  return Duration{*value};
}

/// `make` turns a good time into the command.
template <class Make>
Parsed with_time(std::string_view text, std::int64_t max_ms, std::string_view command, Make make) {
  auto time = parse_time(text, max_ms, command);
  if (auto* bad = std::get_if<BadLine>(&time)) {
    return std::move(*bad);
  }
  return Command{make(std::get<Duration>(time))};
}

/// Digits and dots as keys; nullopt when there is anything else, or nothing.
std::optional<std::vector<hal::Key>> typed_keys(std::string_view text) {
  std::vector<hal::Key> keys;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      keys.push_back(static_cast<hal::Key>(c - '0'));
    } else if (c == '.') {
      keys.push_back(hal::Key::kDot);
    } else {
      return std::nullopt;
    }
  }
  if (keys.empty() || keys.size() > 64) {
    return std::nullopt;
  }
  return keys;
}

Parsed parse_amount_line(std::string_view rest) {
  auto keys = typed_keys(rest);
  if (!keys) {
    return syntax("amount", "amount 128.50");
  }
  keys->push_back(hal::Key::kEnter);
  return Command{PressKeys{std::move(*keys)}};
}

Parsed parse_keys_line(std::string_view rest) {
  auto keys = typed_keys(rest);
  if (!keys) {
    return syntax("keys", "keys TEXT, where TEXT is digits and dots");
  }
  return Command{PressKeys{std::move(*keys)}};
}

Parsed parse_key_line(std::string_view rest) {
  const auto key = hal::key_of(rest);
  if (!key) {
    return BadLine{false, "there is no key '" + std::string(rest.substr(0, 40)) + "'"};
  }
  return Command{PressKeys{{*key}}};
}

Parsed parse_wait(std::string_view rest) {
  const std::string_view name = take_word(rest);
  const auto screen = screen_of(name);
  if (!screen) {
    return BadLine{false, "there is no screen '" + std::string(name.substr(0, 40)) + "'"};
  }
  return with_time(rest, kWaitMaxMs, "wait", [&](Duration time) {
    return WaitScreen{*screen, time};
  });
}

Parsed parse_wait_link(std::string_view rest) {
  const auto state = link_state_of(take_word(rest));
  if (!state) {
    return syntax("wait-link", "wait-link online|gateway|offline TIMEOUT_MS");
  }
  return with_time(rest, kWaitMaxMs, "wait-link", [&](Duration time) {
    return WaitLink{*state, time};
  });
}

Parsed parse_device(std::string_view rest) {
  struct Form {
    std::string_view part;
    std::string_view state;
    SetDevice command;
  };
  static constexpr std::array<Form, 8> kForms = {{
      {"scanner", "plugged", {Part::kScanner, true}},
      {"scanner", "unplugged", {Part::kScanner, false}},
      {"paper", "ok", {Part::kPaper, true}},
      {"paper", "out", {Part::kPaper, false}},
      {"cover", "closed", {Part::kCover, true}},
      {"cover", "open", {Part::kCover, false}},
      {"printer", "plugged", {Part::kPrinter, true}},
      {"printer", "unplugged", {Part::kPrinter, false}},
  }};
  const std::string_view part = take_word(rest);
  for (const Form& form : kForms) {
    if (form.part == part && form.state == rest) {
      return Command{form.command};
    }
  }
  return syntax("device",
                "device scanner|printer plugged|unplugged, device paper ok|out, "
                "device cover closed|open");
}

template <class Text>
Parsed with_text(std::string_view rest, std::string_view form) {
  if (rest.empty()) {
    return syntax(form.substr(0, form.find(' ')), form);
  }
  return Command{Text{std::string(rest)}};
}

template <class Alone>
Parsed alone(std::string_view rest, std::string_view command) {
  if (!rest.empty()) {
    return BadLine{false, "'" + std::string(command) + "' stands alone"};
  }
  return Command{Alone{}};
}

}  // namespace

std::variant<Command, BadLine, Skip> parse_line(std::string_view line) {
  if (line.size() > kLineBytesMax) {
    return BadLine{true, "a line is at most " + std::to_string(kLineBytesMax) + " bytes"};
  }
  std::string_view rest = trimmed(line);
  if (rest.empty() || rest.front() == '#') {
    return Skip{};
  }
  const std::string_view word = take_word(rest);
  if (word == "amount") {
    return parse_amount_line(rest);
  }
  if (word == "key") {
    return parse_key_line(rest);
  }
  if (word == "keys") {
    return parse_keys_line(rest);
  }
  if (word == "scan") {
    return with_text<ScanText>(rest, "scan TEXT");
  }
  if (word == "scan-image") {
    return with_text<ScanPicture>(rest, "scan-image PATH");
  }
  if (word == "tap") {
    return with_text<Tap>(rest, "tap TEXT");
  }
  if (word == "wait") {
    return parse_wait(rest);
  }
  if (word == "wait-link") {
    return parse_wait_link(rest);
  }
  if (word == "wait-synced") {
    return with_time(rest, kWaitMaxMs, word, [](Duration time) { return WaitSynced{time}; });
  }
  if (word == "wait-applied") {
    return with_time(rest, kWaitMaxMs, word, [](Duration time) { return WaitApplied{time}; });
  }
  if (word == "device") {
    return parse_device(rest);
  }
  if (word == "sleep") {
    return with_time(rest, kSleepMaxMs, word, [](Duration time) { return Sleep{time}; });
  }
  if (word == "state") {
    return alone<TellState>(rest, word);
  }
  if (word == "picture") {
    return with_text<SavePicture>(rest, "picture PATH");
  }
  if (word == "paper") {
    return with_text<SavePaper>(rest, "paper PATH");
  }
  if (word == "note") {
    return with_text<Note>(rest, "note TEXT");
  }
  if (word == "quit") {
    return alone<Quit>(rest, word);
  }
  return BadLine{false, "there is no command '" + std::string(word.substr(0, 40)) + "'"};
}

}  // namespace tally::firmware::script
