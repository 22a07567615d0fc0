#include "firmware/process_memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <unistd.h>

#include "hal/linux/linux_clock.hpp"

namespace tally::firmware {

ProcessMemory process_memory() {
  ProcessMemory memory;
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    std::istringstream words(line);
    std::string name;
    std::int64_t kib = 0;
    words >> name >> kib;
    if (name == "VmRSS:") {
      memory.rss_bytes = kib * 1024;
    } else if (name == "VmHWM:") {
      memory.rss_peak_bytes = kib * 1024;
    }
  }
  return memory;
}

std::int64_t process_age_ms() {
  std::ifstream file("/proc/self/stat");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  // The second field, the name, may hold anything; the fields after it begin behind the last ')'.
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) {
    return 0;
  }
  std::istringstream words(text.substr(name_end + 1));
  std::string word;
  constexpr int kStartTime = 22;  // Counted from 1, as in proc(5).
  for (int field = 3; field <= kStartTime; ++field) {
    words >> word;
  }
  const std::int64_t ticks = std::strtoll(word.c_str(), nullptr, 10);
  const std::int64_t ticks_a_second = sysconf(_SC_CLK_TCK);
  const std::int64_t now_ms = hal::LinuxClock().boot().ms;
  return std::max<std::int64_t>(0, now_ms - ticks * 1000 / ticks_a_second);
}

}  // namespace tally::firmware
