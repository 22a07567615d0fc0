#include "gateway/setup.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/try.hpp"
#include "core/crypto/certificate.hpp"
#include "core/crypto/mac.hpp"
#include "core/crypto/p256.hpp"

#include "gateway/request_body.hpp"
#include "shell/log.hpp"
#include "shell/page_json.hpp"
#include "shell/page_text.hpp"
#include "shell/page_users.hpp"
#include "transport/identity_files.hpp"
#include "transport/secret_file.hpp"

namespace tally::gateway {

using Json = nlohmann::json;
using transport::http::ErrorText;
using transport::http::Response;

namespace {

constexpr shell::Log kLog("setup");

constexpr ErrorText kBadCertificate{"bad_certificate",
                                    "这不是给本机的有效证书。",
                                    "This is not a valid certificate for this box.",
                                    "请核对公钥指纹，向总部重新索取。",
                                    "Compare the fingerprint and ask the office again."};
constexpr ErrorText kNetworkNotOurs{"conflict",
                                    "本机的网络不由网关管理。",
                                    "This machine's network is not managed by the gateway.",
                                    "请在操作系统中设置网络，然后选择保持不变。",
                                    "Set it up in the operating system, then keep it as it is."};
constexpr ErrorText kStepOpen{"conflict",
                              "还有未完成的步骤。",
                              "A step is still open.",
                              "请先完成所有步骤。",
                              "Finish all steps first."};
constexpr ErrorText kNoRequest{"conflict",
                               "本机还没有生成登记请求。",
                               "This box has made no enrolment request yet.",
                               "请先生成请求，送总部签发证书。",
                               "Make the request first and have the office sign it."};
constexpr ErrorText kManagerExists{"conflict",
                                   "店长已经存在。",
                                   "There is a manager already.",
                                   "请用店长的密码登录。",
                                   "Sign in with the manager's password."};

Response bad_request() {
  return Response::error(400, shell::page_text::kBadRequest);
}
Response storage_failed(const Error& error) {
  kLog.error("setup_not_saved", {{"error", error}});
  return Response::error(503, shell::page_text::kStorageFailed);
}

// The PEM blocks of a text, markers included.
std::vector<std::string> pem_blocks(const std::string& text) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
  std::vector<std::string> blocks;
  for (std::size_t at = text.find(kBegin); at != std::string::npos && blocks.size() < 4;) {
    const std::size_t end = text.find(kEnd, at);
    if (end == std::string::npos) {
      break;
    }
    blocks.push_back(text.substr(at, end + kEnd.size() - at) + "\n");
    at = text.find(kBegin, end);
  }
  return blocks;
}

std::string fingerprint_of(const crypto::PublicKey& key) {
  return to_hex(crypto::sha256(key));
}

}  // namespace

struct Setup::Enrolment {
  std::string state = "none";
  std::optional<std::string> fingerprint;
  std::optional<std::string> request_pem;
  std::optional<crypto::DeviceIdentity> self;
};

Setup::Setup(Options options,
             SetupChoices choices,
             crypto::RandomSource& random,
             Callbacks callbacks)
    : options_(std::move(options)),
      choices_(std::move(choices)),
      random_(random),
      callbacks_(std::move(callbacks)) {}

Setup::Enrolment Setup::enrolment() {
  Enrolment enrolment;
  const auto key = transport::load_device_key(options_.identity_dir, random_);
  if (!key) {
    return enrolment;
  }
  enrolment.state = "requested";
  enrolment.fingerprint = fingerprint_of(key->public_key());
  if (auto pem = transport::read_small_file(options_.identity_dir / transport::kRequestFile)) {
    enrolment.request_pem = std::move(*pem);
  }
  if (const auto identity = transport::load_tls_identity(options_.identity_dir, random_)) {
    enrolment.state = "enrolled";
    enrolment.self = identity->self;
  }
  return enrolment;
}

bool Setup::has_manager(std::string& name) const {
  const auto users = shell::load_users(options_.data_dir);
  if (!users) {
    return false;
  }
  const auto manager = std::find_if(
      users->begin(), users->end(), [](const auto& user) { return user.role == "manager"; });
  if (manager == users->end()) {
    return false;
  }
  name = manager->name;
  return true;
}

Response Setup::state() {
  const Enrolment enrolled = enrolment();
  const auto oa = chosen_oa(choices_, options_.settings);
  std::string manager_name;
  const bool manager_exists = has_manager(manager_name);
  const auto text_or_null = [](const auto& value) { return value ? Json(*value) : Json(nullptr); };

  Json interfaces = Json::array();
  std::vector<NetworkInterface> present = list_interfaces();
  for (const NetworkInterface& one : present) {
    interfaces.push_back(
        {{"name", one.name}, {"mac", one.mac}, {"up", one.up}, {"addresses", one.addresses}});
  }
  NetworkChoice network = choices_.network.value_or(NetworkChoice{});
  if (network.interface.empty() && !present.empty()) {
    network.interface = present.front().name;
  }
  const auto text_or_null_if_empty = [](const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
  };

  Json json;
  json["language"] = choices_.language.value_or(options_.settings.language);
  json["network"] = {{"managed", !options_.settings.network_file.empty()},
                     {"interfaces", interfaces},
                     {"mode", network.is_static ? "static" : "dhcp"},
                     {"interface", text_or_null_if_empty(network.interface)},
                     {"address", text_or_null_if_empty(network.address)},
                     {"router", text_or_null_if_empty(network.router)},
                     {"dns", network.dns}};
  json["oa"] = oa ? Json{{"host", oa->host}, {"port", oa->port}, {"server_name", oa->server_name}}
                  : Json(nullptr);
  Json& shown = json["enrolment"];
  shown = {{"state", enrolled.state},
           {"serial", choices_.serial},
           {"fingerprint", text_or_null(enrolled.fingerprint)},
           {"request_pem", text_or_null(enrolled.request_pem)},
           {"request_qr", text_or_null(enrolled.request_pem)},
           {"gateway", nullptr},
           {"store", nullptr},
           {"incarnation", nullptr},
           {"not_after_us", nullptr}};
  if (enrolled.self) {
    shown["gateway"] = enrolled.self->node;
    shown["store"] = enrolled.self->store.value;
    shown["incarnation"] = enrolled.self->incarnation.value;
    shown["not_after_us"] = enrolled.self->not_after.us;
  }
  json["manager"] = {{"exists", manager_exists},
                     {"name", manager_exists ? Json(manager_name) : Json(nullptr)}};
  json["steps"] = {{"language", choices_.language.has_value()},
                   {"network", choices_.network_done},
                   {"oa", oa.has_value()},
                   {"enrolment", enrolled.self.has_value()},
                   {"manager", manager_exists}};
  json["finished"] = choices_.finished;
  return Response::json(shell::page_json_text(json));
}

Response Setup::save_and_show(const SetupChoices& changed) {
  if (const Status saved = save_setup(options_.data_dir, changed); !saved) {
    return storage_failed(saved.error());
  }
  choices_ = changed;
  return state();
}

Response Setup::set_language(const std::string& body) {
  RequestBody fields(body);
  const std::string language = fields.text("language", 2, 5);
  if (!fields.is_good() || (language != "zh-CN" && language != "en")) {
    return bad_request();
  }
  SetupChoices changed = choices_;
  changed.language = language;
  return save_and_show(changed);
}

Response Setup::set_network(const std::string& body) {
  RequestBody fields(body);
  const std::string mode = fields.text("mode", 1, 6);
  SetupChoices changed = choices_;
  changed.network_done = true;
  if (mode == "keep") {
    return fields.is_good() ? save_and_show(changed) : bad_request();
  }
  NetworkChoice choice;
  choice.is_static = mode == "static";
  choice.interface = fields.text("interface", 1, 15);
  if (choice.is_static) {
    choice.address = fields.text("address", 1, 64);
    choice.router = fields.text("router", 0, 64);
    choice.dns = fields.texts("dns", 4, 64);
  }
  if (!fields.is_good() || (!choice.is_static && mode != "dhcp") || !check_network(choice)) {
    return bad_request();
  }
  if (options_.settings.network_file.empty()) {
    return Response::error(409, kNetworkNotOurs);
  }
  if (const Status written = transport::write_small_file(
          options_.settings.network_file, network_file_text(choice), transport::FileMode::kPublic);
      !written) {
    return storage_failed(written.error());
  }
  kLog.info("network_written", {{"interface", choice.interface}, {"mode", mode}});
  changed.network = choice;
  return save_and_show(changed);
}

Response Setup::set_oa(const std::string& body) {
  RequestBody fields(body);
  OaAddress oa;
  oa.host = fields.text("host", 1, 253);
  oa.port = static_cast<std::uint16_t>(fields.integer("port", 1, 65'535));
  oa.server_name = fields.text("server_name", 1, 253);
  const auto is_plain = [](const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  };
  if (!fields.is_good() || !is_plain(oa.host) || !is_plain(oa.server_name)) {
    return bad_request();
  }
  SetupChoices changed = choices_;
  changed.oa = oa;
  Response response = save_and_show(changed);
  if (response.status == 200) {
    callbacks_.oa_chosen(oa);
  }
  return response;
}

Response Setup::make_request(const std::string& body) {
  if (!RequestBody(body).is_good()) {
    return bad_request();
  }
  std::error_code error;
  std::filesystem::create_directories(options_.identity_dir, error);
  const auto make = [&]() -> Status {
    const std::filesystem::path key_file = options_.identity_dir / transport::kDeviceKeyFile;
    auto key = transport::load_device_key(options_.identity_dir, random_);
    if (!key && key.error().code == Errc::kNotFound) {
      key = crypto::P256KeyPair::generate(random_);
      TALLY_TRY(transport::write_small_file(key_file, key->to_pem(), transport::FileMode::kSecret));
      kLog.info("key_made", {{"fingerprint", fingerprint_of(key->public_key())}});
    }
    if (!key) {
      return key.error();
    }
    const std::filesystem::path request_file = options_.identity_dir / transport::kRequestFile;
    if (transport::read_small_file(request_file)) {
      return {};
    }
    TALLY_TRY_ASSIGN(const std::string pem,
                     crypto::make_certificate_request(*key, choices_.serial, random_));
    return transport::write_small_file(request_file, pem, transport::FileMode::kPublic);
  };
  const Status made = make();
  return made ? state() : storage_failed(made.error());
}

Response Setup::install_certificate(const std::string& body) {
  RequestBody fields(body);
  const std::string pem = fields.text("pem", 1, 16'384);
  if (!fields.is_good()) {
    return bad_request();
  }
  if (enrolment().state == "none") {
    return Response::error(409, kNoRequest);
  }
  if (const Status installed = check_and_install(pem); !installed) {
    kLog.warning("certificate_refused", {{"error", installed.error()}});
    const bool is_ours =
        installed.error().code == Errc::kExhausted || installed.error().code == Errc::kUnavailable;
    return is_ours ? storage_failed(installed.error()) : Response::error(400, kBadCertificate);
  }
  callbacks_.enrolled();
  return state();
}

Status Setup::check_and_install(const std::string& pem) {
  TALLY_TRY_ASSIGN(const crypto::P256KeyPair key,
                   transport::load_device_key(options_.identity_dir, random_));
  std::optional<std::string> device_pem;
  std::optional<std::string> root_pem;
  std::optional<crypto::DeviceIdentity> device;
  for (const std::string& block : pem_blocks(pem)) {
    if (const auto parsed = crypto::parse_device_certificate(as_bytes(block)); parsed && !device) {
      device = *parsed;
      device_pem = block;
    } else if (!parsed && !root_pem) {
      root_pem = block;
    }
  }
  if (!root_pem) {
    TALLY_TRY_ASSIGN(
        root_pem,
        transport::read_small_file(options_.identity_dir / transport::kRootCertificateFile));
  }
  if (!device) {
    return make_error(Errc::kInvalid, "there is no device certificate in it");
  }
  if (device->role != Role::kGateway) {
    return make_error(Errc::kInvalid, "the certificate is not a gateway's");
  }
  if (device->public_key != key.public_key()) {
    return make_error(Errc::kConflict, "the certificate is for another key");
  }
  if (device->not_after <= callbacks_.now()) {
    return make_error(Errc::kDenied, "the certificate has expired");
  }
  TALLY_TRY(crypto::verify_issued_by(as_bytes(*device_pem), as_bytes(*root_pem)));
  using transport::FileMode;
  TALLY_TRY(transport::write_small_file(
      options_.identity_dir / transport::kRootCertificateFile, *root_pem, FileMode::kPublic));
  TALLY_TRY(transport::write_small_file(
      options_.identity_dir / transport::kDeviceCertificateFile, *device_pem, FileMode::kPublic));
  kLog.info("enrolled",
            {{"gateway", device->node},
             {"incarnation", device->incarnation.value},
             {"store", device->store.value}});
  return {};
}

Response Setup::finish(const std::string& body) {
  if (!RequestBody(body).is_good()) {
    return bad_request();
  }
  std::string name;
  const bool all_done = choices_.language && choices_.network_done &&
                        chosen_oa(choices_, options_.settings) && enrolment().state == "enrolled" &&
                        has_manager(name);
  if (!all_done) {
    return Response::error(409, kStepOpen);
  }
  SetupChoices changed = choices_;
  changed.finished = true;
  return save_and_show(changed);
}

Response Setup::manager_refused(const Error& error) {
  switch (error.code) {
    case Errc::kInvalid:
      return bad_request();
    case Errc::kConflict:
      return Response::error(409, kManagerExists);
    case Errc::kExhausted:
      return Response::error(503, shell::page_text::kBusy);
    default:
      return storage_failed(error);
  }
}

}  // namespace tally::gateway
