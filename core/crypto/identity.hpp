// Who a device is, as its certificate says it: "O=Tallystick, OU=store-<n>,
// CN=<role>-<node>.<incarnation>" and the dNSName "<role>-<node>". Plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"

namespace tally::crypto {

/// "terminal", "gateway" or "oa".
std::string_view name_of(Role role);
std::optional<Role> role_from_name(std::string_view name);

/// One enrolment of one device.
struct DeviceName {
  Role role = Role::kTerminal;
  std::uint32_t node = 0;   ///< 1 and up; a TerminalId or GatewayId by role.
  Incarnation incarnation;  ///< 1 and up.
  StoreId store;            ///< 0 for the OA only.
  auto operator<=>(const DeviceName&) const = default;
};

/// "gateway-11": the server name a client asks for, the same for every incarnation.
std::string server_name(Role role, std::uint32_t node);

/// "terminal-101.1".
std::string common_name(const DeviceName& name);

/// Reads what common_name() wrote; the store stays 0. Errors: kInvalid for anything else, a leading
/// zero or a number of 0 included.
Result<DeviceName> parse_common_name(std::string_view text);

/// A decimal number of 0..2^32-1 without sign or leading zero. Errors: kInvalid.
Result<std::uint32_t> parse_number(std::string_view text);

}  // namespace tally::crypto
