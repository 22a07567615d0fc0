#!/usr/bin/python3
"""What no peer of good will does, against the three real programs.

That connection closes with a named reason in the log and a counter, and nothing else stops.
"""

import argparse
import os
import socket
import ssl
import struct
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from attacked_store import (  # noqa: E402
    AttackedStore, HOSTILE_GATEWAY, HOSTILE_TILL, TILL, closed_counter, wait_until)
from fleet import GATEWAY  # noqa: E402
import wire  # noqa: E402

BIN = None
TOO_LARGE = wire.FRAME_PAYLOAD_MAX + 1
UNKNOWN_FIELD = 999


def setUpModule():
    global STORE, FLEET, CARD, FOREIGN
    STORE = AttackedStore(BIN)
    FLEET, CARD, FOREIGN = STORE.fleet, STORE.card, STORE.foreign


def tearDownModule():
    STORE.end()


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
            STORE.sell_one(self)
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
            result = STORE.sell_one(self)
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
            self.assertEqual(stranger.message(), "certificate_refused")
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
            self.assertEqual(second.message(20_000), "identity_in_use")
            wait_until(lambda: closed_counter(FLEET.gateway, "identity_in_use") > before,
                       "the counter of identity_in_use to rise")
            self.assertIn("reason=identity_in_use", FLEET.gateway.log_text())
            refused = FLEET.gateway_client().get("/api/store/terminals")["refused"]
            self.assertIn("identity_in_use", [one["code"] for one in refused])
            STORE.sell_one(self, first)
        finally:
            second.kill9()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--bin", required=True)
    known, rest = parser.parse_known_args()
    BIN = os.path.abspath(known.bin)
    unittest.main(argv=[sys.argv[0], *rest])
