#include "tools/oa_command.hpp"

#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "shell/process.hpp"
#include "tools/audit.hpp"
#include "tools/oa_backup.hpp"

namespace tally::tools {
namespace {

struct Arguments {
  std::string data;
  std::string file;
};

[[noreturn]] void refuse(const char* verb, const std::string& why) {
  std::cerr << "tally oa " << verb << ": " << why << "\n";
  throw CLI::RuntimeError(2);
}

void expect_clean(const char* verb, const AuditReport& report) {
  if (!report.ok()) {
    std::cerr << "tally oa " << verb << ": the books do not hold; nothing was changed\n"
              << audit_text(report);
    throw CLI::RuntimeError(1);
  }
}

void run_backup(const Arguments& arguments) {
  shell::restrict_process();
  const auto outcome = backup_oa(arguments.data, arguments.file);
  if (!outcome) {
    refuse("backup", describe(outcome.error()));
  }
  expect_clean("backup", outcome->audit);
  std::cout << arguments.file << ": " << outcome->bytes << " bytes, generation "
            << outcome->generation << ", " << outcome->streams << " streams, "
            << audit_text(outcome->audit);
}

void run_restore(const Arguments& arguments) {
  shell::restrict_process();
  const auto outcome = restore_oa(arguments.file, arguments.data, shell::system_now().wall);
  if (!outcome) {
    refuse("restore", describe(outcome.error()));
  }
  expect_clean("restore", outcome->audit);
  std::cout << "restored: generation " << outcome->generation << ", " << audit_text(outcome->audit);
  if (!outcome->set_aside.empty()) {
    std::cout << "the ledger that was there: " << outcome->set_aside.string() << "\n";
  }
}

}  // namespace

void add_oa_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("oa", "Back up and restore the office's ledger");
  command->require_subcommand(1);

  const auto backup = std::make_shared<Arguments>();
  CLI::App* take = command->add_subcommand(
      "backup", "Copy the ledger, running or not, check the copy, and let it count as archived");
  take->add_option("--data", backup->data, "The OA's data directory")->required();
  take->add_option("--to", backup->file, "The file to make; it must not exist")->required();
  take->footer("Exit code: 0 done, 1 the books do not hold, 2 it could not be done.");
  take->callback([backup] { run_backup(*backup); });

  const auto restore = std::make_shared<Arguments>();
  CLI::App* put = command->add_subcommand(
      "restore", "Put a back-up in place of a stopped OA's ledger; gateways then send again");
  put->add_option("--data", restore->data, "The OA's data directory, with its master.key")
      ->required();
  put->add_option("--from", restore->file, "The back-up")->required();
  put->footer("Exit code: 0 done, 1 the books of the back-up do not hold, 2 it could not be done.");
  put->callback([restore] { run_restore(*restore); });
}

}  // namespace tally::tools
