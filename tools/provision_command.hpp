// `tally provision`: authority, requests, signing and installing (tools/provision.hpp).
#pragma once

namespace CLI {
class App;
}

namespace tally::tools {

/// Adds the subcommand. It ends with CLI::RuntimeError when what was asked could not be done.
void add_provision_command(CLI::App& app);

}  // namespace tally::tools
