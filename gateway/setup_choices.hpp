// What the set-up page chose for this box, kept in setup.json in the data directory. Blocking; on
// the set-up thread, and at start on the main thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/crypto/random_source.hpp"

#include "gateway/network.hpp"
#include "gateway/settings.hpp"

namespace tally::gateway {

struct OaAddress {
  std::string host;
  std::uint16_t port = 0;
  std::string server_name;
};

struct SetupChoices {
  std::string serial;
  std::optional<std::string> language;
  bool network_done = false;
  std::optional<NetworkChoice> network;
  std::optional<OaAddress> oa;
  bool finished = false;
};

/// Reads setup.json; without one, a serial number is taken from the settings or made, and written.
/// Errors: kCorrupt when the file is damaged, those of reading and writing it.
Result<SetupChoices> load_setup(const std::filesystem::path& data_dir,
                                const Settings& settings,
                                crypto::RandomSource& random);
/// Durable on return.
Status save_setup(const std::filesystem::path& data_dir, const SetupChoices& choices);

/// The page's choice, else the configuration's; nullopt when neither names a host.
std::optional<OaAddress> chosen_oa(const SetupChoices& choices, const Settings& settings);

}  // namespace tally::gateway
