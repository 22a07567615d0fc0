// One line of a terminal script (docs/formats/script.md) as a command. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/time.hpp"
#include "core/sale/view.hpp"

#include "hal/keys.hpp"

namespace tally::firmware::script {

inline constexpr std::size_t kLineBytesMax = 8192;
inline constexpr std::int64_t kWaitMaxMs = 600'000;
inline constexpr std::int64_t kSleepMaxMs = 60'000;

struct PressKeys {
  std::vector<hal::Key> keys;
};
struct ScanText {
  std::string text;
};
struct ScanPicture {
  std::string path;
};
struct Tap {
  std::string text;
};
struct WaitScreen {
  sale::Screen screen = sale::Screen::kIdle;
  Duration timeout;
};
struct WaitLink {
  sale::LinkState state = sale::LinkState::kOffline;
  Duration timeout;
};
struct WaitSynced {
  Duration timeout;
};
struct WaitApplied {
  Duration timeout;
};
enum class Part : std::uint8_t { kScanner, kPaper, kCover, kPrinter };
struct SetDevice {
  Part part = Part::kScanner;
  bool good = true;  ///< plugged, ok, closed.
};
struct Sleep {
  Duration time;
};
struct TellState {};
struct SavePicture {
  std::string path;
};
struct SavePaper {
  std::string path;
};
struct Note {
  std::string text;
};
struct Quit {};

using Command = std::variant<PressKeys,
                             ScanText,
                             ScanPicture,
                             Tap,
                             WaitScreen,
                             WaitLink,
                             WaitSynced,
                             WaitApplied,
                             SetDevice,
                             Sleep,
                             TellState,
                             SavePicture,
                             SavePaper,
                             Note,
                             Quit>;

/// Why a line is not a command.
struct BadLine {
  bool out_of_range = false;  ///< A number outside its bounds; else the form is wrong.
  std::string text;           ///< One English sentence.
};

/// Nothing to do: empty, or a comment.
struct Skip {};

std::variant<Command, BadLine, Skip> parse_line(std::string_view line);

}  // namespace tally::firmware::script
