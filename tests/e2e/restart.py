#!/usr/bin/python3
"""Stopped cleanly and started again, a store is as it was: members, balances, journals, ports, and
a terminal that voids yesterday's sale."""

import argparse
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from expect import expect  # noqa: E402
from fleet import Fleet  # noqa: E402
from process import Failure  # noqa: E402
from terminal_script import last_screen  # noqa: E402


def first_day(root, bin_dir):
    fleet = Fleet(bin_dir, root)
    try:
        fleet.provision()
        fleet.start()
        till = fleet.terminals[101]
        till.do("wait-link online 15000", deadline_s=20)
        enrolled = fleet.enrol("李雷", None)
        code = enrolled["card"]["qr_text"]
        result = till.earn("128.50", f"scan {code}")
        # The last word of the day is said while nobody listens.
        fleet.gateway.stop()
        offline = till.earn("40.00", f"scan {code}")
        expect("offline", offline["offline"], True)
        fleet.stop()
        return {"member": enrolled["member"]["id"], "code": code, "first": result["receipt"],
                "earned": result["earned"] + offline["earned"], "void": result["earned"]}
    finally:
        fleet.kill_all()


def second_day(root, bin_dir, day):
    fleet = Fleet(bin_dir, root)
    try:
        if not fleet.exists():
            raise Failure("the store is gone")
        fleet.start()
        till = fleet.terminals[101]
        till.do("wait-link online 15000", "wait-applied 15000", deadline_s=35)
        expect("balance", fleet.balance(day["member"]), day["earned"])
        digits = day["first"].replace("-", ".")
        events = till.do("key void", "wait void_pick 2000", f"keys {digits}", "key enter",
                         "wait result 5000", "key enter", "wait-applied 10000", deadline_s=25)
        expect("void", last_screen(events, "result")["message"], "voided")
        expect("balance", fleet.balance(day["member"]), day["earned"] - day["void"])
        fleet.audit()
        fleet.stop()
    finally:
        fleet.kill_all()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--bin", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tally-restart-") as root:
        try:
            second_day(root, arguments.bin, first_day(root, arguments.bin))
        except Failure as failure:
            sys.exit(str(failure))
    print("the second day found everything as the first had left it")


if __name__ == "__main__":
    main()
