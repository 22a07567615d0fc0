#!/usr/bin/python3
"""Fails on an include that points up the layer table, or at a library its layer may not see.

The table is that of docs/architecture.md ("Layers"). Includes of ours are written from the
repository root, so the first word names the layer.

usage: check_layers.py [ROOT]
"""

import os
import re
import sys

# What the files of a folder may include of ours, besides themselves.
ALLOWED = {
    "proto": set(),
    "core/base": set(),
    "core": {"core/base", "proto"},
    "storage": {"core/base", "core", "proto"},
    "transport": {"core/base", "core", "proto"},
    "hal": {"core/base"},
    "shell": {"core/base", "core", "transport"},
    "boards": {"core/base", "core", "hal"},
    "firmware": {"core/base", "core", "storage", "transport", "hal", "shell", "boards"},
    "gateway": {"core/base", "core", "storage", "transport", "hal", "shell", "boards"},
    "oa": {"core/base", "core", "storage", "transport", "hal", "shell", "boards"},
    "tools": {"core/base", "core", "storage", "transport", "hal", "shell", "boards"},
}

# (library, header pattern, folders that may include it, what to do instead)
LIBRARIES = [
    ("nanopb structs", r".*\.pb\.h|pb\.h|pb_.*", ["core/codec"],
     "use the domain types; core/codec turns them into wire structs"),
    ("mbedTLS", r"mbedtls/.*|psa/.*", ["core/crypto", "transport"],
     "use core/crypto or transport/"),
    ("Asio", r"asio\.hpp|asio/.*", ["transport"], "use transport/asio_types.hpp"),
    ("RESTinio", r"restinio/.*|http_parser\.h", ["transport/http"], "use transport/http/"),
    ("SQLite", r"sqlite3.*\.h", ["storage"], "use storage/db.hpp"),
    ("spdlog", r"spdlog/.*", ["shell"], "use shell/log.hpp"),
    ("prometheus-cpp", r"prometheus/.*", ["shell"], "use shell/metrics.hpp"),
    ("systemd", r"systemd/.*", ["shell"], "use shell/"),
    ("toml++", r"toml\+\+/.*|toml\.h(pp)?", ["shell"], "use shell/config.hpp"),
    ("cairo and pango", r"cairo.*|pango/.*|fontconfig/.*|ft2build\.h", ["firmware/ui"],
     "draw through firmware/ui"),
    ("ZXing", r"ZXing/.*", ["hal"], "use the scanner contract of hal/"),
]

# core/ is pure: these bring in a thread, randomness, a file or the operating system. (<chrono> has
# the calendar, which is pure; its clocks are refused by check_tree.py.)
CORE_BANNED = {
    "ctime": "times are passed in (core/base/time.hpp)",
    "time.h": "times are passed in (core/base/time.hpp)",
    "random": "randomness is passed in",
    "thread": "machines have no threads", "mutex": "machines have no threads",
    "shared_mutex": "machines have no threads", "condition_variable": "machines have no threads",
    "atomic": "machines have no threads", "future": "machines have no threads",
    "stop_token": "machines have no threads", "semaphore": "machines have no threads",
    "coroutine": "machines return actions",
    "fstream": "shells do I/O", "iostream": "shells do I/O", "filesystem": "shells do I/O",
    "unistd.h": "shells do I/O", "fcntl.h": "shells do I/O", "poll.h": "shells do I/O",
    "pthread.h": "machines have no threads", "signal.h": "shells handle signals",
    "csignal": "shells handle signals", "dirent.h": "shells do I/O",
}
CORE_BANNED_PREFIXES = ("sys/", "linux/", "arpa/", "netinet/", "net/")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def layer_of(path):
    """The row of the table a file belongs to, or None."""
    first = path.split("/", 1)[0]
    if path.startswith("core/base/"):
        return "core/base"
    return first if first in ALLOWED else None


def inside(path, folders):
    return any(path == folder or path.startswith(folder + "/") for folder in folders)


def check_include(path, target):
    layer = layer_of(path)
    target_layer = layer_of(target)
    if target_layer is None:
        return None
    if target_layer != layer and target_layer not in ALLOWED[layer]:
        return (f"{layer}/ may not include {target_layer}/ (\"{target}\"); it may include: "
                f"{', '.join(sorted(ALLOWED[layer])) or 'nothing of ours'}")
    return None


def check_library(path, target):
    for name, pattern, folders, instead in LIBRARIES:
        if re.fullmatch(pattern, target) and not inside(path, folders):
            return f"{name} (<{target}>) belongs to {', '.join(folders)} alone: {instead}"
    return None


def check_core(path, target):
    if not path.startswith("core/"):
        return None
    if target in CORE_BANNED:
        return f"<{target}> in core/: {CORE_BANNED[target]}"
    if target.startswith(CORE_BANNED_PREFIXES):
        return f"<{target}> in core/: no header of the operating system"
    return None


def check_file(path, text):
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        kind, target = match.groups()
        at = f"{path}:{number}"
        if kind == '"' and ("/" not in target or target.startswith(".")):
            problems.append(f"{at}: write \"{target}\" from the repository root")
            continue
        for problem in (check_include(path, target), check_library(path, target),
                        check_core(path, target)):
            if problem:
                problems.append(f"{at}: {problem}")
    return problems


def check(root):
    problems = []
    for top in sorted({folder.split("/")[0] for folder in ALLOWED}):
        for folder, folders, files in os.walk(os.path.join(root, top)):
            folders.sort()
            for name in sorted(files):
                if name.endswith((".cpp", ".hpp", ".c", ".h")):
                    full = os.path.join(folder, name)
                    with open(full, encoding="utf-8") as source:
                        problems += check_file(os.path.relpath(full, root), source.read())
    return problems


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..")
    problems = check(os.path.abspath(root))
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit(f"{len(problems)} includes against the layer table (docs/architecture.md, Layers)")


if __name__ == "__main__":
    main()
