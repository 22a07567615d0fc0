// The notice of a verified back-up as text: a line a stream, a checksum at the end.
#include <algorithm>
#include <charconv>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/crc32c.hpp"
#include "core/base/try.hpp"

#include "storage/ledger_backup.hpp"

namespace tally::storage {
namespace {

constexpr std::string_view kTitle = "tallystick-backup 1";

/// The next word of a line; empty at its end.
std::string_view take_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

template <class T>
bool take_number(std::string_view& line, T& number) {
  const std::string_view word = take_word(line);
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc{} && !word.empty() && end == word.data() + word.size();
}

std::string checksum_line(std::string_view text) {
  return "crc " + std::to_string(crc32c(as_bytes(text))) + "\n";
}

std::optional<StreamMark> parse_stream(std::string_view line) {
  StreamMark mark;
  if (!take_number(line, mark.stream.terminal.value) ||
      !take_number(line, mark.stream.incarnation.value) ||
      !take_number(line, mark.position.seq.value)) {
    return std::nullopt;
  }
  const auto mac = from_hex(take_word(line));
  if (!mac || mac->size() != mark.position.mac.size() || !line.empty()) {
    return std::nullopt;
  }
  std::copy(mac->begin(), mac->end(), mark.position.mac.begin());
  return mark;
}

}  // namespace

std::string backup_notice(const BackupContent& content) {
  std::string text =
      std::string(kTitle) + "\ngeneration " + std::to_string(content.generation) + "\n";
  for (const StreamMark& mark : content.heads) {
    text += "stream " + std::to_string(mark.stream.terminal.value) + " " +
            std::to_string(mark.stream.incarnation.value) + " " +
            std::to_string(mark.position.seq.value) + " " + to_hex(mark.position.mac) + "\n";
  }
  return text + checksum_line(text);
}

Result<BackupContent> parse_backup_notice(std::string_view text) {
  const Error damaged = make_error(Errc::kCorrupt, "the notice of a back-up is damaged");
  const std::size_t last = text.rfind("crc ");
  if (last == std::string_view::npos || text.substr(last) != checksum_line(text.substr(0, last))) {
    return damaged;
  }
  text = text.substr(0, last);
  BackupContent content;
  bool titled = false;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      return damaged;
    }
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (!titled) {
      titled = line == kTitle;
      if (!titled) {
        return damaged;
      }
      continue;
    }
    const std::string_view word = take_word(line);
    if (word == "generation" && take_number(line, content.generation)) {
      continue;
    }
    const auto mark = word == "stream" ? parse_stream(line) : std::nullopt;
    if (!mark) {
      return damaged;
    }
    content.heads.push_back(*mark);
  }
  return content.generation > 0 ? Result<BackupContent>(std::move(content)) : damaged;
}

}  // namespace tally::storage
