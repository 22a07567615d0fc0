#!/usr/bin/python3
"""The terminal's speed as a cashier feels it: `tally bench terminal`.

The three real programs, mutual TLS, everything on disk. A sale is an amount, the picture of a member's
code handed to the scanner, and the enter key; it ends when the result is drawn in the frame buffer,
after the terminal's syncs. scan = the picture is handed to the decoder, approved = the result is drawn.
The page of the simulated device is off.

Prints one JSON object with --json: scan_to_approved_p50_us, scan_to_approved_p99_us, start_ms,
rss_bytes (peak of the terminal's process), sales, errors.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

from fleet import Fleet  # noqa: E402
from process import Failure  # noqa: E402

CHUNK = 25
WARM_UP_SALES = 25


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def sell(terminal, picture, count):
    """Durations in µs from scan to approved, and how many sales ended otherwise."""
    lines = []
    for number in range(count):
        lines += [f"amount {20 + number % 80}.50", "wait scan 2000", f"scan-image {picture}",
                  "wait member 5000", "key enter", "wait result 8000", "key enter", "wait idle 2000"]
    durations, errors, scanned_at = [], 0, None
    for event in terminal.do(*lines, deadline_s=120, errors=True):
        kind = event["event"]
        if kind == "scan":
            scanned_at = event["t_us"]
        elif kind == "error":
            errors += 1
        elif kind == "screen" and event["screen"] == "result" and scanned_at is not None:
            if event["result"] == "approved" and not event["offline"]:
                durations.append(event["t_us"] - scanned_at)
            else:
                errors += 1
            scanned_at = None
    return durations, errors


def measure(arguments, folder):
    fleet = Fleet(arguments.bin, os.path.join(folder, "store"))
    try:
        fleet.provision()
        fleet.start()
        terminal = next(iter(fleet.terminals.values()))
        ready = next(event for event in terminal.events if event["event"] == "ready")
        card = fleet.enrol("王小明", "13800000001")["card"]["number"]
        picture = os.path.join(folder, "card.png")
        fleet.tally("code", "--text", card, "--out", picture)
        terminal.do("wait-link online 15000")
        sell(terminal, picture, WARM_UP_SALES)
        durations, errors = [], 0
        while len(durations) + errors < arguments.sales:
            took, failed = sell(terminal, picture, min(CHUNK, arguments.sales - len(durations) - errors))
            durations += took
            errors += failed
            if not arguments.json:
                print(f"\r{len(durations) + errors}/{arguments.sales} sales", end="", flush=True)
        state = terminal.state()
        fleet.stop()
    finally:
        fleet.kill_all()
    return {
        "scan_to_approved_p50_us": percentile(durations, 50),
        "scan_to_approved_p99_us": percentile(durations, 99),
        "start_ms": ready["start_ms"],
        "rss_bytes": state["rss_peak_bytes"],
        "sales": len(durations),
        "errors": errors,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", default=os.path.join(ROOT, "build", "bin"), help="folder of the programs")
    parser.add_argument("--sales", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="tally-bench-")
    try:
        result = measure(arguments, folder)
    except Failure as failure:
        print(f"{failure}\nLogs: {folder}", file=sys.stderr)
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    if arguments.json:
        print(json.dumps(result))
    else:
        print(f"\nscan → approved  p50 {result['scan_to_approved_p50_us'] / 1000:.1f} ms, "
              f"p99 {result['scan_to_approved_p99_us'] / 1000:.1f} ms; start {result['start_ms']} ms; "
              f"memory {result['rss_bytes'] / 2**20:.1f} MiB; {result['sales']} sales, {result['errors']} errors")
    return 0 if result["errors"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
