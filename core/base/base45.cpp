#include "core/base/base45.hpp"

namespace tally {

namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

}  // namespace

std::string base45_encode(ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() + 1) / 2 * 3);
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const bool pair = i + 1 < bytes.size();
    std::uint32_t value = pair ? bytes[i] * 256U + bytes[i + 1] : bytes[i];
    for (int digit = 0; digit < (pair ? 3 : 2); ++digit) {
      text.push_back(kAlphabet[value % 45]);
      value /= 45;
    }
  }
  return text;
}

Result<Bytes> base45_decode(std::string_view text) {
  if (text.size() % 3 == 1) {
    return make_error(Errc::kInvalid, "Base45 text has an impossible length");
  }
  Bytes bytes;
  bytes.reserve(text.size() / 3 * 2 + 1);
  for (std::size_t i = 0; i < text.size(); i += 3) {
    const std::string_view group = text.substr(i, 3);
    std::uint32_t value = 0;
    for (std::size_t digit = group.size(); digit-- > 0;) {
      const auto place = kAlphabet.find(group[digit]);
      if (place == std::string_view::npos) {
        return make_error(Errc::kInvalid,
                          "Base45 text has a wrong character",
                          static_cast<std::int32_t>(i + digit));
      }
      value = value * 45 + static_cast<std::uint32_t>(place);
    }
    if (value > (group.size() == 3 ? 0xffffU : 0xffU)) {
      return make_error(
          Errc::kInvalid, "Base45 group is out of range", static_cast<std::int32_t>(i));
    }
    if (group.size() == 3) {
      bytes.push_back(static_cast<std::uint8_t>(value >> 8));
    }
    bytes.push_back(static_cast<std::uint8_t>(value & 0xff));
  }
  return bytes;
}

}  // namespace tally
