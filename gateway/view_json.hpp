// The page's view of the gateway as JSON (docs/formats/api.md, "Gateway"). Pure.
#pragma once

#include <string>

#include "gateway/runtime.hpp"

namespace tally::gateway {

/// What a view does not know by itself.
struct PageFacts {
  std::string store_name;
  std::string software;
  std::string tls_library;
  bool tls_maintained = true;
};

std::string overview_json(const GatewayView& view, const PageFacts& facts);
std::string terminals_json(const GatewayView& view);
/// The overview of a box that is not enrolled yet.
std::string unenrolled_overview_json(WallTime now,
                                     std::int32_t utc_offset_s,
                                     const PageFacts& facts);
std::string unenrolled_terminals_json(WallTime now);

}  // namespace tally::gateway
