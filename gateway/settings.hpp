// What a gateway's configuration file may say. The set-up page keeps its own choices beside the
// journal (setup_store.hpp); they win over the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "shell/config.hpp"

namespace tally::gateway {

struct Settings {
  std::string language = "zh-CN";
  std::string store_name;
  std::string serial;
  std::int32_t utc_offset_minutes = 480;
  bool demo = false;

  std::filesystem::path identity_dir;

  std::string link_address = "0.0.0.0";
  std::uint16_t link_port = 7443;
  std::int64_t heartbeat_ms = 5'000;
  std::uint32_t connections_max = 600;

  std::string oa_host;
  std::uint16_t oa_port = 7543;
  std::string oa_server_name = "oa-1";

  std::string page_address = "127.0.0.1";
  std::uint16_t page_port = 8443;
  std::filesystem::path page_files;

  std::filesystem::path network_file;

  std::string log_level = "info";
};

/// Binds every key to its field; `settings` must outlive the reader.
void declare_settings(shell::ConfigReader& keys, Settings& settings);

}  // namespace tally::gateway
