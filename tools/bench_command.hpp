// `tally bench …` and `tally sim`: measuring and simulating live in programs of their own
// (tests/bench, tests/sim) that need the source tree; the command line finds them and hands over.
#pragma once

#include <CLI/CLI.hpp>

namespace tally::tools {

/// Adds `bench` and `sim`. Both pass their arguments on and become the other program; when it is
/// not there the command says what to build and ends with 2.
void add_bench_command(CLI::App& app);

}  // namespace tally::tools
