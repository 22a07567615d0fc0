// `tally explain`: why a record did what it did to a member's points (tools/explain.hpp).
#pragma once

namespace CLI {
class App;
}

namespace tally::tools {

/// Adds the subcommand. Exit codes: 0 explained, 1 unknown or ambiguous, 2 an input that cannot be
/// used.
void add_explain_command(CLI::App& app);

}  // namespace tally::tools
