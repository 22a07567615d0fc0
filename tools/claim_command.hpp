// `tally claim` and `tally dead`: what a customer's receipt says goes to the OA's API, and a
// terminal that is gone for ever is given up.
#pragma once

namespace CLI {
class App;
}

namespace tally::tools {

/// Adds the subcommands. Exit codes: 0 done, 1 refused by the OA, 2 it could not be asked.
void add_claim_command(CLI::App& app);

}  // namespace tally::tools
