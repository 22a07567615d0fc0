#include "tools/explain_command.hpp"

#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "tools/explain.hpp"

namespace tally::tools {
namespace {

struct Arguments {
  std::string record;
  std::string ledger;
  std::string language = "zh-CN";
  bool json = false;
};

void run_explain(const Arguments& arguments) {
  const Result<Explanation> told = explain(arguments.ledger, arguments.record);
  if (!told) {
    std::cerr << "tally explain: " << arguments.ledger << ": " << describe(told.error()) << "\n";
    throw CLI::RuntimeError(2);
  }
  if (told->outcome != ExplainOutcome::kExplained) {
    std::cerr << "tally explain: " << explain_text(*told, arguments.language);
    throw CLI::RuntimeError(told->outcome == ExplainOutcome::kNotAName ? 2 : 1);
  }
  if (arguments.json) {
    std::cout << told->json << "\n";
  } else {
    std::cout << explain_text(*told, arguments.language);
  }
}

}  // namespace

void add_explain_command(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("explain", "Say why a record did what it did to a member's points");
  command
      ->add_option("record",
                   arguments->record,
                   "Receipt number (101-1-42), text of a receipt's code, or #TRANSACTION")
      ->required();
  command->add_option("--oa", arguments->ledger, "The OA's ledger.db, running or stopped")
      ->type_name("DB")
      ->required();
  command->add_option("--language", arguments->language, "Of the text")
      ->check(CLI::IsMember({"zh-CN", "en"}))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "One JSON object (docs/formats/explain.md)");
  command->callback([arguments] { run_explain(*arguments); });
}

}  // namespace tally::tools
