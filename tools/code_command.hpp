// `tally code`: draws a text as a QR code into a PNG file, for cards of demo members and for tests.
#pragma once

namespace CLI {
class App;
}

namespace tally::tools {

/// Adds the subcommand. It ends with CLI::RuntimeError when the picture could not be made.
void add_code_command(CLI::App& app);

}  // namespace tally::tools
