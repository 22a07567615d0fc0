#!/bin/sh
# Runs a tool of the lock file in this folder: tool.sh vue-tsc|vitest ARGUMENT...
web=$(cd "$(dirname "$0")" && pwd)
tool=$1
shift
if ! node=$("$web/node.sh" 2>/dev/null) || [ ! -d "$web/node_modules/$tool" ]; then
  echo "SKIPPED: the packages of web/package-lock.json are not installed; run web/build.sh once." >&2
  exit 77
fi
cd "$web" || exit 1
case $tool in
  vue-tsc) exec "$node" node_modules/vue-tsc/bin/vue-tsc.js "$@" ;;
  vitest) exec "$node" node_modules/vitest/vitest.mjs "$@" ;;
  *) echo "tool.sh: unknown tool $tool" >&2 && exit 2 ;;
esac
