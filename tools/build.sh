# shellcheck shell=bash
# How tools/run, tools/test and tools/check build. Sourced after tools/setup.sh.

# The compiler's work stays inside the tree, where a later run of any of them finds it.
export CCACHE_DIR=${CCACHE_DIR:-$TALLY_ROOT/build/ccache}

# tally_configure PRESET: quiet unless it fails.
tally_configure() {
  local log
  mkdir -p build
  log=build/configure-$1.log
  if ! cmake --preset "$1" -Wno-dev >"$log" 2>&1; then
    cat "$log" >&2
    tally_die "cmake --preset $1 failed; its output is above and in $log"
  fi
}

# tally_compile PRESET [TARGET...]: all targets when none is named.
tally_compile() {
  local preset=$1 targets=()
  shift
  [ $# -eq 0 ] || targets=(--target "$@")
  # Keeps ninja's status to one line on a terminal and to few lines in a log.
  if ! NINJA_STATUS='[%f/%t %es] ' cmake --build --preset "$preset" "${targets[@]}"; then
    tally_die "The build of preset '$preset' failed; the lines above say where."
  fi
}

# tally_build_release [TARGET...]: programs into build/bin, pages into build/web. The pages wait for
# the network more than for a processor, so both go at the same time.
tally_build_release() {
  local pages log=build/web.log
  mkdir -p build
  if [ -x web/build.sh ]; then
    web/build.sh build/web >"$log" 2>&1 </dev/null &
    pages=$!
  fi
  tally_say "Building the programs (preset release)"
  tally_configure release
  tally_compile release "$@"
  if [ -n "${pages:-}" ] && ! wait "$pages"; then
    cat "$log" >&2
    tally_die "Building the pages failed; its output is above and in $log." \
      "Without network they can be built once their packages are in web/node_modules."
  fi
}
