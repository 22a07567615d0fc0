// A published private key as the file the product reads.
#pragma once

#include <string>
#include <string_view>

#include "tests/core/crypto/vector.hpp"

namespace tally::test {

inline std::string base64(ByteView bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = (group << 8) | (i + k < bytes.size() ? bytes[i + k] : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text.push_back(i + k > bytes.size() ? '=' : kDigits[(group >> (18 - 6 * k)) & 63]);
    }
  }
  return text;
}

// The published key of a vector as the file the product reads (SEC 1, RFC 5915).
inline std::string key_pem(std::string_view secret, std::string_view point) {
  const Bytes der = hex(std::string{"30770201010420"}
                            .append(secret)
                            .append("a00a06082a8648ce3d030107a144034200")
                            .append(point));
  std::string pem{"-----BEGIN "};
  return pem.append("EC PRIVATE KEY-----\n")
      .append(base64(der))
      .append("\n-----END EC PRIVATE KEY-----\n");
}

}  // namespace tally::test
