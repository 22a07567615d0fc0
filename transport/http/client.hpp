// One HTTP request to a page's API over plain TCP, for the command line: it speaks to a program on
// the same machine, or through a tunnel (docs/operating.md, "Pages"). Blocking, one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace tally::transport::http {

struct ClientRequest {
  std::string method = "GET";
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  ///< JSON; empty: none.
};

struct ClientAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.
  std::string body;

  /// The first header of a name in lower case; empty when there is none.
  std::string header(std::string_view name) const;
};

/// Connects, asks, reads the whole answer, hangs up. Errors: kInvalid when `origin` is no
/// "http://host:port"; kUnavailable when nobody answers there; kTimeout; kCorrupt when the answer
/// is not HTTP; kExhausted when it has more than 1 MiB.
Result<ClientAnswer> ask(const std::string& origin,
                         const ClientRequest& request,
                         Duration deadline = Duration{15'000});

/// Reads an answer that has come whole, as ask() does.
Result<ClientAnswer> parse_answer(std::string_view text);

}  // namespace tally::transport::http
