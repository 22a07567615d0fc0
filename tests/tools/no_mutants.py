#!/usr/bin/python3
"""No program of a build that may be shipped holds a seeded bug (docs/testing.md).

The mark of such a build is in every object file that could hold one, and the mutants' names are in
its simulator; both must be absent from every program. `--expect` turns the question round, for a
build of preset mutants: a search that finds nothing there would prove nothing here.

usage: no_mutants.py --bin BIN_DIR [--expect]
"""

import argparse
import os
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "tools"))

import check_tree  # noqa: E402

MARK = b"tallystick build " + b"with mutants"


def programs(folder):
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            with open(path, "rb") as program:
                data = program.read()
            if data.startswith(b"\x7fELF"):
                yield name, data


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--expect", action="store_true")
    arguments = parser.parse_args()
    with open(os.path.join(ROOT, check_tree.MUTANT_TABLE), encoding="utf-8") as table:
        names = check_tree.MUTANT_LISTED.findall(table.read())
    if not names:
        sys.exit("no mutant in the table: nothing to look for")
    wrong = []
    count = 0
    for program, data in programs(arguments.bin):
        count += 1
        held = [word for word in [MARK, *(name.encode() for name in names)] if word in data]
        if arguments.expect and len(held) <= len(names):
            wrong.append(f"{program} lacks {len(names) + 1 - len(held)} of the mark and the names")
        elif held and not arguments.expect:
            wrong.append(f"{program} holds {held[0].decode()!r}")
    if not count:
        sys.exit(f"no program in {arguments.bin}")
    simulator = os.path.join(arguments.bin, "tally-sim")
    if os.path.exists(simulator):
        listed = subprocess.run([simulator, "--list-mutants"], capture_output=True, text=True,
                                check=True).stdout.splitlines()
        if len(listed) != (len(names) if arguments.expect else 0):
            wrong.append(f"tally-sim lists {len(listed)} mutants")
        for name in ("no-area/no-such-mutant", *([] if arguments.expect else names[:1])):
            refused = subprocess.run([simulator, "--mutant", name, "--seeds", "1", "--hours", "1"],
                                     capture_output=True, text=True, check=False)
            if refused.returncode != 2 or name not in refused.stderr:
                wrong.append(f"tally-sim --mutant {name} is not refused")
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{count} programs, {len(names)} names: as it should be")


if __name__ == "__main__":
    main()
