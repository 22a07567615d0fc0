#include "firmware/settings.hpp"

namespace tally::firmware {

void declare_settings(shell::ConfigReader& keys, Settings& settings) {
  keys.choice("language",
              settings.language,
              {"zh-CN", "en"},
              "Language at start; a key changes it until the next start.");
  keys.text("store_name", settings.store_name, "Head of the receipt; empty: none.");
  keys.integer("utc_offset_minutes",
               settings.utc_offset_minutes,
               {-14 * 60, 14 * 60},
               "The store's offset from UTC, for the clock and business days.");
  keys.integer(
      "cashier", settings.cashier, {0, 0xFFFF'FFFF}, "Cashier's number in records; 0: none.");

  keys.section("identity", "The device's key and certificates.");
  keys.path("directory",
            settings.identity_dir,
            "Where device.key, device.crt, ca.crt and oa-record.pub are; empty: identity/ in the "
            "data directory.");

  keys.section("gateway", "The store's gateway.");
  keys.text("host", settings.gateway_host, "Name or address.");
  keys.integer("port", settings.gateway_port, {1, 65'535}, "TCP port of its link.");
  keys.text("server_name", settings.gateway_server_name, "The name its certificate must show.");
  keys.integer("reconnect_min_ms",
               settings.reconnect_min_ms,
               {10, 60'000},
               "First pause before connecting again; it doubles from try to try.");
  keys.integer("reconnect_max_ms", settings.reconnect_max_ms, {10, 600'000}, "Longest pause.");
  keys.integer("lookup_deadline_ms",
               settings.lookup_deadline_ms,
               {50, 60'000},
               "How long a look-up may take before the sale goes on without.");
  keys.integer("authorise_deadline_ms",
               settings.authorise_deadline_ms,
               {50, 60'000},
               "How long a redemption may wait for its right.");

  keys.section("display", "The cashier's screen.");
  keys.integer("width", settings.display_width, {240, 2048}, "Pixels across.");
  keys.integer("height", settings.display_height, {240, 2048}, "Pixels down.");
  keys.path("fonts",
            settings.font_dir,
            "Folder of tally-regular.otf, tally-bold.otf and tally-rare.otf; empty: "
            "../share/fonts beside the program.");

  keys.section("printer", "The receipt printer.");
  keys.integer("dots_per_line",
               settings.printer_dots,
               {256, 832},
               "384 for 58 mm paper, 576 for 80 mm; a multiple of 8.");

  keys.section("page", "The local page of simulated devices.");
  keys.text("address", settings.page_address, "Loopback address to listen on.");
  keys.integer("port", settings.page_port, {0, 65'535}, "TCP port; 0 lets the system choose.");
  keys.path("files", settings.page_files, "Folder of the built page; empty: only the API.");

  keys.section("log", "Log lines go to standard error.");
  keys.choice("level",
              settings.log_level,
              {"debug", "info", "warning", "error"},
              "Lines below this level are not written.");
}

}  // namespace tally::firmware
