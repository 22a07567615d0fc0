// `tally oa`: back-up and restoration of the office's ledger.
#pragma once

namespace CLI {
class App;
}

namespace tally::tools {

void add_oa_command(CLI::App& app);

}  // namespace tally::tools
