#include "gateway/settings.hpp"

namespace tally::gateway {

void declare_settings(shell::ConfigReader& keys, Settings& settings) {
  keys.choice("language",
              settings.language,
              {"zh-CN", "en"},
              "Language of this box until the set-up page chose one.");
  keys.text("store_name", settings.store_name, "Shown on the page; empty: the store's number.");
  keys.text(
      "serial",
      settings.serial,
      "Serial number on the case, put into the enrolment request; empty: made once and kept.");
  keys.integer("utc_offset_minutes",
               settings.utc_offset_minutes,
               {-14 * 60, 14 * 60},
               "The store's offset from UTC, for business days.");
  keys.flag("demo", settings.demo, "The page says that this is a demo store.");

  keys.section("identity", "The device's key and certificates.");
  keys.path("directory",
            settings.identity_dir,
            "Where device.key, device.crt and ca.crt are; empty: identity/ in the data directory.");

  keys.section("link", "Terminals connect here.");
  keys.text("address", settings.link_address, "Address to listen on.");
  keys.integer("port", settings.link_port, {0, 65'535}, "TCP port; 0 lets the system choose.");
  keys.integer("heartbeat_ms",
               settings.heartbeat_ms,
               {100, 60'000},
               "Silence after which a sign of life is asked for; three times that ends it.");
  keys.integer("connections_max",
               settings.connections_max,
               {1, 10'000},
               "Connections at once, half-open ones included; further ones are refused.");

  keys.section("oa", "The office's server; used until the set-up page chose another.");
  keys.text("host", settings.oa_host, "Name or address; empty: not configured.");
  keys.integer("port", settings.oa_port, {1, 65'535}, "TCP port of its link.");
  keys.text("server_name", settings.oa_server_name, "The name its certificate must show.");

  keys.section("page", "The store manager's page.");
  keys.text("address", settings.page_address, "Loopback address to listen on.");
  keys.integer("port", settings.page_port, {0, 65'535}, "TCP port; 0 lets the system choose.");
  keys.path("files", settings.page_files, "Folder of the built page; empty: only the API.");

  keys.section("network", "The box's own network, when the set-up page may change it.");
  keys.path("file",
            settings.network_file,
            "A systemd-networkd file that the page may write; empty: the page leaves it alone.");

  keys.section("log", "Log lines go to standard error.");
  keys.choice("level",
              settings.log_level,
              {"debug", "info", "warning", "error"},
              "Lines below this level are not written.");
}

}  // namespace tally::gateway
