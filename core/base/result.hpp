// A value or an operating failure. Dropping one is a compiler warning, hence a build error.
#pragma once

#include <utility>

#include <tl/expected.hpp>

#include "core/base/error.hpp"

namespace tally {

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  // NOLINTNEXTLINE(google-explicit-constructor): `return make_error(...)` is the point of the type.
  Result(Error error) : tl::expected<T, Error>(tl::unexpect, error) {}
};

using Status = Result<void>;

}  // namespace tally
