#!/usr/bin/python3
"""Rules of the tree that no compiler checks, each with the file, the line and what to do instead.

usage: check_tree.py [ROOT]
"""

import os
import re
import subprocess
import sys

# Folders of our own C++ and what their files may end in.
CPP_FOLDERS = ("core", "storage", "transport", "hal", "shell", "boards", "firmware", "gateway",
               "oa", "tools", "tests")
TEXT_ENDINGS = (".cpp", ".hpp", ".c", ".h", ".py", ".sh", ".txt", ".md", ".proto", ".options",
                ".cmake", ".json", ".toml", ".yml", ".yaml", ".ts", ".mts", ".vue", ".css", ".html",
                ".mjs", ".js", ".sql", ".service", ".tsv", ".svg", ".in", ".conf", ".script")
LINES_MAX = 600
TRACKED_BYTES_MAX = 3 * 1024 * 1024

# (pattern, folders it holds for, replacement). A line with "NOLINT" in it says why it may.
BANNED_CALLS = [
    (r"(?<![\w:.>])(?:std::)?v?sprintf\s*\(", CPP_FOLDERS, "fmt::format, or std::snprintf with a size"),
    (r"(?<![\w:.>])(?:std::)?(?:strcpy|strcat|strtok|gets)\s*\(", CPP_FOLDERS, "std::string"),
    (r"(?<![\w:.>])(?:std::)?ato[ifl]l?\s*\(", CPP_FOLDERS[:-1], "std::from_chars: it reports errors"),
    (r"(?<![\w:.>])(?:std::)?s?rand\s*\(", CPP_FOLDERS, "randomness that is passed in"),
    (r"(?<![\w:.>])(?:std::)?system\s*\(", CPP_FOLDERS, "posix_spawn with an argument list"),
    (r"(?<![\w:.>])(?:std::)?(?:localtime|gmtime|ctime|asctime)\s*\(", CPP_FOLDERS,
     "gmtime_r / localtime_r: these share one buffer"),
    (r"(?<![\w:.>])alloca\s*\(", CPP_FOLDERS, "std::array or std::vector"),
    (r"(?<![\w:.>_])assert\s*\(", CPP_FOLDERS, "TALLY_ASSERT: it stays on in release"),
    (r"\bsleep_for\b|\bsleep_until\b|(?<![\w:.>])u?sleep\s*\(", ("tests",),
     "a wait for the event itself, with a deadline"),
    (r"\b(?:system|steady|high_resolution)_clock\b", ("core", "storage"), "time that is passed in"),
    (r"(?<![\w])(?:double|float)\b", ("core",), "integers: points, minor units, milliseconds"),
    (r"\bstd::rand\b|\bstd::random_device\b|\bstd::mt19937", ("core", "storage", "transport", "hal"),
     "core/crypto's random source, passed in"),
    (r"\bthrow\b", ("core", "storage", "hal"), "Result or Status (docs/adr/0002-errors.md)"),
    (r"^using namespace\b(?!.*literals)", CPP_FOLDERS[:-1], "names, or a namespace alias"),
]
TODO_OK = re.compile(r"\bTODO\(#\d+\):? \S")
# One pattern a folder, to pass over most lines quickly.
BANNED_IN = {folder: re.compile("|".join(f"(?:{pattern})" for pattern, folders, _ in BANNED_CALLS
                                         if folder in folders)) for folder in CPP_FOLDERS}
ABOUT_TODO = ("tools/check_tree.py", "tests/tools/checks_test.py")
TODO_ANY = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")

# Built from pieces, so that this file does not trip over itself.
PRIVATE_KEY = re.compile("-----BEGIN [A-Z ]*PRIVATE" + " KEY-----")
HOSTS = re.compile(r"https?://(?:registry|deb|security|mirrors?|proxy|files|static|index)\.[a-z]")
KEY_FILES = (".pem", ".key", ".p12", ".pfx", ".der", ".jks")


class Findings:
    def __init__(self):
        self.lines = []

    def add(self, path, line, text):
        self.lines.append(f"{path}:{line}: {text}" if line else f"{path}: {text}")


def listed_files(root):
    """What belongs to the project: tracked files and new ones that are not ignored."""
    shown = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True, capture_output=True)
    names = {name for name in shown.stdout.decode().split("\0") if name}
    return sorted(name for name in names if os.path.isfile(os.path.join(root, name)))


def is_text(path):
    name = os.path.basename(path)
    return (path.endswith(TEXT_ENDINGS) or "." not in name or name.startswith(".") or
            name in ("CMakeLists.txt",))


def is_cpp(path):
    return path.split("/", 1)[0] in CPP_FOLDERS and path.endswith((".cpp", ".hpp"))


def strip_comment(line):
    """A line without its // comment and without the insides of its string literals."""
    line = re.sub(r'"(?:[^"\\]|\\.)*"', '""', line)
    return line.split("//", 1)[0]


def check_text(path, data, found):
    if b"\r" in data:
        found.add(path, data[:data.index(b"\r")].count(b"\n") + 1, "CR in a line end: LF only")
    if data and not data.endswith(b"\n"):
        found.add(path, data.count(b"\n") + 1, "no newline at the end of the file")
    if data.endswith(b"\n\n"):
        found.add(path, data.count(b"\n"), "empty line at the end of the file")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        found.add(path, 0, "not UTF-8")
        return ""
    lock = os.path.basename(path) == "package-lock.json"
    for number, line in enumerate(text.splitlines(), 1):
        if "\t" in line and os.path.basename(path) != "Makefile" and not path.endswith(".tsv"):
            found.add(path, number, "tab: use spaces")
        if line[-1:].isspace() and not path.endswith(".tsv"):
            found.add(path, number, "space at the end of the line")
        if TODO_ANY.search(line) and not TODO_OK.search(line) and path not in ABOUT_TODO:
            found.add(path, number, "write TODO(#issue): what, or do it now")
        if PRIVATE_KEY.search(line):
            found.add(path, number, "key material does not belong into the repository")
        if HOSTS.search(line) or (lock and '"resolved": "http' in line):
            found.add(path, number, "download address: the package client knows where packages are")
    return text


def check_cpp(path, text, found):
    lines = text.splitlines()
    folder = path.split("/", 1)[0]
    if path.endswith(".hpp"):
        if not lines or not lines[0].startswith("//"):
            found.add(path, 1, "begin with a paragraph on what this is for and who owns it")
        if "#pragma once" not in lines:
            found.add(path, 1, "no #pragma once")
    if len(lines) > LINES_MAX and folder != "tests":
        found.add(path, 0, f"{len(lines)} lines (at most {LINES_MAX}): look for the second noun in it")
    banned = BANNED_IN[folder]
    for number, line in enumerate(lines, 1):
        if not banned.search(line) or "NOLINT" in line:
            continue
        code = strip_comment(line)
        for pattern, folders, instead in BANNED_CALLS:
            if folder in folders and re.search(pattern, code):
                found.add(path, number, f"`{code.strip()[:60]}`: use {instead}")


# --- proto -----------------------------------------------------------------------------------

PROTO_FIELD = re.compile(
    r"^\s*(repeated\s+|optional\s+)?([\w.]+)\s+(\w+)\s*=\s*(\d+)\s*(?:\[[^\]]*\])?;")


def proto_fields(text):
    """(message, repeated, type, name, number, line) of each field; oneofs belong to their message."""
    stack = []
    for number, line in enumerate(text.splitlines(), 1):
        code = line.split("//", 1)[0]
        opened = re.match(r"^\s*(message|enum|oneof)\s+(\w+)\s*\{", code)
        if opened:
            stack.append(opened.groups())
        match = PROTO_FIELD.match(code)
        if match and stack and stack[-1][0] != "enum":
            message = ".".join(name for kind, name in stack if kind == "message")
            yield message, bool(match.group(1) and "repeated" in match.group(1)), \
                match.group(2), match.group(3), int(match.group(4)), number
        stack = stack[:len(stack) - code.count("}")] if code.count("}") else stack


def options_of(text):
    """{"Message.field": "options"} with the package name cut off."""
    options = {}
    for line in text.splitlines():
        words = line.split("#", 1)[0].split()
        if len(words) > 1:
            options[".".join(words[0].split(".")[2:])] = " ".join(words[1:])
    return options


def check_proto(path, text, options_text, found):
    options = options_of(options_text)
    numbers = {}
    for message, repeated, kind, name, field_number, line in proto_fields(text):
        if (message, field_number) in numbers:
            found.add(path, line, f"{message}: number {field_number} already is "
                                  f"{numbers[message, field_number]}")
        numbers[message, field_number] = name
        bound = options.pop(f"{message}.{name}", "")
        if repeated and "max_count:" not in bound:
            found.add(path, line, f"{message}.{name} needs max_count in {path[:-6]}.options")
        if kind == "string" and "max_length:" not in bound:
            found.add(path, line, f"{message}.{name} needs max_length in {path[:-6]}.options")
        if kind == "bytes" and "max_size:" not in bound:
            found.add(path, line, f"{message}.{name} needs max_size in {path[:-6]}.options")
    for name in options:
        found.add(path[:-6] + ".options", 0, f"{name} is no field of {path}")


# --- build -----------------------------------------------------------------------------------

def check_built(path, found):
    """CMake globs sources by folder: a source elsewhere would never be compiled."""
    if not path.endswith((".cpp", ".c", ".cc", ".cxx")):
        return
    first = path.split("/", 1)[0]
    if first not in CPP_FOLDERS:
        found.add(path, 0, "no target builds this folder")
    elif not path.endswith(".cpp"):
        found.add(path, 0, "our sources end in .cpp, else no target builds them")
    elif first == "tests":
        second = path.split("/")[1]
        if second in CPP_FOLDERS and not path.endswith("_test.cpp"):
            found.add(path, 0, "tests/<layer>/ builds *_test.cpp only; helpers go to tests/support/")


# --- seeded bugs -----------------------------------------------------------------------------

MUTANT_TABLE = "tests/sim/mutants.cpp"
MUTANT_USED = re.compile(r'TALLY_MUTANT\(\s*"([^"]*)"\s*\)')
MUTANT_LISTED = re.compile(r'\{\s*"([a-z0-9-]+/[a-z0-9-]+)",')
MUTANT_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*/[a-z0-9]+(?:-[a-z0-9]+)*")
MUTANT_FOLDERS = ("core", "storage")


def mutants_in(path, text):
    """(name, line) of each seeded bug in the code; the header that defines them has examples."""
    if path == "core/base/mutant.hpp" or not is_cpp(path):
        return []
    return [(match.group(1), text.count("\n", 0, match.start()) + 1)
            for match in MUTANT_USED.finditer(text)]


def check_mutants(used, table_text, found):
    """Code and table agree: `used` is [(path, line, name)]."""
    listed = MUTANT_LISTED.findall(table_text)
    for name in sorted({name for name in listed if listed.count(name) > 1}):
        found.add(MUTANT_TABLE, 0, f"mutant {name} is listed twice")
    for path, line, name in used:
        if path.split("/", 1)[0] not in MUTANT_FOLDERS:
            found.add(path, line, f"mutants are in {' and '.join(MUTANT_FOLDERS)} only")
        elif not MUTANT_NAME.fullmatch(name):
            found.add(path, line, f"mutant \"{name}\" is not named area/what")
        elif name not in listed:
            found.add(path, line, f"mutant {name} is not in {MUTANT_TABLE}")
    in_code = {name for _, _, name in used}
    for name in listed:
        if name not in in_code:
            found.add(MUTANT_TABLE, 0, f"mutant {name} is not in the code: put it beside the code "
                      "that took over, or take its line out (docs/testing.md)")


def check(root):
    found = Findings()
    used, table = [], ""
    for path in listed_files(root):
        full = os.path.join(root, path)
        if os.path.getsize(full) > TRACKED_BYTES_MAX:
            found.add(path, 0, f"larger than {TRACKED_BYTES_MAX} bytes: build it, do not keep it")
        if path.endswith(KEY_FILES):
            found.add(path, 0, "key material does not belong into the repository")
        if not is_text(path):
            continue
        with open(full, "rb") as source:
            data = source.read()
        text = check_text(path, data, found)
        check_built(path, found)
        if is_cpp(path):
            check_cpp(path, text, found)
            used += [(path, line, name) for name, line in mutants_in(path, text)]
        if path == MUTANT_TABLE:
            table = text
        if path.endswith(".proto"):
            options = full[:-6] + ".options"
            options_text = ""
            if os.path.exists(options):
                with open(options, encoding="utf-8") as source:
                    options_text = source.read()
            check_proto(path, text, options_text, found)
        if data.startswith(b"#!") and not os.access(full, os.X_OK):
            found.add(path, 1, "a script that is not executable: chmod +x")
    check_mutants(used, table, found)
    return found.lines


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..")
    problems = check(os.path.abspath(root))
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit(f"{len(problems)} findings of tools/check_tree.py")


if __name__ == "__main__":
    main()
