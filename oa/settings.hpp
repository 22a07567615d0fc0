// What the OA's configuration file may say.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "shell/config.hpp"

namespace tally::oa {

struct Settings {
  std::string language = "zh-CN";
  std::int32_t utc_offset_minutes = 480;
  bool demo = false;

  std::vector<std::string> store_names;

  std::filesystem::path identity_dir;
  std::filesystem::path registry_dir;

  std::string link_address = "0.0.0.0";
  std::uint16_t link_port = 7543;
  std::int64_t heartbeat_ms = 5'000;
  std::uint32_t connections_max = 2'000;

  std::string page_address = "127.0.0.1";
  std::uint16_t page_port = 9443;
  std::filesystem::path page_files;

  std::string log_level = "info";
};

/// Binds every key to its field; `settings` must outlive the reader.
void declare_settings(shell::ConfigReader& keys, Settings& settings);

}  // namespace tally::oa
