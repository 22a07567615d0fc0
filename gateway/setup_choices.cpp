#include "gateway/setup_choices.hpp"

#include <nlohmann/json.hpp>

#include "core/base/bytes.hpp"
#include "core/base/try.hpp"

#include "transport/secret_file.hpp"

namespace tally::gateway {
namespace {

using Json = nlohmann::json;

constexpr const char* kFile = "setup.json";

NetworkChoice network_from(const Json& json) {
  NetworkChoice choice;
  choice.is_static = json.at("static").get<bool>();
  choice.interface = json.at("interface").get<std::string>();
  choice.address = json.at("address").get<std::string>();
  choice.router = json.at("router").get<std::string>();
  choice.dns = json.at("dns").get<std::vector<std::string>>();
  return choice;
}

SetupChoices choices_from(const Json& json) {
  SetupChoices choices;
  choices.serial = json.at("serial").get<std::string>();
  if (const Json& language = json.at("language"); !language.is_null()) {
    choices.language = language.get<std::string>();
  }
  choices.network_done = json.at("network_done").get<bool>();
  if (const Json& network = json.at("network"); !network.is_null()) {
    choices.network = network_from(network);
  }
  if (const Json& oa = json.at("oa"); !oa.is_null()) {
    choices.oa = OaAddress{oa.at("host").get<std::string>(),
                           oa.at("port").get<std::uint16_t>(),
                           oa.at("server_name").get<std::string>()};
  }
  choices.finished = json.at("finished").get<bool>();
  return choices;
}

}  // namespace

Result<SetupChoices> load_setup(const std::filesystem::path& data_dir,
                                const Settings& settings,
                                crypto::RandomSource& random) {
  const Result<std::string> text = transport::read_small_file(data_dir / kFile);
  if (text) {
    try {
      return choices_from(Json::parse(*text));
    } catch (const Json::exception&) {
      return make_error(Errc::kCorrupt, "setup.json is damaged: repair it or remove it");
    }
  }
  if (text.error().code != Errc::kNotFound) {
    return text.error();
  }
  SetupChoices choices;
  choices.serial = settings.serial;
  if (choices.serial.empty()) {
    ByteArray<4> bytes{};
    random.fill(bytes);
    choices.serial = "TG-" + to_hex(bytes);
  }
  TALLY_TRY(save_setup(data_dir, choices));
  return choices;
}

Status save_setup(const std::filesystem::path& data_dir, const SetupChoices& choices) {
  Json json = {{"serial", choices.serial},
               {"language", nullptr},
               {"network_done", choices.network_done},
               {"network", nullptr},
               {"oa", nullptr},
               {"finished", choices.finished}};
  if (choices.language) {
    json["language"] = *choices.language;
  }
  if (choices.network) {
    json["network"] = {{"static", choices.network->is_static},
                       {"interface", choices.network->interface},
                       {"address", choices.network->address},
                       {"router", choices.network->router},
                       {"dns", choices.network->dns}};
  }
  if (choices.oa) {
    json["oa"] = {{"host", choices.oa->host},
                  {"port", choices.oa->port},
                  {"server_name", choices.oa->server_name}};
  }
  return transport::write_small_file(
      data_dir / kFile,
      json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n",
      transport::FileMode::kSecret);
}

std::optional<OaAddress> chosen_oa(const SetupChoices& choices, const Settings& settings) {
  if (choices.oa) {
    return choices.oa;
  }
  if (settings.oa_host.empty()) {
    return std::nullopt;
  }
  return OaAddress{settings.oa_host, settings.oa_port, settings.oa_server_name};
}

}  // namespace tally::gateway
