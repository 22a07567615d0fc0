// The whole program behind main(): configuration is read, everything is started, and it runs until
// told to stop.
#pragma once

#include <string_view>

namespace tally::oa {

/// Gives the exit code: 0 after a clean stop, 1 when it could not start or go on, 2 for a wrong
/// command line or configuration.
int run_oa(int argc, const char* const* argv, std::string_view version);

}  // namespace tally::oa
