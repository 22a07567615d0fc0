# shellcheck shell=bash
# Installs the Debian packages that a list in tools/packages/ names, and only those that are missing.
# Sourced by tools/run, tools/test and tools/check; works as root or for a user with sudo. Without
# network it goes on when everything is there, and otherwise says what is missing and what to do.

TALLY_APT_LOG=$TALLY_ROOT/build/apt.log

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
    # A Node from elsewhere brings its own npm, and Debian's package refuses to stand beside it.
    if [ "$package" = npm ] && command -v npm >/dev/null; then
      continue
    fi
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
  mkdir -p "$TALLY_ROOT/build"
  : >"$TALLY_APT_LOG"
  # An empty list of available packages knows no names, a stale one names versions that are gone: so
  # it is refreshed when a name is unknown, or when installing did not work.
  # shellcheck disable=SC2086  # a list of words on purpose
  if tally_apt_knows $missing && tally_apt "${as_root[@]}" install --no-install-recommends $missing; then
    return 0
  fi
  echo "Refreshing the list of available packages"
  # Its exit code says little: one unreachable source of somebody else's fails it, no network does not.
  tally_apt "${as_root[@]}" update || true
  # shellcheck disable=SC2086
  if ! tally_apt_knows $missing; then
    tally_die "These Debian packages are missing: $missing" "" \
      "and this machine's package sources do not offer them. Is there a network? Is this Debian 12 or 13?" \
      "With one, run this again, or: apt-get install --no-install-recommends followed by those names." \
      "What apt said is in $TALLY_APT_LOG"
  fi
  # shellcheck disable=SC2086
  if ! tally_apt "${as_root[@]}" install --no-install-recommends $missing; then
    tally_die "apt-get could not install: $missing" "" \
      "The lines above say why; all of it is in $TALLY_APT_LOG. When that is mended, run this again."
  fi
}

# tally_apt_knows PACKAGE...: whether each could be installed as far as this machine knows.
tally_apt_knows() {
  local known
  known=$(apt-cache policy "$@" 2>/dev/null | grep -c '^  Candidate: [^(]') || true
  [ "$known" = $# ]
}

# tally_apt [sudo] VERB WORD...: apt-get, its chatter in a log, progress and errors on the terminal.
tally_apt() {
  local as_root=()
  if [ "$1" = sudo ]; then
    as_root=(sudo)
    shift
  fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3 \
    -o Dpkg::Use-Pty=0 "$@" </dev/null 2>&1 | tee -a "$TALLY_APT_LOG" |
    awk '/^(E|W|Err|dpkg): ?/ || /^Need to get/ { print "  " $0; fflush() }
         /^Setting up / { if (++n % 50 == 0) { print "  " n " packages set up"; fflush() } }'
  return "${PIPESTATUS[0]}"
}
