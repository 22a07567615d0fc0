#!/bin/sh
# Runs the browser tests of one page with the Node of web/'s lock file: run.sh terminal|store|console …
here=$(cd "$(dirname "$0")" && pwd)
if ! node=$("$here/../../web/node.sh" 2>/dev/null) || [ ! -d "$here/../../web/node_modules/playwright-core" ]; then
  echo "SKIPPED: the packages of web/package-lock.json are not installed; run web/build.sh once." >&2
  exit 77
fi
exec "$node" "$here/run.mjs" "$@"
