// Operating failures: what went wrong, by what the caller can do about it
// (docs/adr/0002-errors.md). Business outcomes are domain results, programming errors are
// TALLY_ASSERT; neither is an Error.
#pragma once

#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>

namespace tally {

/// Causes, by what the caller can do.
enum class Errc : std::uint8_t {
  kInvalid = 1,  ///< The input is wrong; the same input will always be refused.
  kNotFound,     ///< What was named is not there.
  kConflict,     ///< It exists with another content; a person has to look.
  kDuplicate,    ///< It is already there, with the same content.
  kUnavailable,  ///< Not now; trying again later can succeed.
  kTimeout,      ///< The deadline passed; the outcome is unknown.
  kExhausted,    ///< A bound was reached: disk, queue, memory, size.
  kCorrupt,      ///< Stored or received bytes are damaged.
  kDenied,       ///< The other side, or a permission, says no.
  kUnsupported,  ///< A version or feature this build does not know.
  kInternal,     ///< A library failed in a way that nothing above explains.
};

/// The name of a cause as it appears in logs, for example "corrupt".
std::string_view name_of(Errc code);

/// One operating failure. Trivially copyable; text is made at the log line by describe().
struct Error {
  Errc code = Errc::kInternal;
  const char* what =
      "";  ///< A literal that says what was wrong, in words a technician understands.
  std::int32_t detail = 0;  ///< The library's own code, or 0.
  std::source_location where{};
};

/// Makes an Error that remembers where it was made. `what` must be a string literal.
constexpr Error make_error(Errc code,
                           const char* what,
                           std::int32_t detail = 0,
                           std::source_location where = std::source_location::current()) {
  return Error{code, what, detail, where};
}

/// "corrupt: record header is too short (detail 12) at core/record/record.cpp:41".
std::string describe(const Error& error);

}  // namespace tally
