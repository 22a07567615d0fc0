# shellcheck shell=bash
# Installs the Debian packages that a list in tools/packages/ names, and only those that are missing.
# Sourced by tools/run, tools/test and tools/check; works as root or for a user with sudo. Without
# network it goes on when everything is there, and otherwise says what is missing and what to do.

# tally_say TEXT: one line of progress.
tally_say() { printf '\n== %s\n' "$*"; }

# tally_die LINE...: says what stopped us and ends the script.
tally_die() {
  printf '\n' >&2
  printf '%s\n' "$@" >&2
  exit 1
}

# tally_packages LIST...: the names in tools/packages/LIST.txt, comments dropped.
tally_packages() {
  local list
  for list in "$@"; do
    sed -e 's/#.*//' -e '/^[[:space:]]*$/d' -e 's/[[:space:]]*$//' "$TALLY_ROOT/tools/packages/$list.txt"
  done
}

# tally_missing LIST...: those that are not installed.
tally_missing() {
  local package
  for package in $(tally_packages "$@"); do
    if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
      printf '%s\n' "$package"
    fi
  done
}

# tally_setup LIST...: installs what is missing, or ends the script with the reason.
tally_setup() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    tally_die "This machine has no apt: Tallystick's set-up knows Debian 12 and Debian 13." \
      "Install by hand what tools/packages/*.txt name, then build with cmake --preset release."
  fi
  local missing as_root=()
  missing=$(tally_missing "$@")
  [ -n "$missing" ] || return 0
  # One line, for messages and for apt.
  missing=${missing//$'\n'/ }

  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      tally_die "These Debian packages are missing: $missing" \
        "You are not root and there is no sudo. Ask an administrator to run:" \
        "  apt-get install --no-install-recommends $missing"
    fi
    as_root=(sudo)
  fi

  tally_say "Installing $(wc -w <<<"$missing") missing packages: $missing"
  # A stale package list names versions that are gone; an empty one names nothing. So: try, refresh
  # the list only when that did not work, try once more.
  # shellcheck disable=SC2086  # a list of words on purpose
  if tally_apt_install "${as_root[@]}" $missing; then
    return 0
  fi
  tally_say "Refreshing the package lists"
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 update; then
    tally_die "These Debian packages are missing: $missing" \
      "and the package lists cannot be refreshed: is there a network? (see the lines above)" \
      "With a network run this again, or: apt-get install --no-install-recommends $missing"
  fi
  # shellcheck disable=SC2086
  if ! tally_apt_install "${as_root[@]}" $missing; then
    tally_die "apt-get could not install: $missing" \
      "The lines above say why. When that is mended, run this again."
  fi
}

# tally_apt_install [sudo] PACKAGE...
tally_apt_install() {
  local as_root=()
  if [ "$1" = sudo ]; then
    as_root=(sudo)
    shift
  fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Acquire::Retries=3 \
    -o Dpkg::Use-Pty=0 install --no-install-recommends "$@" </dev/null
}
