// `tally demo-data`: a made-up year of a points programme, made through the real record path, once.
#pragma once

namespace CLI {
class App;
}

namespace tally::tools {

/// Adds the subcommand. Exit codes: 0 it is there, 1 it could not be made, 2 the place holds
/// something else, 130 stopped.
void add_demo_data_command(CLI::App& app);

}  // namespace tally::tools
