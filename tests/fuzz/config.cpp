// Configuration files: any text is read or refused with a few sentences that name a place.
#include "shell/config.hpp"

#include "tests/fuzz/fuzz_input.hpp"

using namespace tally;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string name = "store";
  std::filesystem::path folder = "/var/lib/tally";
  bool is_open = true;
  std::uint16_t port = 8443;
  std::int64_t pause_ms = 5'000;
  std::string mode = "fast";
  std::vector<std::string> peers;
  shell::ConfigReader keys("fuzz");
  keys.text("name", name, "A text.");
  keys.section("link", "A section.");
  keys.path("folder", folder, "A path.").flag("open", is_open, "A flag.");
  keys.integer("port", port, {1, 65'535}, "A bounded number.");
  keys.section("link.times", "A section in a section.");
  keys.integer("pause_ms", pause_ms, {0, 1'000'000}, "A number.");
  keys.choice("mode", mode, {"fast", "safe"}, "One of two.").required();
  keys.texts("peers", peers, "Texts.");

  const auto problems = keys.read(fuzz::text_of(data, size), "fuzz.toml");
  TALLY_ASSERT(problems.size() <= shell::ConfigReader::kProblemsMax + 1);
  for (const std::string& problem : problems) {
    TALLY_ASSERT(problem.starts_with("fuzz.toml"));
  }
  if (problems.empty()) {
    TALLY_ASSERT(port >= 1 && pause_ms >= 0 && pause_ms <= 1'000'000);
    TALLY_ASSERT(mode == "fast" || mode == "safe");
    TALLY_ASSERT(peers.size() <= 64);
  }
  return 0;
}
