#!/usr/bin/python3
"""A demo store from the programs in build/bin: for people (the default), for the story of the README
(--once), for page tests (--hold). Called by tools/run."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import threading

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

from fleet import Fleet, hold  # noqa: E402
from process import Failure  # noqa: E402

import scenario  # noqa: E402

RESTART_PAUSE_S = 3.0
# The same addresses every time, unless somebody else has the port.
PORTS = {"oa.page": 9443, "gateway-11.page": 8443, "terminal-101.page": 6443,
         "oa.link": 7543, "gateway-11.link": 7443}


def once(arguments):
    folder = tempfile.mkdtemp(prefix="tally-once-")
    fleet = Fleet(arguments.bin, os.path.join(folder, "store"), web=arguments.web)
    kept = arguments.keep
    try:
        with scenario.Steps().step("A store is made: certificates for OA, gateway and terminal"):
            fleet.provision()
        scenario.play(fleet, folder)
        return 0
    except Failure as failure:
        kept = True
        print(f"\nFAILED. {failure}\nData and logs: {folder}", file=sys.stderr)
        return 1
    finally:
        fleet.kill_all()
        if kept:
            print(f"Kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def people(arguments):
    """The demo store in a data directory, until Ctrl-C."""
    data = os.path.abspath(arguments.data)
    fleet = Fleet(arguments.bin, data, web=arguments.web, scripted=False, ports=PORTS)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        if fleet.exists():
            print(f"The demo store in {data}, as it was")
        else:
            print(f"Making a demo store in {data}")
            fleet.provision()
        fleet.start()
        print_links(fleet)
        supervise(fleet, stop)
        print("\nStopping")
        fleet.stop()
        print("Stopped. Start again with tools/run: everything is as it was.")
        return 0
    except Failure as failure:
        print(f"\n{failure}\nLogs: {os.path.join(data, 'logs')}", file=sys.stderr)
        return 1
    finally:
        fleet.kill_all()


def print_links(fleet):
    links = fleet.links()
    print("\nOpen in a browser (each link works once, within 24 hours):\n"
          f"  terminal   {links['terminal']}   (process {links['pids']['terminal']})\n"
          f"  gateway    {links['gateway']}   (process {links['pids']['gateway']})\n"
          f"  OA         {links['oa']}   (process {links['pids']['oa']})\n\n"
          "Enrol a member at the OA, then type an amount at the terminal and drop the picture of\n"
          "the member's code on its scanner. kill -9 any of the three if you like: it is started\n"
          "again. Ctrl-C stops everything.", flush=True)


def supervise(fleet, stop):
    """What the service manager does on a real box: starts again what ended."""
    while not stop.wait(0.5):
        for program in fleet.all_programs():
            if not program.running:
                code = program.popen.returncode if program.popen else "?"
                print(f"{program.name} ended ({code}); starting it again in {RESTART_PAUSE_S:.0f} s",
                      flush=True)
                if stop.wait(RESTART_PAUSE_S):
                    return
                program.kill9()
                fleet.start_program(program)
                link = fleet.link_of(program)
                print(f"{program.name} runs again (process {program.pid})"
                      f"{': ' + link if link else ''}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--hold", action="store_true",
                        help="start in a temporary folder, print links as JSON, end with stdin")
    parser.add_argument("--once", action="store_true", help="play the scenario, exit 0 if it held")
    parser.add_argument("--data", default="demo-data", help="folder of the demo store")
    parser.add_argument("--keep", action="store_true", help="keep the temporary folder")
    parser.add_argument("--bin", default=os.path.join(ROOT, "build", "bin"))
    parser.add_argument("--web", default=os.path.join(ROOT, "build", "web"))
    arguments = parser.parse_args()
    for name in ("tally", "tally-oa", "tally-gateway", "tally-terminal"):
        if not os.path.exists(os.path.join(arguments.bin, name)):
            sys.exit(f"{name} is not in {arguments.bin}: run tools/run without --no-build first")
    if arguments.once:
        return once(arguments)
    if arguments.hold:
        return hold(arguments)
    return people(arguments)


if __name__ == "__main__":
    sys.exit(main())
