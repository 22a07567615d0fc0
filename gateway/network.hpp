// This machine's network interfaces, and the one systemd-networkd file that the set-up page may
// write. Blocking; on the set-up thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace tally::gateway {

struct NetworkInterface {
  std::string name;
  std::string mac;
  bool up = false;
  std::vector<std::string> addresses;  ///< "192.0.2.5/24"
};

/// All but loopback, by name; empty when the system does not tell.
std::vector<NetworkInterface> list_interfaces();

struct NetworkChoice {
  bool is_static = false;
  std::string interface;
  std::string address;  ///< "192.0.2.5/24"
  std::string router;
  std::vector<std::string> dns;
};

/// Errors: kInvalid when a name, address, prefix, router or server cannot be one.
Status check_network(const NetworkChoice& choice);

/// What systemd.network(5) calls a network file. Requires a choice that check_network() accepted:
/// nothing in it can start a line of its own.
std::string network_file_text(const NetworkChoice& choice);

}  // namespace tally::gateway
