#!/usr/bin/env bash
# One fuzzer for some seconds: run.sh BUILD_DIR NAME SECONDS. Starts from tests/fuzz/corpus/NAME and
# the seeds; keeps what it finds new in BUILD_DIR/corpus/NAME, and an input that broke something in
# BUILD_DIR/findings/.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$1 name=$2 seconds=$3

mkdir -p "$build/corpus/$name" "$build/findings"
folders=("$build/corpus/$name")
for folder in "$here/corpus/$name" "$build/seeds/$name"; do
  [ ! -d "$folder" ] || folders+=("$folder")
done
options=()
[ ! -f "$here/$name.dict" ] || options+=("-dict=$here/$name.dict")
# Asserts end the process; what the undefined-behaviour sanitizer finds does so, too.
exec "$build/bin/fuzz-$name" -max_total_time="$seconds" -max_len=4096 -timeout=20 -rss_limit_mb=1024 \
  -print_final_stats=1 -artifact_prefix="$build/findings/$name-" "${options[@]}" "${folders[@]}"
