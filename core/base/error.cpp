#include "core/base/error.hpp"

namespace tally {

std::string_view name_of(Errc code) {
  switch (code) {
    case Errc::kInvalid:
      return "invalid";
    case Errc::kNotFound:
      return "not found";
    case Errc::kConflict:
      return "conflict";
    case Errc::kDuplicate:
      return "duplicate";
    case Errc::kUnavailable:
      return "unavailable";
    case Errc::kTimeout:
      return "timeout";
    case Errc::kExhausted:
      return "exhausted";
    case Errc::kCorrupt:
      return "corrupt";
    case Errc::kDenied:
      return "denied";
    case Errc::kUnsupported:
      return "unsupported";
    case Errc::kInternal:
      return "internal";
  }
  return "unknown";
}

namespace {

// The path from the repository root: the first word of it is the layer, whatever the build machine.
std::string_view from_root(std::string_view path) {
  for (std::string_view layer : {"core/",
                                 "storage/",
                                 "transport/",
                                 "hal/",
                                 "shell/",
                                 "firmware/",
                                 "gateway/",
                                 "oa/",
                                 "tools/",
                                 "tests/"}) {
    const auto at = path.rfind(std::string("/").append(layer));
    if (at != std::string_view::npos) {
      return path.substr(at + 1);
    }
  }
  return path;
}

}  // namespace

std::string describe(const Error& error) {
  std::string text{name_of(error.code)};
  text.append(": ").append(error.what);
  if (error.detail != 0) {
    text.append(" (detail ").append(std::to_string(error.detail)).append(")");
  }
  if (error.where.line() != 0) {
    text.append(" at ").append(from_root(error.where.file_name()));
    text.append(":").append(std::to_string(error.where.line()));
  }
  return text;
}

}  // namespace tally
