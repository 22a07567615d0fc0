#!/usr/bin/python3
"""What no cashier, disk or clock of good will does, against the three real programs.

At the till: one clear sentence, and no record is lost. Beside it: what must stay secret does, and a
program that is told something wrong says so and ends. Hostile connections: hostile_peers.py.
"""

import argparse
import os
import platform
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from attacked_store import AttackedStore, TILL  # noqa: E402
from fleet import limit_file_size  # noqa: E402
from record_key import private_scalar, record_key, record_mac  # noqa: E402
from terminal_script import last_screen  # noqa: E402

BIN = None
FAKETIME = f"/usr/lib/{platform.machine()}-linux-gnu/faketime/libfaketime.so.1"
SANITIZED = False


def setUpModule():
    global STORE, FLEET, CARD, MEMBER
    STORE = AttackedStore(BIN)
    FLEET, CARD, MEMBER = STORE.fleet, STORE.card, STORE.member


def tearDownModule():
    STORE.end()


class AtTheTill(unittest.TestCase):
    """One clear sentence; the sale after it works."""

    def setUp(self):
        self.till = FLEET.terminals[TILL]
        self.till.do("key cancel", "key cancel", "key cancel", "wait-link online 20000",
                     deadline_s=25)

    def tearDown(self):
        self.till.do("device scanner plugged", "device paper ok", "device cover closed",
                     "device printer plugged", "key cancel", "key cancel", "key cancel",
                     deadline_s=10, errors=True)
        STORE.sell_one(self)

    def message_after(self, *lines, deadline_ms=5000):
        events = self.till.do(*lines, f"wait message {deadline_ms}",
                              deadline_s=deadline_ms / 1000 + 10)
        return last_screen(events, "message")["message"]

    def test_unknown_code(self):
        for code in ("hello", "https://example.org/x", "0" * 16, "1234"):
            self.assertEqual(self.message_after("amount 10", f"scan {code}"), "unknown_code", code)
            self.till.do("key cancel", "key cancel")

    def test_pay_code_named_and_never_logged(self):
        for code in ("134567890123456789", "2812345678901234567", "6212345678901234567"):
            self.assertEqual(self.message_after("amount 10", f"scan {code}"), "pay_code", code)
            self.till.do("key cancel", "key cancel")
            for program in FLEET.all_programs():
                self.assertNotIn(code, program.log_text())

    def test_card_nobody_has(self):
        self.assertEqual(self.message_after("amount 10", f"scan {other_card(CARD)}"), "unknown_card")

    def test_frozen_member(self):
        FLEET.oa_client().post(f"/api/members/{MEMBER}/freeze", {"reason": "test"})
        try:
            self.assertEqual(self.message_after("amount 10", f"scan {CARD}"), "member_frozen")
        finally:
            FLEET.oa_client().post(f"/api/members/{MEMBER}/clear", {"reason": "test"})

    def test_amount_zero(self):
        self.assertEqual(self.message_after("amount 0"), "amount_zero")

    def test_amount_too_large(self):
        self.assertEqual(self.message_after("amount 99999999.99"), "amount_too_large")

    def test_more_points_than_there_are(self):
        STORE.sell_one(self)
        self.till.do("amount 99999", f"scan {CARD}", "wait member 5000", "key redeem",
                     "keys 9999999", deadline_s=20, errors=True)
        start = len(self.till.events)
        self.till.send("key enter")
        self.till.wait_for(
            lambda event: event["event"] == "screen" and event["message"] != "none", 10,
            "a word why not", start)
        screens = [event for event in self.till.events[start:] if event["event"] == "screen"]
        self.assertNotIn("approved", [screen["result"] for screen in screens])

    def test_paper_out_sale_stands(self):
        self.till.do("device paper out")
        self.assertEqual(self.till.state()["paper"], "paper_out")
        events = self.till.do("key cancel", "amount 10", f"scan {CARD}", "wait member 5000",
                              "key enter", "wait result 5000", "key enter", deadline_s=20, errors=True)
        self.assertEqual(last_screen(events, "result")["result"], "approved")
        messages = [event["message"] for event in self.till.events if event["event"] == "screen"]
        self.assertIn("paper_out", messages)

    def test_scanner_unplugged_and_back(self):
        self.assertEqual(self.message_after("device scanner unplugged"), "scanner_unplugged")
        self.assertNotEqual(self.till.state()["scanner"], "ready")
        self.till.do("device scanner plugged")
        self.assertEqual(self.till.state()["scanner"], "ready")

    def test_pictures_that_hold_no_code(self):
        empty = os.path.join(FLEET.root, "empty.png")
        with open(empty, "wb") as out:
            out.write(b"\x89PNG\r\n\x1a\n" + b"\x00" * 64)
        for path in (empty, os.path.join(FLEET.root, "nowhere.png"), BIN + "/tally"):
            events = self.till.do("amount 10", f"scan-image {path}", "key cancel", "key cancel",
                                  errors=True)
            self.assertIn("error", [event["event"] for event in events], path)

    def test_hostile_text_shown_to_the_scanner(self):
        for text in ("x" * 4096, "TR1:" + "A" * 500, "TR1:", "\x1b]0;x\x07", "'; DROP TABLE record; --"):
            self.till.do("amount 10", f"scan {text}", "key cancel", "key cancel", "key cancel",
                         errors=True)


class Clock(unittest.TestCase):
    """A terminal whose clock is days off: the cashier is told, sales go on, records keep their order."""

    def sell_with_clock(self, number, offset):
        if SANITIZED:
            self.skipTest("a sanitizer's runtime does not take another library before it")
        if not os.path.exists(FAKETIME):
            self.skipTest("faketime is not installed")
        FLEET.enrol_device(f"terminal-{number}", "terminal", number)
        terminal = FLEET.add_terminal(number)
        # Only the time of day is wrong: a steady clock does not jump because somebody set the other.
        terminal.env.update(LD_PRELOAD=FAKETIME, FAKETIME=offset, FAKETIME_DONT_FAKE_MONOTONIC="1")
        terminal.start()
        terminal.ready()
        terminal.do("wait-link online 15000", deadline_s=20)
        self.assertEqual(terminal.message(5_000), "clock_wrong")
        terminal.do("key enter", "key cancel")
        result = STORE.sell_one(self, terminal)
        terminal.do("wait-applied 15000", deadline_s=20)
        state = terminal.state()
        terminal.stop()
        self.assertIn(tuple(map(int, result["receipt"].split("-"))),
                      [row["place"] for row in FLEET.posted_records()])
        return state["clock_skew_s"]

    def test_clock_three_days_ahead(self):
        self.assertAlmostEqual(self.sell_with_clock(103, "+3d"), 3 * 86400, delta=60)

    def test_clock_years_behind(self):
        self.assertLess(self.sell_with_clock(104, "-3650d"), -60)


class Disk(unittest.TestCase):
    def test_disk_full_says_so_and_loses_nothing(self):
        """A file size limit stands in for a full disk: writes fail with an error, as ENOSPC does."""
        name = "terminal-102"
        FLEET.enrol_device(name, "terminal", 102)
        terminal = FLEET.add_terminal(102)
        terminal.start()
        terminal.ready()
        terminal.do("wait-link online 15000", deadline_s=20)
        shown = [terminal.earn("7.00", f"scan {CARD}")["receipt"] for _ in range(3)]
        journal = FLEET.journal_path(102)
        limit_file_size(terminal.pid, os.path.getsize(journal + "-wal") + 4096)
        events = []
        for _ in range(12):
            events += terminal.do("amount 7", f"scan {CARD}", "wait member 4000", "key enter",
                                  "wait result 4000", "key enter", "key cancel", "key cancel",
                                  deadline_s=30, errors=True)
        screens = [event for event in events if event["event"] == "screen"]
        shown += [event["receipt"] for event in screens
                  if event["screen"] == "result" and event["result"] == "approved"]
        self.assertTrue({"disk_full", "disk_fault"} & {event["message"] for event in screens},
                        "no sentence about the disk")
        terminal.kill9()
        terminal.start()
        terminal.ready()
        terminal.do("wait-link online 15000", "wait-applied 15000", deadline_s=35)
        posted = {"-".join(map(str, row["place"])) for row in FLEET.posted_records()}
        self.assertEqual(set(shown) - posted, set())
        FLEET.audit()
        terminal.stop()


class Secrets(unittest.TestCase):
    def test_record_key_in_no_gateway_file_or_log(self):
        identity = FLEET.identity_of(f"terminal-{TILL}")
        key = record_key(f"{identity}/device.key", f"{identity}/oa-record.pub", TILL, 1)
        STORE.sell_one(self)
        row = max((row for row in FLEET.posted_records() if row["place"][0] == TILL),
                  key=lambda row: row["place"])
        # This is the key: it makes the MAC of a record that the terminal made.
        sealed = FLEET.sealed_of(TILL, row["place"][2])
        self.assertEqual(record_mac(key, sealed), sealed[-16:])
        scalar = private_scalar(f"{identity}/device.key").to_bytes(32, "big")
        for secret in (key, scalar):
            forms = (secret, secret.hex().encode(), secret.hex().upper().encode())
            for path in [FLEET.gateway.log, FLEET.oa.log, *files_below(FLEET.data_of(FLEET.gateway.name))]:
                with open(path, "rb") as content:
                    text = content.read()
                for form in forms:
                    self.assertNotIn(form, text, path)

    def test_keys_are_their_owners_alone(self):
        for name in ("oa", FLEET.gateway.name, f"terminal-{TILL}"):
            for path in files_below(FLEET.data_of(name)):
                if path.endswith((".key", ".db", "-wal")) or "session" in path:
                    self.assertEqual(os.stat(path).st_mode & 0o077, 0, path)

    def test_key_that_others_may_read_refused(self):
        copy = FLEET.clone(TILL, "terminal-open-key")
        os.chmod(os.path.join(FLEET.identity_of("terminal-open-key"), "device.key"), 0o644)
        copy.start()
        self.assertNotEqual(copy.wait_exit(10, expected_code=None), 0)
        self.assertIn("key", copy.log_tail())


class Configuration(unittest.TestCase):
    def test_unknown_key_refused_with_file_and_line(self):
        for name, program in (("oa", "tally-oa"), ("gateway", "tally-gateway"),
                              ("terminal", "tally-terminal")):
            path = os.path.join(FLEET.root, "wrong.toml")
            with open(path, "w", encoding="utf-8") as out:
                out.write("[log]\nlevel = \"info\"\ncolour = \"red\"\n")
            code, text = FLEET.run_program(program, "--config", path, "--data",
                                           os.path.join(FLEET.root, f"wrong-{name}"))
            self.assertEqual(code, 2, program)
            self.assertIn("wrong.toml:3", text, program)

    def test_second_process_on_one_data_directory_refused(self):
        for program in (FLEET.oa, FLEET.gateway):
            code, text = FLEET.run_program(*program.command)
            self.assertNotEqual(code, 0, program.name)
            self.assertTrue(text.strip(), program.name)


def other_card(card):
    """A well-formed card number next to `card`: one serial higher, its own check digit."""
    digits = f"{int(card[:-1]) + 500:015d}"
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


def files_below(folder):
    return [os.path.join(at, name) for at, _, names in os.walk(folder) for name in names
            if os.path.isfile(os.path.join(at, name))]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--sanitized", action="store_true", help="the programs are a sanitizer build")
    known, rest = parser.parse_known_args()
    BIN = os.path.abspath(known.bin)
    SANITIZED = known.sanitized
    unittest.main(argv=[sys.argv[0], *rest])
