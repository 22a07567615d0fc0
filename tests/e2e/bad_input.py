#!/usr/bin/python3
"""What no peer, cashier, disk or clock of good will does, against the three real programs.

Hostile connections: that connection closes with a named reason in the log and a counter, and
nothing else stops. At the till: one clear sentence, and no record is lost.
"""

import argparse
import os
import platform
import shutil
import socket
import ssl
import struct
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from fleet import Fleet, GATEWAY, limit_file_size  # noqa: E402
from page_client import plain_get  # noqa: E402
from process import Failure  # noqa: E402
from record_key import private_scalar, record_key, record_mac  # noqa: E402
from terminal_script import last_screen  # noqa: E402
import wire  # noqa: E402

BIN = None
TILL, HOSTILE_TILL, HOSTILE_GATEWAY = 101, 109, 19
TOO_LARGE = wire.FRAME_PAYLOAD_MAX + 1
UNKNOWN_FIELD = 999
FAKETIME = f"/usr/lib/{platform.machine()}-linux-gnu/faketime/libfaketime.so.1"
SANITIZED = False


def setUpModule():
    global FLEET, CARD, MEMBER, FOREIGN
    root = tempfile.mkdtemp(prefix="tally-bad-input-")
    FLEET = Fleet(BIN, root, terminals=[TILL])
    FLEET.provision()
    # Identities of ours whose keys somebody hostile got hold of.
    FLEET.enrol_device(f"terminal-{HOSTILE_TILL}", "terminal", HOSTILE_TILL)
    FLEET.enrol_device(f"gateway-{HOSTILE_GATEWAY}", "gateway", HOSTILE_GATEWAY)
    # And an authority of somebody else's, with the same names.
    FOREIGN = Fleet(BIN, os.path.join(root, "foreign"), terminals=[TILL])
    FOREIGN.provision()
    FLEET.start()
    FLEET.terminals[TILL].do("wait-link online 15000", deadline_s=20)
    enrolled = FLEET.enrol("王小明", None)
    CARD, MEMBER = enrolled["card"]["qr_text"], enrolled["member"]["id"]


def tearDownModule():
    FLEET.kill_all()
    if "-k" in sys.argv:
        print(f"kept: {FLEET.root}", file=sys.stderr)
    else:
        FLEET.remove()


def closed_counter(program, reason):
    """tally_link_closed_total of one reason, over all sides."""
    text = plain_get(program.listening["page_port"], "/metrics")[1]
    total = 0
    for line in text.splitlines():
        if line.startswith("tally_link_closed_total{") and f'reason="{reason}"' in line:
            total += int(float(line.rsplit(" ", 1)[1]))
    return total


def wait_until(holds, what, deadline_s=10.0):
    end = time.monotonic() + deadline_s
    while not holds():
        if time.monotonic() > end:
            raise Failure(f"expected within {deadline_s} s: {what}")
        time.sleep(0.02)


class HostilePeers:
    """The same cases for both servers; subclasses say whom they attack and as whom."""

    server = identity = foreign_identity = None
    role = node = None

    def setUp(self):
        self.log_start = len(self.server().log_text())

    def tearDown(self):
        self.assertTrue(self.server().running)

    def port(self):
        return self.server().listening["link_port"]

    def link(self, identity=None):
        return wire.Link(self.port(), identity or self.identity(), self.server_name())

    def expect_closed(self, reason, before, told=True, link=None):
        """Named to the peer where it can be, counted, and in the log."""
        if told:
            self.assertEqual(link.close_reason(), reason)
        name = reason.replace("-", "_")
        wait_until(lambda: closed_counter(self.server(), name) > before,
                   f"the counter of {name} to rise")
        wait_until(lambda: f"reason={name}" in self.server().log_text()[self.log_start:],
                   f"a log line with reason={name}")

    def attack(self, reason, *payloads, raw=None, before_hello=True):
        before = closed_counter(self.server(), reason.replace("-", "_"))
        with self.link() as link:
            nonce = link.challenge()
            if not before_hello:
                link.send(self.hello(nonce))
                self.assertEqual(link.receive()[0], wire.WELCOME)
            for payload in payloads:
                link.send(payload(nonce) if callable(payload) else payload)
            if raw is not None:
                link.send_raw(raw)
            self.expect_closed(reason, before, link=link)

    def hello(self, nonce, **changes):
        values = {"role": self.role, "node": self.node, "incarnation": 1, "boot": 7, **changes}
        return wire.hello(nonce, **values)

    # --- not even TLS, not one of us -----------------------------------------------------------

    def test_plain_text_closed(self):
        before = closed_counter(self.server(), "not_tls")
        with socket.create_connection(("127.0.0.1", self.port()), timeout=5) as plain:
            plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
            while plain.recv(4096):
                pass
        self.expect_closed("not-tls", before, told=False)

    def test_no_certificate_refused(self):
        before = closed_counter(self.server(), "certificate_refused")
        with self.assertRaises((ssl.SSLError, ConnectionError, AssertionError, TypeError)):
            # Under TLS 1.3 the refusal comes with the first read.
            wire.Link(self.port(), None, self.server_name()).challenge()
        self.expect_closed("certificate-refused", before, told=False)

    def test_certificate_of_another_authority_refused(self):
        before = closed_counter(self.server(), "certificate_refused")
        with self.assertRaises((ssl.SSLError, ConnectionError, AssertionError, TypeError)):
            wire.Link(self.port(), self.foreign_identity(), self.server_name()).challenge()
        self.expect_closed("certificate-refused", before, told=False)

    def test_old_tls_refused(self):
        with self.assertRaises((ssl.SSLError, ConnectionError, ValueError)):
            wire.Link(self.port(), self.identity(), self.server_name(),
                      versions=ssl.TLSVersion.TLSv1_1)

    # --- frames --------------------------------------------------------------------------------

    def test_oversized_frame_closed_before_its_bytes(self):
        self.attack("frame-too-large", raw=struct.pack(">I", TOO_LARGE))
        self.attack("frame-too-large", raw=b"\xff\xff\xff\xff")

    def test_empty_frame_closed(self):
        self.attack("frame-malformed", raw=struct.pack(">I", 0))

    def test_garbage_closed(self):
        self.attack("frame-malformed", bytes(range(200, 256)))
        self.attack("frame-malformed", wire.envelope(wire.HELLO, b"\xff" * 40))

    def test_field_beyond_its_bound_closed(self):
        self.attack("frame-malformed", lambda nonce: wire.envelope(
            wire.HELLO, wire.fixed64(1, nonce) + wire.data(15, "x" * 4000)))

    def test_unknown_message_closed(self):
        self.attack("unknown-message", wire.envelope(UNKNOWN_FIELD, b""), before_hello=False)

    def test_reserved_message_closed(self):
        self.attack("unknown-message", wire.envelope(30, wire.number(1, 5)), before_hello=False)

    def test_truncated_frame_and_gone_nothing_stops(self):
        before = closed_counter(self.server(), "lost")
        with self.link() as link:
            nonce = link.challenge()
            link.send_raw(wire.frame(self.hello(nonce))[:11])
        wait_until(lambda: closed_counter(self.server(), "lost") > before, "the counter of lost to rise")

    def test_silence_after_half_a_frame_times_out(self):
        before = closed_counter(self.server(), "handshake_timeout")
        with wire.Link(self.port(), self.identity(), self.server_name(), deadline_s=12) as link:
            nonce = link.challenge()
            link.send_raw(wire.frame(self.hello(nonce))[:11])
            self.expect_closed("handshake-timeout", before, link=link)

    # --- messages ------------------------------------------------------------------------------

    def test_message_before_hello_closed(self):
        self.attack("unexpected-message", wire.ping(1))
        self.attack("unexpected-message", wire.record_batch([wire.sealed_record(TILL, 1, 1, 1)]))

    def test_second_hello_closed(self):
        self.attack("unexpected-message", self.hello(0), before_hello=False)

    def test_server_message_from_a_client_closed(self):
        self.attack("unexpected-message", wire.envelope(wire.WELCOME, wire.number(1, 1)))

    def test_hello_with_another_nonce_closed(self):
        self.attack("unexpected-message", lambda nonce: self.hello(nonce ^ 1))

    def test_unsupported_version_closed(self):
        self.attack("unsupported-version", lambda nonce: self.hello(nonce, versions=(9, 9)))

    def test_hello_of_another_node_closed(self):
        self.attack("identity-mismatch", lambda nonce: self.hello(nonce, node=self.node + 1))
        self.attack("identity-mismatch", lambda nonce: self.hello(nonce, incarnation=2))

    def test_many_half_open_connections_others_go_on(self):
        sockets = [socket.create_connection(("127.0.0.1", self.port()), timeout=5)
                   for _ in range(100)]
        try:
            sell_one(self)
        finally:
            for one in sockets:
                one.close()


class HostileTerminal(HostilePeers, unittest.TestCase):
    role, node = wire.ROLE_TERMINAL, HOSTILE_TILL

    def server(self):
        return FLEET.gateway

    def server_name(self):
        return f"gateway-{GATEWAY}"

    def identity(self):
        return FLEET.identity_of(f"terminal-{HOSTILE_TILL}")

    def foreign_identity(self):
        return FOREIGN.identity_of(f"terminal-{TILL}")

    def test_gateway_as_terminal_closed(self):
        before = closed_counter(self.server(), "identity_mismatch")
        with self.link(FLEET.identity_of(f"gateway-{HOSTILE_GATEWAY}")) as link:
            self.expect_closed("identity-mismatch", before, link=link)

    def test_record_of_another_terminal_closed(self):
        self.attack("record-refused", wire.record_batch([wire.sealed_record(TILL, 1, 7, 1)]),
                    before_hello=False)

    def test_record_too_short_closed(self):
        before = sum(closed_counter(self.server(), name)
                     for name in ("record_refused", "frame_malformed"))
        with self.link() as link:
            link.send(self.hello(link.challenge()))
            self.assertEqual(link.receive()[0], wire.WELCOME)
            link.send(wire.record_batch([b"short"]))
            self.assertIn(link.close_reason(), ("record-refused", "frame-malformed"))
        wait_until(lambda: sum(closed_counter(self.server(), name) for name in
                               ("record_refused", "frame_malformed")) > before, "a counter to rise")


class HostileGateway(HostilePeers, unittest.TestCase):
    role, node = wire.ROLE_GATEWAY, HOSTILE_GATEWAY

    def server(self):
        return FLEET.oa

    def server_name(self):
        return "oa-1"

    def identity(self):
        return FLEET.identity_of(f"gateway-{HOSTILE_GATEWAY}")

    def foreign_identity(self):
        return FOREIGN.identity_of(FOREIGN.gateway.name)


def sell_one(case, terminal=None):
    """A sale that earns, online, by the honest till."""
    terminal = terminal or FLEET.terminals[TILL]
    terminal.do("key cancel", "key cancel", "wait-link online 20000", deadline_s=25)
    result = terminal.earn("12.00", f"scan {CARD}")
    case.assertEqual((result["result"], result["message"]), ("approved", "approved"))
    return result


class ForgedRecords(unittest.TestCase):
    """A terminal's identity without its record key: carried by a gateway, refused by the OA."""

    def test_forged_record_never_posted_nothing_stops(self):
        with wire.Link(FLEET.gateway.listening["link_port"],
                       FLEET.identity_of(f"terminal-{HOSTILE_TILL}"), f"gateway-{GATEWAY}") as link:
            link.send(wire.hello(link.challenge(), wire.ROLE_TERMINAL, HOSTILE_TILL, 1, boot=7))
            self.assertEqual(link.receive()[0], wire.WELCOME)
            link.send(wire.record_batch(
                [wire.sealed_record(HOSTILE_TILL, 1, 7, 1, mac=b"\x5a" * 16, kind=1)]))
            # The gateway cannot judge the MAC, takes it, and passes the OA's refusal back.
            result = sell_one(self)
            FLEET.terminals[TILL].do("wait-applied 15000", deadline_s=20)
        posted = {row["place"] for row in FLEET.posted_records()}
        self.assertNotIn((HOSTILE_TILL, 1, 1), posted)
        self.assertIn((TILL, 1, int(result["receipt"].split("-")[2])), posted)


class WrongServers(unittest.TestCase):
    """The terminal's side: it does not sell its records to whoever answers."""

    def test_foreign_gateway_refused_by_the_terminal_which_says_so(self):
        FOREIGN.start_program(FOREIGN.oa)
        FOREIGN.start_program(FOREIGN.gateway)
        stranger = FLEET.clone(TILL, "terminal-stranger", {
            "gateway": {"port": FOREIGN.gateway.listening["link_port"]}})
        try:
            stranger.start()
            stranger.ready()
            events = stranger.do("wait message 15000", deadline_s=20)
            self.assertEqual(last_screen(events, "message")["message"], "certificate_refused")
            result = stranger.earn("5.00", f"scan {CARD}")
            self.assertEqual((result["result"], result["offline"]), ("approved", True))
        finally:
            stranger.kill9()
            FOREIGN.kill_all()

    def test_copied_card_second_refused_and_both_sides_say_so(self):
        first = FLEET.terminals[TILL]
        first.do("key cancel", "wait-link online 20000", deadline_s=25)
        before = closed_counter(FLEET.gateway, "identity_in_use")
        second = FLEET.clone(TILL, "terminal-copy")
        try:
            second.start()
            second.ready()
            events = second.do("wait message 20000", deadline_s=25)
            self.assertEqual(last_screen(events, "message")["message"], "identity_in_use")
            wait_until(lambda: closed_counter(FLEET.gateway, "identity_in_use") > before,
                       "the counter of identity_in_use to rise")
            self.assertIn("reason=identity_in_use", FLEET.gateway.log_text())
            refused = FLEET.gateway_client().get("/api/store/terminals")["refused"]
            self.assertIn("identity_in_use", [one["code"] for one in refused])
            sell_one(self, first)
        finally:
            second.kill9()


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
        sell_one(self)

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
        sell_one(self)
        events = self.till.do("amount 99999", f"scan {CARD}", "wait member 5000", "key redeem",
                              "keys 9999999", "key enter", deadline_s=20, errors=True)
        screens = [event for event in events if event["event"] == "screen"]
        self.assertNotIn("approved", [screen["result"] for screen in screens])
        self.assertNotEqual(screens[-1]["message"], "none")

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
        events = terminal.do("wait-link online 15000", "wait message 5000", deadline_s=25)
        self.assertEqual(last_screen(events, "message")["message"], "clock_wrong")
        terminal.do("key enter", "key cancel")
        result = sell_one(self, terminal)
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
        sell_one(self)
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
