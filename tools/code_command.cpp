#include "tools/code_command.hpp"

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "core/base/error.hpp"

#include "tools/code_picture.hpp"

namespace tally::tools {
namespace {

struct Options {
  std::string text;
  std::string out;
  std::uint32_t module_pixels = 8;
};

void run(const Options& options) {
  const auto picture = draw_code(options.text, options.module_pixels);
  if (!picture) {
    std::fprintf(stderr, "tally code: %s\n", describe(picture.error()).c_str());
    throw CLI::RuntimeError(2);
  }
  if (const auto written = write_code_picture(*picture, options.out); !written) {
    std::fprintf(
        stderr, "tally code: %s: %s\n", options.out.c_str(), describe(written.error()).c_str());
    throw CLI::RuntimeError(1);
  }
}

}  // namespace

void add_code_command(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("code", "Draw a text as a QR code into a PNG file");
  command->add_option("--text", options->text, "What the code holds, for example a card's text")
      ->required();
  command->add_option("--out", options->out, "PNG file to write")->required();
  command->add_option("--module-pixels", options->module_pixels, "Size of one module")
      ->check(CLI::Range(std::uint32_t{1}, kModulePixelsMax))
      ->capture_default_str();
  command->callback([options] { run(*options); });
}

}  // namespace tally::tools
