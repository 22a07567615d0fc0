#include "tools/claim_command.hpp"

#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "core/base/try.hpp"

#include "transport/http/client.hpp"
#include "transport/secret_file.hpp"

namespace tally::tools {
namespace {

using Json = nlohmann::json;
using transport::http::ClientAnswer;

struct Arguments {
  std::string oa = "http://127.0.0.1:9443";
  std::string user;
  std::string password_file;
  std::string code;
  std::string file;
  std::uint32_t terminal = 0;
  std::uint32_t incarnation = 0;
  std::string reason;
};

[[noreturn]] void give_up(const char* command, const std::string& why) {
  std::cerr << "tally " << command << ": " << why << "\n";
  throw CLI::RuntimeError(2);
}

std::string without_line_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
    text.pop_back();
  }
  return text;
}

std::string password_of(const char* command, const Arguments& arguments) {
  if (arguments.password_file.empty()) {
    std::string line;
    std::cerr << "password of " << arguments.user << ": ";
    std::getline(std::cin, line);
    return without_line_end(std::move(line));
  }
  const Result<std::string> secret = transport::read_secret_file(arguments.password_file);
  if (!secret) {
    give_up(command, arguments.password_file + ": " + describe(secret.error()));
  }
  return without_line_end(*secret);
}

/// A signed-in session at the OA's API.
class OaSession {
 public:
  OaSession(const char* command, const Arguments& arguments)
      : command_(command), origin_(arguments.oa) {
    const Json login = {{"name", arguments.user}, {"password", password_of(command, arguments)}};
    const ClientAnswer answer = post("/api/login", login);
    if (answer.status != 200) {
      give_up(command, refusal_of(answer));
    }
    const std::string cookie = answer.header("set-cookie");
    cookie_ = cookie.substr(0, cookie.find(';'));
  }

  ClientAnswer post(const std::string& path, const Json& body) const {
    transport::http::ClientRequest request{"POST", path, {}, body.dump()};
    if (!cookie_.empty()) {
      request.headers.emplace_back("Cookie", cookie_);
    }
    const Result<ClientAnswer> answer = transport::http::ask(origin_, request);
    if (!answer) {
      give_up(command_, origin_ + ": " + describe(answer.error()));
    }
    return *answer;
  }

  static std::string refusal_of(const ClientAnswer& answer) {
    const Json json = Json::parse(answer.body, nullptr, false);
    const Json error = json.is_object() && json.contains("error") ? json["error"] : Json::object();
    if (!error.is_object()) {
      return "refused with " + std::to_string(answer.status);
    }
    return error.value("code", "refused") + ": " + error.value("message_en", "") + " " +
           error.value("what_to_do_en", "");
  }

 private:
  const char* command_;
  std::string origin_;
  std::string cookie_;
};

std::vector<std::string> codes_of(const Arguments& arguments) {
  std::vector<std::string> codes;
  if (!arguments.code.empty()) {
    codes.push_back(arguments.code);
  }
  if (!arguments.file.empty()) {
    std::ifstream in(arguments.file);
    if (!in) {
      give_up("claim", arguments.file + ": cannot be read");
    }
    for (std::string line; std::getline(in, line);) {
      if (line = without_line_end(std::move(line)); !line.empty()) {
        codes.push_back(line);
      }
    }
  }
  if (codes.empty()) {
    give_up("claim", "no receipt code given; see tally claim --help");
  }
  return codes;
}

void run_claim(const Arguments& arguments) {
  const std::vector<std::string> codes = codes_of(arguments);
  const OaSession session("claim", arguments);
  bool refused = false;
  for (const std::string& code : codes) {
    const ClientAnswer answer = session.post("/api/claims", {{"code", code}});
    refused = refused || answer.status != 200;
    std::cout << (answer.status == 200 ? answer.body : OaSession::refusal_of(answer)) << "\n";
  }
  if (refused) {
    throw CLI::RuntimeError(1);
  }
}

void run_dead(const Arguments& arguments) {
  const OaSession session("dead", arguments);
  const ClientAnswer answer =
      session.post("/api/terminals/" + std::to_string(arguments.terminal) + "/" +
                       std::to_string(arguments.incarnation) + "/dead",
                   {{"reason", arguments.reason}});
  if (answer.status != 200 && answer.status != 202) {
    std::cout << OaSession::refusal_of(answer) << "\n";
    throw CLI::RuntimeError(1);
  }
  std::cout << answer.body << "\n";
}

void add_session_options(CLI::App& command, Arguments& arguments) {
  command.add_option("--oa", arguments.oa, "The OA's pages")->capture_default_str();
  command.add_option("--user", arguments.user, "A user of the console")->required();
  command.add_option(
      "--password-file",
      arguments.password_file,
      "The user's password, a file of mode 0600; otherwise a line on standard input");
  command.footer("Exit code: 0 done, 1 refused by the OA, 2 it could not be asked.");
}

}  // namespace

void add_claim_command(CLI::App& app) {
  const auto claim = std::make_shared<Arguments>();
  CLI::App* receipt = app.add_subcommand(
      "claim", "Post what a customer's receipt says, when its terminal never sent it");
  add_session_options(*receipt, *claim);
  receipt->add_option("code", claim->code, "The text of the receipt's QR code, TR1:…");
  receipt->add_option("--file", claim->file, "A file of such texts, one a line");
  receipt->callback([claim] { run_claim(*claim); });

  const auto dead = std::make_shared<Arguments>();
  CLI::App* terminal = app.add_subcommand(
      "dead",
      "Say that a terminal will never send again; when two people have said so, what was "
      "claimed of it is free");
  add_session_options(*terminal, *dead);
  terminal->add_option("--terminal", dead->terminal, "Its number")->required();
  terminal->add_option("--incarnation", dead->incarnation, "Which enrolment of it")->required();
  terminal->add_option("--reason", dead->reason, "Why, for the log")->required();
  terminal->callback([dead] { run_dead(*dead); });
}

}  // namespace tally::tools
