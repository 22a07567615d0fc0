// `tally program check | diff | simulate`: what an office does with a program before it becomes the
// one in force.
#pragma once

namespace CLI {
class App;
}

namespace tally::tools {

/// Adds the subcommands. Exit codes: 0 fine (diff: the same), 1 refused (diff: different), 2 a file
/// cannot be read.
void add_program_command(CLI::App& app);

}  // namespace tally::tools
