#include "tools/provision_command.hpp"

#include <chrono>
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "tools/code_picture.hpp"
#include "tools/provision.hpp"
#include "transport/os_random.hpp"
#include "transport/secret_file.hpp"

namespace tally::tools {
namespace {

struct Options {
  std::string ca;
  std::string identity;
  std::string serial;
  std::string request;
  std::string certificate;
  std::string root;
  std::string oa_record_key;
  std::string out;
  std::string picture;
  std::string role;
  Registration registration;
  std::uint32_t store = 0;
  bool force = false;
  bool print = false;
};

using Shared = std::shared_ptr<Options>;

constexpr std::uint32_t kRequestModulePixels = 6;

WallTime now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

[[noreturn]] void fail(const char* verb, const std::string& where, const Error& error) {
  std::fprintf(stderr, "tally provision %s: %s: %s", verb, where.c_str(), error.what);
  if (error.detail != 0) {
    std::fprintf(stderr, " (%d)", error.detail);
  }
  std::fprintf(stderr, "\n");
  throw CLI::RuntimeError(1);
}

template <class T>
T require(Result<T> result, const char* verb, const std::string& where) {
  if (!result) {
    fail(verb, where, result.error());
  }
  return std::move(*result);
}

void require(const Status& status, const char* verb, const std::string& where) {
  if (!status) {
    fail(verb, where, status.error());
  }
}

std::string read(const char* verb, const std::string& path) {
  return require(transport::read_small_file(path), verb, path);
}

void run_init(const Options& options) {
  transport::OsRandom random;
  require(init_authority(options.ca, now(), options.force, random), "init", options.ca);
  std::printf("Authority made. Keep %s/%s where only the office can reach it.\n",
              options.ca.c_str(),
              kRootKeyFile);
}

void run_request(const Options& options) {
  transport::OsRandom random;
  const std::string request =
      require(make_request(options.identity, options.serial, options.force, random),
              "request",
              options.identity);
  if (!options.picture.empty()) {
    const CodePicture picture =
        require(draw_code(request, kRequestModulePixels), "request", options.picture);
    require(write_code_picture(picture, options.picture), "request", options.picture);
  }
  if (options.print) {
    std::fputs(request.c_str(), stdout);
  } else {
    std::printf("Request written to %s/request.pem: have it signed.\n", options.identity.c_str());
  }
}

void run_sign(const Options& options) {
  transport::OsRandom random;
  Registration registration = options.registration;
  registration.role = crypto::role_from_name(options.role).value_or(Role::kTerminal);
  registration.store = StoreId{options.store};
  const IssuedCertificate issued =
      require(sign_request(options.ca, read("sign", options.request), registration, now(), random),
              "sign",
              options.ca + ", " + options.request);
  require(transport::write_small_file(options.out, issued.pem, transport::FileMode::kPublic),
          "sign",
          options.out);
  std::printf("Issued %s, valid for %u days: %s\n",
              crypto::common_name(issued.name).c_str(),
              registration.days,
              options.out.c_str());
}

void run_install(const Options& options) {
  transport::OsRandom random;
  Installation installation;
  installation.certificate_pem = read("install", options.certificate);
  installation.root_pem = read("install", options.root);
  if (!options.oa_record_key.empty()) {
    installation.oa_record_key = read("install", options.oa_record_key);
  }
  installation.force = options.force;
  const auto device =
      require(install(options.identity, installation, random), "install", options.identity);
  std::printf("This device is %s.\n", crypto::common_name(device.name()).c_str());
}

void run_oa_record_key(const Options& options) {
  transport::OsRandom random;
  const std::string text = require(make_oa_record_key(options.identity, options.force, random),
                                   "oa-record-key",
                                   options.identity);
  std::fputs(text.c_str(), stdout);
}

void run_show(const Options& options) {
  transport::OsRandom random;
  const std::string text =
      require(show_identity(options.identity, now(), random), "show", options.identity);
  std::fputs(text.c_str(), stdout);
}

CLI::App* add_verb(CLI::App& provision,
                   const char* verb,
                   const char* description,
                   const Shared& options,
                   void (*run)(const Options&)) {
  CLI::App* command = provision.add_subcommand(verb, description);
  command->callback([options, run] { run(*options); });
  return command;
}

void add_ca(CLI::App* command, const Shared& options) {
  command->add_option("--ca", options->ca, "Directory of the authority")->required();
}

void add_identity(CLI::App* command, const Shared& options) {
  command->add_option("--identity", options->identity, "Identity directory of the device")
      ->required();
}

void add_sign(CLI::App& provision, const Shared& options) {
  CLI::App* sign = add_verb(provision, "sign", "Office: sign a request", options, run_sign);
  add_ca(sign, options);
  sign->add_option("--request", options->request, "The device's request.pem")->required();
  sign->add_option("--role", options->role, "terminal, gateway or oa")
      ->required()
      ->check(CLI::IsMember({"terminal", "gateway", "oa"}));
  sign->add_option("--node", options->registration.node, "Number of the device")
      ->required()
      ->check(CLI::PositiveNumber);
  sign->add_option("--store", options->store, "Store of a terminal or gateway");
  sign->add_option("--days", options->registration.days, "Validity")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  sign->add_option("--out", options->out, "Certificate file to write")->required();
}

}  // namespace

void add_provision_command(CLI::App& app) {
  const Shared options = std::make_shared<Options>();
  CLI::App* provision = app.add_subcommand(
      "provision", "Give OA, gateways and terminals their identities; private keys stay put");
  provision->require_subcommand(1);

  CLI::App* init = add_verb(
      *provision, "init", "Office: make the authority that signs requests", options, run_init);
  add_ca(init, options);
  init->add_flag("--force", options->force, "Replace the authority that is there");

  CLI::App* request = add_verb(
      *provision, "request", "Device: make a key and a request for it", options, run_request);
  add_identity(request, options);
  request->add_option("--serial", options->serial, "Serial number on the case")->required();
  request->add_option("--qr", options->picture, "Also draw the request as a QR code, PNG file");
  request->add_flag("--print", options->print, "Print the request");
  request->add_flag("--force", options->force, "Replace the key that is there");

  add_sign(*provision, options);

  CLI::App* install =
      add_verb(*provision, "install", "Device: install the certificate", options, run_install);
  add_identity(install, options);
  install->add_option("--certificate", options->certificate, "What the office signed")->required();
  install->add_option("--ca", options->root, "The authority's ca.crt")->required();
  install->add_option(
      "--oa-record-key", options->oa_record_key, "Terminal: the OA's oa-record.pub");
  install->add_flag("--force", options->force, "Move to another authority or back");

  CLI::App* record_key = add_verb(*provision,
                                  "oa-record-key",
                                  "OA: make its key for record keys and print the public part",
                                  options,
                                  run_oa_record_key);
  add_identity(record_key, options);
  record_key->add_flag("--force", options->force, "Replace the key that is there");

  CLI::App* show =
      add_verb(*provision, "show", "Say who a device is, without secrets", options, run_show);
  add_identity(show, options);
}

}  // namespace tally::tools
