// The terminal program from its command line to its exit code.
#pragma once

#include <string_view>

namespace tally::firmware {

/// Exit codes: 0 ended as asked; 1 a part failed at run time; 2 the command line, the configuration
/// or the identity is wrong; 3 a script met an error (docs/formats/script.md).
int run_terminal(int argc, const char* const* argv, std::string_view version);

}  // namespace tally::firmware
