// Early return on failure. Two forms, because code cannot detect that it is inside a coroutine.
//
//   TALLY_TRY(expr);                 // Status or Result whose value is not needed
//   TALLY_TRY_ASSIGN(auto x, expr);  // x = the value, or return the error
//   TALLY_CO_TRY / TALLY_CO_TRY_ASSIGN: the same with co_return
#pragma once

#include "core/base/result.hpp"

#define TALLY_CONCAT_INNER(a, b) a##b
#define TALLY_CONCAT(a, b) TALLY_CONCAT_INNER(a, b)

#define TALLY_TRY_IMPL(result, ret, expr) \
  auto&& result = (expr);                 \
  if (!result) {                          \
    ret ::tally::Error(result.error());   \
  }

#define TALLY_TRY(expr)                                \
  do {                                                 \
    if (auto&& tally_status = (expr); !tally_status) { \
      return ::tally::Error(tally_status.error());     \
    }                                                  \
  } while (false)

#define TALLY_CO_TRY(expr)                             \
  do {                                                 \
    if (auto&& tally_status = (expr); !tally_status) { \
      co_return ::tally::Error(tally_status.error());  \
    }                                                  \
  } while (false)

#define TALLY_TRY_ASSIGN(lhs, expr)                                   \
  TALLY_TRY_IMPL(TALLY_CONCAT(tally_result_, __LINE__), return, expr) \
  lhs = std::move(*TALLY_CONCAT(tally_result_, __LINE__))

#define TALLY_CO_TRY_ASSIGN(lhs, expr)                                   \
  TALLY_TRY_IMPL(TALLY_CONCAT(tally_result_, __LINE__), co_return, expr) \
  lhs = std::move(*TALLY_CONCAT(tally_result_, __LINE__))
