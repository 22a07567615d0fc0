// `tally`: the command line of the field technician and the office. Each command is a file of its
// own in tools/.
#include <CLI/CLI.hpp>

#include "tools/audit_command.hpp"
#include "tools/bench_command.hpp"
#include "tools/claim_command.hpp"
#include "tools/code_command.hpp"
#include "tools/demo_data/command.hpp"
#include "tools/explain_command.hpp"
#include "tools/oa_command.hpp"
#include "tools/program_command.hpp"
#include "tools/provision_command.hpp"

int main(int argc, char** argv) {
  CLI::App app{"Tallystick: set up, look after and check terminals, gateways and the OA"};
  app.set_version_flag("--version", "tally " TALLY_VERSION);
  app.require_subcommand(1);
  tally::tools::add_provision_command(app);
  tally::tools::add_code_command(app);
  tally::tools::add_audit_command(app);
  tally::tools::add_explain_command(app);
  tally::tools::add_oa_command(app);
  tally::tools::add_claim_command(app);
  tally::tools::add_program_command(app);
  tally::tools::add_demo_data_command(app);
  tally::tools::add_bench_command(app);
  CLI11_PARSE(app, argc, argv);
  return 0;
}
