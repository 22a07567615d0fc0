#!/usr/bin/python3
"""Joins the tests of several build directories into one CTest directory.

Each test gets its build's name in front ("asan.core.Amount"), so that one run of ctest has them all
and its closing line speaks for all of them.

usage: join_tests.py TARGET_DIR NAME=BUILD_DIR[:REGEX]... [+NAME=COMMAND]...

REGEX picks by the test's own name. +NAME=COMMAND adds a test that no build has by itself, because
it needs the programs of several; it runs in the present directory.
"""

import json
import os
import re
import shlex
import subprocess
import sys

# Properties that a list of values or one value may have; `_BACKTRACE_TRIPLES` and the like are
# CMake's own.
KEPT = {
    "COST", "DEPENDS", "DISABLED", "ENVIRONMENT", "FIXTURES_CLEANUP", "FIXTURES_REQUIRED",
    "FIXTURES_SETUP", "LABELS", "PASS_REGULAR_EXPRESSION", "FAIL_REGULAR_EXPRESSION",
    "PROCESSORS", "RESOURCE_LOCK", "RUN_SERIAL", "SKIP_RETURN_CODE", "TIMEOUT", "WILL_FAIL",
    "WORKING_DIRECTORY",
}
# Values of these name other tests or things shared with them.
NAMES_TESTS = {"DEPENDS"}


def quoted(text):
    """A CMake bracket argument: no escape rules inside."""
    level = 1
    while f"]{'=' * level}]" in text:
        level += 1
    return f"[{'=' * level}[{text}]{'=' * level}]"


def value_of(name, value, build):
    if name in NAMES_TESTS:
        value = [f"{build}.{one}" for one in value]
    if isinstance(value, bool):
        return "ON" if value else "OFF"
    if isinstance(value, list):
        # A list that is itself to be one property value: its elements must not be split again.
        return ";".join(str(one).replace(";", "\\;") for one in value)
    return str(value)


def tests_of(directory):
    shown = subprocess.run(
        ["ctest", "--test-dir", directory, "--show-only=json-v1"],
        check=True, capture_output=True, text=True)
    return json.loads(shown.stdout)["tests"]


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    target = arguments[0]
    lines = ["# Written by tools/join_tests.py.\n"]
    count = 0
    for argument in [one for one in arguments[1:] if one.startswith("+")]:
        name, _, command = argument[1:].partition("=")
        words = " ".join(quoted(word) for word in shlex.split(command))
        lines.append(f"add_test({quoted(name)} {words})\n")
        lines.append(f"set_tests_properties({quoted(name)} PROPERTIES TIMEOUT 600 "
                     f"WORKING_DIRECTORY {quoted(os.getcwd())})\n")
        count += 1
    builds = [one for one in arguments[1:] if not one.startswith("+")]
    for argument in builds:
        build, _, place = argument.partition("=")
        directory, _, regex = place.partition(":")
        for test in tests_of(directory):
            if not re.search(regex, test["name"]):
                continue
            if "command" not in test:
                sys.exit(f"{directory}: the program of test {test['name']} has not been built")
            name = f"{build}.{test['name']}"
            command = " ".join(quoted(word) for word in test["command"])
            lines.append(f"add_test({quoted(name)} {command})\n")
            properties = []
            for one in test.get("properties", []):
                if one["name"] in KEPT:
                    properties.append(f"{one['name']} "
                                      f"{quoted(value_of(one['name'], one['value'], build))}")
            if properties:
                lines.append(f"set_tests_properties({quoted(name)} PROPERTIES "
                             f"{' '.join(properties)})\n")
            count += 1
    if count == 0:
        sys.exit("no test found in any of the build directories")
    os.makedirs(target, exist_ok=True)
    with open(os.path.join(target, "CTestTestfile.cmake"), "w", encoding="utf-8") as out:
        out.writelines(lines)
    print(f"{count} tests of {len(builds)} builds")


if __name__ == "__main__":
    main(sys.argv[1:])
