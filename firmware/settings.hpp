// What a terminal's configuration file may say.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "shell/config.hpp"

namespace tally::firmware {

struct Settings {
  std::string language = "zh-CN";
  std::string store_name;
  std::int32_t utc_offset_minutes = 480;
  std::uint32_t cashier = 0;

  std::filesystem::path identity_dir;

  std::string gateway_host = "127.0.0.1";
  std::uint16_t gateway_port = 7443;
  std::string gateway_server_name = "gateway-11";
  std::int64_t reconnect_min_ms = 200;
  std::int64_t reconnect_max_ms = 10'000;
  std::int64_t lookup_deadline_ms = 1'500;
  std::int64_t authorise_deadline_ms = 3'000;

  std::int32_t display_width = 480;
  std::int32_t display_height = 320;
  std::filesystem::path font_dir;

  std::int32_t printer_dots = 384;

  std::string page_address = "127.0.0.1";
  std::uint16_t page_port = 8543;
  std::filesystem::path page_files;

  std::string log_level = "info";
};

/// Binds every key to its field; `settings` must outlive the reader.
void declare_settings(shell::ConfigReader& keys, Settings& settings);

}  // namespace tally::firmware
