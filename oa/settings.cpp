#include "oa/settings.hpp"

namespace tally::oa {

void declare_settings(shell::ConfigReader& keys, Settings& settings) {
  keys.choice("language", settings.language, {"zh-CN", "en"}, "Language of the console's start.");
  keys.integer("utc_offset_minutes",
               settings.utc_offset_minutes,
               {-14 * 60, 14 * 60},
               "The office's offset from UTC, for business days.");
  keys.flag("demo", settings.demo, "The console says that this is a demo.");
  keys.texts("store_names",
             settings.store_names,
             "Names of stores, each as \"NUMBER NAME\"; others show their number.");

  keys.section("identity", "The OA's key and certificates.");
  keys.path("directory",
            settings.identity_dir,
            "Where device.key, device.crt, ca.crt and record.key are; empty: identity/ in the data "
            "directory.");

  keys.section("registry", "Devices that may take part.");
  keys.path("directory",
            settings.registry_dir,
            "Folder of the certificates that were issued (*.crt); read at start and when an "
            "unknown device appears; empty: registry/ in the data directory.");

  keys.section("link", "Gateways connect here.");
  keys.text("address", settings.link_address, "Address to listen on.");
  keys.integer("port", settings.link_port, {0, 65'535}, "TCP port; 0 lets the system choose.");
  keys.integer("heartbeat_ms",
               settings.heartbeat_ms,
               {100, 60'000},
               "Silence after which a sign of life is asked for; three times that ends it.");
  keys.integer("connections_max",
               settings.connections_max,
               {1, 50'000},
               "Connections at once, half-open ones included; further ones are refused.");

  keys.section("page", "The console.");
  keys.text("address", settings.page_address, "Loopback address to listen on.");
  keys.integer("port", settings.page_port, {0, 65'535}, "TCP port; 0 lets the system choose.");
  keys.path("files", settings.page_files, "Folder of the built console; empty: only the API.");

  keys.section("log", "Log lines go to standard error.");
  keys.choice("level",
              settings.log_level,
              {"debug", "info", "warning", "error"},
              "Lines below this level are not written.");
}

}  // namespace tally::oa
