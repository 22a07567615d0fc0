#include "core/crypto/identity.hpp"

#include <array>
#include <charconv>

#include "core/base/try.hpp"

namespace tally::crypto {

std::string_view name_of(Role role) {
  switch (role) {
    case Role::kTerminal:
      return "terminal";
    case Role::kGateway:
      return "gateway";
    case Role::kOa:
      return "oa";
  }
  return "unknown";
}

std::optional<Role> role_from_name(std::string_view name) {
  for (const Role role : {Role::kTerminal, Role::kGateway, Role::kOa}) {
    if (name == name_of(role)) {
      return role;
    }
  }
  return std::nullopt;
}

std::string server_name(Role role, std::uint32_t node) {
  return std::string{name_of(role)}.append("-").append(std::to_string(node));
}

std::string common_name(const DeviceName& name) {
  return server_name(name.role, name.node)
      .append(".")
      .append(std::to_string(name.incarnation.value));
}

Result<std::uint32_t> parse_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() ||
      (text.size() > 1 && text.front() == '0')) {
    return make_error(Errc::kInvalid, "this is not a whole number of at most 4294967295");
  }
  return number;
}

Result<DeviceName> parse_common_name(std::string_view text) {
  const auto dash = text.find('-');
  const auto dot = text.find('.');
  if (dash == std::string_view::npos || dot == std::string_view::npos || dot < dash) {
    return make_error(Errc::kInvalid, "name is not of the form <role>-<node>.<incarnation>");
  }
  const auto role = role_from_name(text.substr(0, dash));
  if (!role) {
    return make_error(Errc::kInvalid, "name has a role other than terminal, gateway and oa");
  }
  DeviceName name;
  name.role = *role;
  TALLY_TRY_ASSIGN(name.node, parse_number(text.substr(dash + 1, dot - dash - 1)));
  TALLY_TRY_ASSIGN(name.incarnation.value, parse_number(text.substr(dot + 1)));
  if (name.node == 0 || !name.incarnation) {
    return make_error(Errc::kInvalid, "node and incarnation count from 1");
  }
  return name;
}

}  // namespace tally::crypto
