#!/usr/bin/python3
"""A terminal is gone before it could send; the customer's receipt brings the points, once, also when
the terminal comes back after all."""

import argparse
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from expect import expect  # noqa: E402
from fleet import Fleet  # noqa: E402
from process import Failure  # noqa: E402

PASSWORD = "correct horse battery"


class Office:
    """Two people of the office on the command line."""

    def __init__(self, fleet):
        self.fleet = fleet
        self.password_file = os.path.join(fleet.root, "password")
        with open(self.password_file, "w", encoding="utf-8") as out:
            os.fchmod(out.fileno(), 0o600)
            out.write(PASSWORD + "\n")
        for name in ("amy", "ben"):
            subprocess.run([fleet.program("tally-oa"), "--config", fleet.config_of("oa"),
                            "--data", fleet.data_of("oa"), "--set-user", name],
                           input=(PASSWORD + "\n").encode(), check=True, timeout=30,
                           stdout=subprocess.DEVNULL)

    def run(self, command, user, *words):
        """(exit code, what was printed)."""
        origin = f"http://127.0.0.1:{self.fleet.oa.listening['page_port']}"
        return self.fleet.run_program("tally", command, "--oa", origin, "--user", user,
                                      "--password-file", self.password_file, *words)

    def claim(self, code):
        ended, text = self.run("claim", "amy", code)
        return json.loads(text)["state"] if ended == 0 else text.split(":")[0]

    def declare_dead(self, user):
        ended, text = self.run("dead", user, "--terminal", "101", "--incarnation", "1",
                               "--reason", "burnt")
        return json.loads(text)["state"] if ended == 0 else text.split(":")[0]


def balance(fleet, member):
    shown = fleet.oa_client().get(f"/api/members/{member}")["balance"]
    return shown["available"], shown["pending"]


def run(bin_dir, root):
    fleet = Fleet(bin_dir, root)
    try:
        fleet.provision()
        fleet.start()
        till = fleet.terminals[101]
        till.do("wait-link online 15000", deadline_s=20)
        enrolled = fleet.enrol("李雷", None)
        member, code = enrolled["member"]["id"], enrolled["card"]["qr_text"]
        first = till.earn("100.00", f"scan {code}")["earned"]
        till.do("wait-applied 15000", deadline_s=20)
        # The last sale is seen by nobody but the customer, who has the receipt.
        fleet.gateway.stop()
        last = till.earn("50.00", f"scan {code}")["earned"]
        receipt = [event for event in till.events if event["event"] == "printed"][-1]["qr"]
        till.kill9()
        fleet.start_program(fleet.gateway)

        office = Office(fleet)
        expect("a changed receipt", office.claim(receipt[:-1] + ("0" if receipt[-1] != "0" else "1")),
               "forged")
        expect("the claim", office.claim(receipt), "waits")
        expect("balance", balance(fleet, member), (first, last))
        expect("the claim again", office.claim(receipt), "claimed_before")
        expect("one of two", office.declare_dead("amy"), "awaits_second")
        expect("the same one", office.declare_dead("amy"), "same_person")
        expect("balance", balance(fleet, member), (first, last))
        expect("the other", office.declare_dead("ben"), "dead")
        expect("balance", balance(fleet, member), (first + last, 0))
        # It was not burnt.
        fleet.start_program(till)
        till.do("wait-link online 15000", "wait-applied 15000", deadline_s=35)
        expect("balance", balance(fleet, member), (first + last, 0))
        expect("the claim after all", office.claim(receipt), "here")
        fleet.audit()
        fleet.stop()
    finally:
        fleet.kill_all()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--bin", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tally-claims-") as root:
        try:
            run(arguments.bin, root)
        except Failure as failure:
            sys.exit(str(failure))
    print("the receipt was claimed, the terminal given up, and came back: posted once")


if __name__ == "__main__":
    main()
