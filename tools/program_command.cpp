#include "tools/program_command.hpp"

#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "tools/program_file.hpp"
#include "tools/program_trial.hpp"

namespace tally::tools {
namespace {

constexpr std::size_t kSalesFileBytesMax = 16 * 1024 * 1024;

struct Arguments {
  std::string file;
  std::string other;
  std::string sales;
  std::string language = "zh-CN";
  bool with_reasons = false;
  bool is_chinese() const { return language == "zh-CN"; }
};

[[noreturn]] void give_up(const Arguments& arguments,
                          const std::string& file,
                          const Sentence& why,
                          int exit_code) {
  std::cerr << "tally program: " << file << ": " << (arguments.is_chinese() ? why.zh : why.en)
            << "\n";
  throw CLI::RuntimeError(exit_code);
}

std::string text_of(const Arguments& arguments, const std::string& file, std::size_t bytes_max) {
  std::ifstream in(file, std::ios::binary);
  std::string text(bytes_max + 1, '\0');
  if (!in.read(text.data(), static_cast<std::streamsize>(text.size())) && !in.eof()) {
    give_up(arguments, file, {"无法读取", "cannot be read"}, 2);
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > bytes_max) {
    give_up(arguments, file, {"文件过大", "the file is too large"}, 1);
  }
  return text;
}

program::Program program_of(const Arguments& arguments, const std::string& file) {
  const ProgramFile read = read_program(text_of(arguments, file, kProgramFileBytesMax));
  if (!read.program) {
    give_up(arguments, file, read.refusal, 1);
  }
  return *read.program;
}

void run_check(const Arguments& arguments) {
  const program::Program program = program_of(arguments, arguments.file);
  const std::string version = std::to_string(program.version.value);
  std::cout << (arguments.is_chinese() ? "积分规则版本 " + version + "：没有问题\n"
                                       : "program version " + version + ": nothing wrong\n");
}

void run_diff(const Arguments& arguments) {
  const auto changes = program_changes(program_of(arguments, arguments.file),
                                       program_of(arguments, arguments.other));
  const std::string none = arguments.is_chinese() ? "（无）" : "(none)";
  for (const ProgramChange& change : changes) {
    std::cout << change.place << ": " << (change.before.empty() ? none : change.before) << " → "
              << (change.after.empty() ? none : change.after) << "\n";
  }
  if (!changes.empty()) {
    throw CLI::RuntimeError(1);
  }
}

void run_simulate(const Arguments& arguments) {
  const program::Program program = program_of(arguments, arguments.file);
  TrialOptions options;
  options.is_chinese = arguments.is_chinese();
  options.with_reasons = arguments.with_reasons;
  program::Program against;
  if (!arguments.other.empty()) {
    against = program_of(arguments, arguments.other);
    options.against = &against;
  }
  const SalesFile sales = read_sales(text_of(arguments, arguments.sales, kSalesFileBytesMax),
                                     program.earn_step.currency);
  if (sales.refusal) {
    give_up(arguments, arguments.sales, *sales.refusal, 1);
  }
  const Trial trial = try_program(program, sales.sales, options);
  if (trial.refusal) {
    give_up(arguments, arguments.sales, *trial.refusal, 1);
  }
  std::cout << trial.text;
}

CLI::App* add_part(CLI::App& program,
                   const std::string& name,
                   const std::string& about,
                   Arguments& arguments) {
  CLI::App* part = program.add_subcommand(name, about);
  part->add_option("program", arguments.file, "A program's file (docs/formats/program.md)")
      ->type_name("FILE")
      ->required();
  part->add_option("--language", arguments.language, "Of the text")
      ->check(CLI::IsMember({"zh-CN", "en"}))
      ->capture_default_str();
  return part;
}

}  // namespace

void add_program_command(CLI::App& app) {
  CLI::App* program = app.add_subcommand("program", "Check, compare and try a program's rules");
  program->require_subcommand(1);

  const auto arguments = std::make_shared<Arguments>();
  CLI::App* check = add_part(*program, "check", "Whether its rules can be right", *arguments);
  check->footer("Exit code: 0 nothing wrong, 1 refused, 2 the file cannot be read.");
  check->callback([arguments] { run_check(*arguments); });

  CLI::App* diff = add_part(*program, "diff", "What changes from one to another", *arguments);
  diff->add_option("other", arguments->other, "The other program's file")
      ->type_name("FILE")
      ->required();
  diff->footer("Exit code: 0 the same, 1 different or refused, 2 a file cannot be read.");
  diff->callback([arguments] { run_diff(*arguments); });

  CLI::App* simulate = add_part(*program, "simulate", "What sales would earn", *arguments);
  simulate->add_option("sales", arguments->sales, "A table of sales (docs/formats/program.md)")
      ->type_name("SALES.TSV")
      ->required();
  simulate->add_option("--against", arguments->other, "Earlier rules to compare with")
      ->type_name("FILE");
  simulate->add_flag("--why", arguments->with_reasons, "What each rule gave, below each sale");
  simulate->footer("Exit code: 0 done, 1 refused, 2 a file cannot be read.");
  simulate->callback([arguments] { run_simulate(*arguments); });
}

}  // namespace tally::tools
