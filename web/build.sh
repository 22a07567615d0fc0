#!/bin/sh
# Builds the browser pages into OUTDIR (terminal/, store/, console/).
# usage: web/build.sh [OUTDIR]      default: build/web beside this folder
# Needs npm. Packages are installed from the lock file when it has changed since the last time; after that
# no network is needed. A system Node older than Vite accepts is replaced by the one in the lock file.
set -eu
web=$(cd "$(dirname "$0")" && pwd)
out=${1:-$web/../build/web}
mkdir -p "$out"
out=$(cd "$out" && pwd)

stamp=$web/node_modules/.tally-lock
if ! cmp -s "$web/package-lock.json" "$stamp"; then
  if ! command -v npm >/dev/null 2>&1; then
    echo "web/build.sh: npm is missing. Install it first: apt-get install npm" >&2
    exit 2
  fi
  if ! (cd "$web" && NODE_OPTIONS="--require=./npm_node.cjs" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error); then
    echo "web/build.sh: the packages of web/package-lock.json could not be installed." >&2
    echo "  Without network they are needed once beforehand; see the messages of npm above." >&2
    exit 2
  fi
  cp "$web/package-lock.json" "$stamp"
fi

exec "$("$web/node.sh")" "$web/build.mjs" "$out"
