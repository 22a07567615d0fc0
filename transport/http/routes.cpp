#include <utility>

#include "core/base/assert.hpp"

#include "transport/http/dispatcher.hpp"
#include "transport/http/server.hpp"

namespace tally::transport::http {
namespace {

std::vector<std::string> pattern_parts(const std::string& pattern) {
  auto parts = path_parts(pattern);
  TALLY_ASSERT(parts.has_value());
  return std::move(*parts);
}

}  // namespace

Routes& Routes::on(std::string method, std::string pattern, Handler handler) {
  routes_.push_back({std::move(method), pattern_parts(pattern), true, std::move(handler), nullptr});
  return *this;
}

Routes& Routes::on_public(std::string method, std::string pattern, Handler handler) {
  routes_.push_back(
      {std::move(method), pattern_parts(pattern), false, std::move(handler), nullptr});
  return *this;
}

Routes& Routes::events(std::string path, const EventStream& stream) {
  routes_.push_back({"GET", pattern_parts(path), true, nullptr, stream.channel_});
  return *this;
}

Routes& Routes::guard(std::string prefix, Guard guard) {
  guards_.push_back({std::move(prefix), std::move(guard)});
  return *this;
}

}  // namespace tally::transport::http
