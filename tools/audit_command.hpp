// `tally audit`: checks databases of stopped or running nodes (tools/audit.hpp).
#pragma once

namespace CLI {
class App;
}

namespace tally::tools {

/// Adds the subcommand. Exit codes: 0 all holds, 1 a breach, 2 an input that cannot be used.
void add_audit_command(CLI::App& app);

}  // namespace tally::tools
