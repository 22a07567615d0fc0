#include "tools/audit_command.hpp"

#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "tools/audit.hpp"

namespace tally::tools {
namespace {

struct Arguments {
  AuditInput input;
  std::int32_t utc_offset_minutes = 480;
  bool json = false;
};

void run_audit(const Arguments& arguments) {
  AuditInput input = arguments.input;
  input.utc_offset_s = arguments.utc_offset_minutes * 60;
  if (input.terminals.empty() && input.gateways.empty() && input.oa.empty()) {
    std::cerr << "tally audit: no database given; see tally audit --help\n";
    throw CLI::RuntimeError(2);
  }
  AuditReport report;
  AuditFailure failure;
  if (!audit(input, report, failure)) {
    std::cerr << "tally audit: " << failure.database << ": " << describe(failure.error) << "\n";
    throw CLI::RuntimeError(2);
  }
  std::cout << (arguments.json ? audit_json(report) + "\n" : audit_text(report));
  if (!report.ok()) {
    throw CLI::RuntimeError(1);
  }
}

}  // namespace

void add_audit_command(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "audit", "Check the databases of stopped or running nodes against what must hold");
  command->add_option("--terminal", arguments->input.terminals, "A terminal's journal.db")
      ->type_name("DB");
  command->add_option("--gateway", arguments->input.gateways, "A gateway's journal.db")
      ->type_name("DB");
  command->add_option("--oa", arguments->input.oa, "The OA's ledger.db")
      ->type_name("DB")
      ->expected(1);
  command
      ->add_option("--master-key",
                   arguments->input.master_key,
                   "The OA's master.key: verifies the MAC of every record")
      ->type_name("FILE");
  command->add_flag("--replay",
                    arguments->input.replay,
                    "Decide all that the ledger decided again, in memory, and compare");
  command
      ->add_option("--utc-offset-minutes",
                   arguments->utc_offset_minutes,
                   "The office's offset from UTC, for the replay")
      ->check(CLI::Range(-14 * 60, 14 * 60))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->footer("Exit code: 0 all holds, 1 a breach was found, 2 an input cannot be used.");
  command->callback([arguments] { run_audit(*arguments); });
}

}  // namespace tally::tools
