"""A store that somebody attacks: three honest programs, a customer with a card, identities of ours
whose keys somebody hostile got hold of, and an authority of somebody else's with the same names.

The ground of tests/e2e/bad_input.py and tests/e2e/hostile_peers.py.
"""

import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from fleet import Fleet  # noqa: E402
from page_client import plain_get  # noqa: E402
from process import Failure  # noqa: E402

TILL, HOSTILE_TILL, HOSTILE_GATEWAY = 101, 109, 19


class AttackedStore:
    def __init__(self, bin_dir):
        root = tempfile.mkdtemp(prefix="tally-bad-input-")
        self.fleet = Fleet(bin_dir, root, terminals=[TILL])
        self.fleet.provision()
        # Identities of ours whose keys somebody hostile got hold of.
        self.fleet.enrol_device(f"terminal-{HOSTILE_TILL}", "terminal", HOSTILE_TILL)
        self.fleet.enrol_device(f"gateway-{HOSTILE_GATEWAY}", "gateway", HOSTILE_GATEWAY)
        # And an authority of somebody else's, with the same names.
        self.foreign = Fleet(bin_dir, os.path.join(root, "foreign"), terminals=[TILL])
        self.foreign.provision()
        self.fleet.start()
        self.fleet.terminals[TILL].do("wait-link online 15000", deadline_s=20)
        enrolled = self.fleet.enrol("王小明", None)
        self.card, self.member = enrolled["card"]["qr_text"], enrolled["member"]["id"]

    def end(self):
        self.fleet.kill_all()
        if "-k" in sys.argv:
            print(f"kept: {self.fleet.root}", file=sys.stderr)
        else:
            self.fleet.remove()

    def sell_one(self, case, terminal=None):
        """A sale that earns, online, by the honest till."""
        terminal = terminal or self.fleet.terminals[TILL]
        terminal.do("key cancel", "key cancel", "wait-link online 20000", deadline_s=25)
        result = terminal.earn("12.00", f"scan {self.card}")
        case.assertEqual((result["result"], result["message"]), ("approved", "approved"))
        return result


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
