#!/usr/bin/python3
"""The same seed does the same, whatever compiled the simulator (docs/testing.md, "Simulator").

Runs several tally-sim of one version over the same seeds and compares `trace_hash`, which covers
every event and every message. A difference means that something depends on the build: the order of
a hash table or of two arguments, memory that nobody set, a clock.

usage: same_trace.py [--seeds A..B] [--hours H] [--terminals N] [--gateways M] PROGRAM PROGRAM...
"""

import argparse
import json
import subprocess
import sys


def traces(program, arguments):
    """(seed, events, trace hash) of every seed."""
    ran = subprocess.run(
        [program, "--seeds", arguments.seeds, "--hours", arguments.hours, "--terminals",
         arguments.terminals, "--gateways", arguments.gateways, "--jobs", "1", "--json"],
        check=False, capture_output=True, text=True)
    if ran.returncode not in (0, 1):  # 1: a violation, which is another test's business.
        sys.exit(f"{program} ended with {ran.returncode}: {ran.stderr}")
    rows = [json.loads(line) for line in ran.stdout.splitlines() if line.strip()]
    return [(row["seed"], row["events"], row["trace_hash"]) for row in rows if "seed" in row]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", default="1..5")
    parser.add_argument("--hours", default="10")
    parser.add_argument("--terminals", default="4")
    parser.add_argument("--gateways", default="2")
    parser.add_argument("programs", nargs="+")
    arguments = parser.parse_args()
    if len(arguments.programs) < 2:
        parser.error("one program has nothing to be compared with")
    first = traces(arguments.programs[0], arguments)
    if not first:
        sys.exit(f"{arguments.programs[0]} ran no seed")
    differences = 0
    for program in arguments.programs[1:]:
        for mine, other in zip(first, traces(program, arguments), strict=True):
            if mine != other:
                differences += 1
                print(f"seed {mine[0]}: {arguments.programs[0]} {mine[1]} events, {mine[2]}; "
                      f"{program} {other[1]} events, {other[2]}")
    if differences:
        sys.exit(f"{differences} seeds depend on the build")
    print(f"{len(first)} seeds do the same in {len(arguments.programs)} builds")


if __name__ == "__main__":
    main()
