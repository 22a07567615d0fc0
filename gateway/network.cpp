#include "gateway/network.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include "core/crypto/identity.hpp"

namespace tally::gateway {
namespace {

constexpr std::size_t kInterfacesMax = 32;
constexpr std::size_t kAddressesMax = 16;

template <class Part>
int count_bits(const Part& mask) {
  ByteArray<sizeof(Part)> bytes{};
  std::memcpy(bytes.data(), &mask, sizeof(Part));
  int bits = 0;
  for (const std::uint8_t byte : bytes) {
    bits += std::popcount(byte);
  }
  return bits;
}

std::string address_text(const ifaddrs& entry) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  int prefix = 0;
  if (entry.ifa_addr->sa_family == AF_INET) {
    sockaddr_in address{};
    sockaddr_in mask{};
    std::memcpy(&address, entry.ifa_addr, sizeof(address));
    std::memcpy(&mask, entry.ifa_netmask, sizeof(mask));
    ::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
    prefix = count_bits(mask.sin_addr);
  } else {
    sockaddr_in6 address{};
    sockaddr_in6 mask{};
    std::memcpy(&address, entry.ifa_addr, sizeof(address));
    std::memcpy(&mask, entry.ifa_netmask, sizeof(mask));
    ::inet_ntop(AF_INET6, &address.sin6_addr, text.data(), text.size());
    prefix = count_bits(mask.sin6_addr);
  }
  return std::string(text.data()) + "/" + std::to_string(prefix);
}

bool is_address(const std::string& text) {
  in_addr v4{};
  in6_addr v6{};
  return ::inet_pton(AF_INET, text.c_str(), &v4) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), &v6) == 1;
}

bool is_address_with_prefix(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos || !is_address(text.substr(0, slash))) {
    return false;
  }
  const Result<std::uint32_t> prefix = crypto::parse_number(text.substr(slash + 1));
  const std::uint32_t prefix_max = text.find(':') == std::string::npos ? 32 : 128;
  return prefix && *prefix >= 1 && *prefix <= prefix_max;
}

bool is_interface_name(const std::string& name) {
  return !name.empty() && name.size() < IFNAMSIZ &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
         });
}

}  // namespace

std::vector<NetworkInterface> list_interfaces() {
  ifaddrs* raw = nullptr;
  if (::getifaddrs(&raw) != 0) {
    return {};
  }
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> all(raw, ::freeifaddrs);
  std::map<std::string, NetworkInterface> by_name;
  for (const ifaddrs* entry = all.get(); entry != nullptr; entry = entry->ifa_next) {
    if ((entry->ifa_flags & IFF_LOOPBACK) != 0 ||
        (by_name.size() >= kInterfacesMax && by_name.count(entry->ifa_name) == 0)) {
      continue;
    }
    NetworkInterface& one = by_name[entry->ifa_name];
    one.name = entry->ifa_name;
    one.up = (entry->ifa_flags & IFF_RUNNING) != 0;
    const bool is_ip =
        entry->ifa_addr != nullptr && entry->ifa_netmask != nullptr &&
        (entry->ifa_addr->sa_family == AF_INET || entry->ifa_addr->sa_family == AF_INET6);
    if (is_ip && one.addresses.size() < kAddressesMax) {
      one.addresses.push_back(address_text(*entry));
    }
  }
  std::vector<NetworkInterface> interfaces;
  for (auto& [name, one] : by_name) {
    std::ifstream("/sys/class/net/" + name + "/address") >> one.mac;
    interfaces.push_back(std::move(one));
  }
  return interfaces;
}

Status check_network(const NetworkChoice& choice) {
  if (!is_interface_name(choice.interface)) {
    return make_error(Errc::kInvalid, "this is no name of an interface");
  }
  if (!choice.is_static) {
    return {};
  }
  if (!is_address_with_prefix(choice.address)) {
    return make_error(Errc::kInvalid, "the address is not like 192.0.2.5/24");
  }
  if (!choice.router.empty() && !is_address(choice.router)) {
    return make_error(Errc::kInvalid, "the router is not an address");
  }
  if (!std::all_of(choice.dns.begin(), choice.dns.end(), is_address)) {
    return make_error(Errc::kInvalid, "a name server is not an address");
  }
  return {};
}

std::string network_file_text(const NetworkChoice& choice) {
  std::string text = "# Written by the gateway's set-up page.\n[Match]\nName=" + choice.interface +
                     "\n\n[Network]\n";
  if (!choice.is_static) {
    return text + "DHCP=yes\n";
  }
  text += "Address=" + choice.address + "\n";
  if (!choice.router.empty()) {
    text += "Gateway=" + choice.router + "\n";
  }
  for (const std::string& server : choice.dns) {
    text += "DNS=" + server + "\n";
  }
  return text;
}

}  // namespace tally::gateway
