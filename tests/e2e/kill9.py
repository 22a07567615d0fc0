#!/usr/bin/python3
"""kill -9 of any of the three programs at random moments of scripted sales, round after round.

After each round everything is started, the queues drain, and two things are asked: `tally audit`
must be clean, and an oracle of our own must agree: what a cashier saw approved is posted exactly
once; what is posted and was not seen was reversed by its terminal, or carries the shown mark (the
kill came between the mark and the line that would have told us).

The seed decides sales and kills; the programs' own timing is not ours, so a seed repeats a plan,
not an execution.
"""

import argparse
import os
import random
import sqlite3
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from fleet import Fleet  # noqa: E402
from process import Died, Failure  # noqa: E402
import wire  # noqa: E402

RECOVERY_DEADLINE_S = 60
MEMBERS = 8
REDEEM_MIN, REDEEM_STEP = 50, 10  # of the base program (core/program/program.hpp)


class Till(threading.Thread):
    """One cashier: sells, voids, cancels; starts the terminal again when it was killed."""

    def __init__(self, terminal, cards, sales, seed):
        super().__init__(name=terminal.name)
        self.terminal = terminal
        self.cards = cards
        self.sales = sales
        self.random = random.Random(seed)
        self.shown = []     # screens that said approved
        self.declined = {}  # message → count
        self.deaths = 0
        self.done = 0
        self.failure = None
        self._read = len(terminal.events)

    def run(self):
        try:
            for _ in range(self.sales):
                self._one_sale()
                self.done += 1
        except Exception as failure:  # noqa: BLE001  handed to the main thread
            self.failure = failure

    def _one_sale(self):
        try:
            self._sell(self.random.random())
            # Whatever screen a refusal or a notice left: the next sale begins at the first one.
            if self.terminal.screen() != "idle":
                self._do("key cancel", "key cancel", "key enter", "key cancel")
        except Died:
            self._harvest()
            self.deaths += 1
            self.revive()

    def _sell(self, kind):
        member = self._do(f"amount {self.random.randrange(10, 100)}",
                          f"scan {self.random.choice(self.cards)}", "wait member 3000")
        if member["screen"] != "member" or kind < 0.05:
            self._do("key cancel")
            return
        choice = []
        if kind < 0.30 and member["redeem_max"] >= REDEEM_MIN:
            steps = min(member["redeem_max"] - REDEEM_MIN, 100) // REDEEM_STEP
            points = REDEEM_MIN + REDEEM_STEP * self.random.randint(0, steps)
            choice = ["key redeem", "wait redeem 1000", f"keys {points}"]
        result = self._do(*choice, "key enter", "wait result 8000", "key enter")
        if result["screen"] == "idle" and kind > 0.93:
            self._do("key void", "wait void_pick 1000", "key enter", "wait result 8000", "key enter")

    def _do(self, *lines):
        """Carries out lines, takes note of what was shown, gives the last screen."""
        self.terminal.do(*lines, deadline_s=60, errors=True)
        self._harvest()
        return self.terminal.last_screen()

    def revive(self):
        """Starts the terminal that died. It may still be dying: kill9() waits for its end."""
        with self.terminal.life:
            self.terminal.kill9()
            self._harvest()
            self._read = 0
            self.terminal.start()
        try:
            self.terminal.ready(RECOVERY_DEADLINE_S)
        except Died:
            self.deaths += 1
            self.revive()

    def _harvest(self):
        events = self.terminal.events
        while self._read < len(events):
            event = events[self._read]
            self._read += 1
            if event.get("event") != "screen" or event["screen"] != "result":
                continue
            if event["result"] == "approved":
                if not self.shown or self.shown[-1]["receipt"] != event["receipt"]:
                    self.shown.append(event)
            else:
                self.declined[event["message"]] = self.declined.get(event["message"], 0) + 1


class Chaos(threading.Thread):
    """Kills one of the programs now and then, and starts gateway and OA again."""

    def __init__(self, fleet, tills, kills, seed):
        super().__init__(name="chaos")
        self.fleet = fleet
        self.tills = tills
        self.random = random.Random(seed)
        total = sum(till.sales for till in tills)
        self.moments = sorted(self.random.randrange(total) for _ in range(kills))
        self.killed = {"oa": 0, "gateway": 0, "terminal": 0}
        self.failure = None
        self.ended = threading.Event()

    def run(self):
        try:
            for moment in self.moments:
                while sum(till.done for till in self.tills) < moment:
                    if not any(till.is_alive() for till in self.tills) or self.ended.wait(0.001):
                        return
                # Anywhere inside the sale, not at its edge.
                self.ended.wait(self.random.random() * 0.030)
                self._kill(self.random.choice(["oa", "gateway", "terminal"]))
        except Exception as failure:  # noqa: BLE001
            self.failure = failure

    def _kill(self, which):
        self.killed[which] += 1
        if which == "terminal":
            terminal = self.random.choice(self.tills).terminal
            with terminal.life:
                if terminal.running:
                    terminal.popen.kill()
            return
        program = self.fleet.oa if which == "oa" else self.fleet.gateway
        program.kill9()
        if self.random.random() < 0.5:
            # A while without it, so that some sales are made into the gap.
            self.ended.wait(self.random.random() * 0.3)
        self.fleet.start_program(program)


class Oracle:
    """What the books must say, from what cashiers saw and from the terminals' own journals."""

    def __init__(self, fleet):
        self.fleet = fleet
        self.checked = {}   # terminal → last seq that was judged
        self.effects = {}   # place of an accrual or redemption → points it gave the member
        self.expected = 0   # points that all members together must have

    def check(self, shown):
        """Judges everything since the last call. Returns the counts; Failure names what is wrong."""
        problems = []
        posted = self.fleet.posted_records()
        counts = {"shown": len(shown), "posted": 0, "reversed": 0, "marked_unseen": 0}
        by_place = {}
        for row in posted:
            if row["place"] in by_place:
                problems.append(f"posted twice: {name_of(row['place'])}")
            by_place[row["place"]] = row
        journals = {}
        for number in self.fleet.terminals:
            journals.update(journal_of(self.fleet.journal_path(number)))
        fresh = {place: row for place, row in journals.items()
                 if place[2] > self.checked.get(place[0], 0)}

        cancelled = {}
        for row in fresh.values():
            if row["kind"] in ("void", "reversal") and row["original"]:
                cancelled.setdefault(row["original"], []).append(row)

        seen_sales = set()
        for event in shown:
            place = place_of(event["receipt"])
            row = journals.get(place)
            if row is None:
                problems.append(f"shown, but not in the terminal's journal: {event['receipt']}")
                continue
            seen_sales.add(row["sale"])
            if place not in by_place:
                problems.append(f"shown as approved, not posted: {event['receipt']}")
            if event["message"] == "voided":
                continue
            parts = [other for other in fresh.values()
                     if other["sale"] == row["sale"] and other["kind"] in ("accrual", "redemption")]
            for kind, said in (("accrual", event["earned"]), ("redemption", event["redeemed"])):
                booked = sum(other["points"] for other in parts if other["kind"] == kind)
                if booked != said:
                    problems.append(f"{event['receipt']}: {kind} shown {said}, booked {booked}")
            for other in parts:
                if other["place"] not in by_place:
                    problems.append(f"part of a shown sale not posted: {name_of(other['place'])}")
                for undo in cancelled.get(other["place"], []):
                    if undo["kind"] == "reversal":
                        problems.append(f"shown and yet reversed: {name_of(other['place'])}")

        for place, row in fresh.items():
            if place not in by_place:
                problems.append(f"in the journal, not posted: {name_of(place)} {row['kind']}")
            else:
                counts["posted"] += 1
            if row["kind"] not in ("accrual", "redemption") or row["sale"] in seen_sales:
                continue
            undone = any(undo["kind"] == "reversal" for undo in cancelled.get(place, []))
            if undone:
                counts["reversed"] += 1
            elif row["shown"]:
                counts["marked_unseen"] += 1
            else:
                problems.append(f"nobody saw it, it has no mark and was not reversed: {name_of(place)}")

        known = set(journals)
        for place in by_place:
            if place[2] > self.checked.get(place[0], 0) and place not in known:
                problems.append(f"posted, but no terminal has it: {name_of(place)}")
        self._balance(fresh, problems)
        for place in fresh:
            self.checked[place[0]] = max(self.checked.get(place[0], 0), place[2])
        if problems:
            more = f"\n… and {len(problems) - 20} more" if len(problems) > 20 else ""
            raise Failure("\n".join(problems[:20]) + more)
        return counts


    def _balance(self, fresh, problems):
        """All points that members have, hold, owe or owe through a store, against the journals."""
        for place, row in sorted(fresh.items()):
            if row["kind"] in ("accrual", "redemption"):
                self.effects[place] = row["points"] * (1 if row["kind"] == "accrual" else -1)
                self.expected += self.effects[place]
            elif row["original"]:
                self.expected -= self.effects.pop(row["original"], 0)
        booked = self.fleet.points_of_members()
        if booked != self.expected:
            problems.append(f"members have {booked} points in all, the journals say {self.expected}")


def place_of(receipt):
    terminal, incarnation, seq = receipt.split("-")
    return int(terminal), int(incarnation), int(seq)


def name_of(place):
    return "-".join(str(number) for number in place)


def journal_of(path):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = {}
        for shown, sealed in database.execute("SELECT shown, sealed FROM record"):
            row = wire.open_record(sealed)
            row["shown"] = bool(shown)
            rows[row["place"]] = row
        return rows
    finally:
        database.close()


def play_round(fleet, oracle, tills, kills, seed):
    chaos = Chaos(fleet, tills, kills, seed)
    for till in tills:
        till.start()
    chaos.start()
    for till in tills:
        till.join()
    chaos.ended.set()
    chaos.join()
    for thread in [*tills, chaos]:
        if thread.failure:
            raise thread.failure
    for program in (fleet.oa, fleet.gateway):
        if not program.running:
            fleet.start_program(program)
    for till in tills:
        if not till.terminal.running:
            till.revive()
        till.terminal.do(f"wait-applied {RECOVERY_DEADLINE_S * 1000}",
                         deadline_s=RECOVERY_DEADLINE_S + 5)
    report = fleet.audit()
    counts = oracle.check([event for till in tills for event in till.shown])
    return chaos.killed, counts, report


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--bin", required=True, help="folder of the programs")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--sales", type=int, default=1000, help="a round, over all terminals")
    parser.add_argument("--kills", type=int, default=12, help="a round")
    parser.add_argument("--terminals", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="keep the data of a failed run")
    arguments = parser.parse_args()

    if arguments.sales // arguments.terminals > 600:
        parser.error("a terminal keeps 1,000 applied records: use more terminals for so many sales")
    root = tempfile.mkdtemp(prefix="tally-kill9-")
    fleet = Fleet(arguments.bin, root, terminals=[101 + i for i in range(arguments.terminals)])
    # Small pictures: the time goes into sales, not into pixels.
    for terminal in fleet.terminals.values():
        fleet.extra[terminal.name] = {"display": {"width": 240, "height": 240},
                                  "printer": {"dots_per_line": 256}}
    begun = time.monotonic()
    try:
        fleet.provision()
        fleet.start()
        cards = [fleet.enrol(f"会员{i}", None)["card"]["qr_text"] for i in range(MEMBERS)]
        oracle = Oracle(fleet)
        for number in range(1, arguments.rounds + 1):
            at = time.monotonic()
            seed = arguments.seed * 1000 + number
            tills = [Till(terminal, cards, arguments.sales // arguments.terminals, f"{seed}/{name}")
                     for name, terminal in fleet.terminals.items()]
            killed, counts, report = play_round(fleet, oracle, tills, arguments.kills, seed)
            declined = {}
            for till in tills:
                for message, count in till.declined.items():
                    declined[message] = declined.get(message, 0) + count
            print(f"round {number:2} (seed {seed}): killed oa {killed['oa']}, gateway "
                  f"{killed['gateway']}, terminal {killed['terminal']}; {counts['shown']} shown, "
                  f"{counts['posted']} records, {counts['reversed']} reversed unseen, "
                  f"{counts['marked_unseen']} marked but unheard; declined {declined or 'none'}; "
                  f"audit ok, {report['records']} records in all; "
                  f"{time.monotonic() - at:.1f} s", flush=True)
        fleet.stop()
    except Failure as failure:
        print(fleet.describe(), file=sys.stderr)
        fleet.kill_all()
        print(f"\nFAILED after {time.monotonic() - begun:.1f} s: {failure}\ndata and logs: {root}",
              file=sys.stderr)
        sys.exit(1)
    except BaseException:
        fleet.kill_all()
        print(f"data and logs: {root}", file=sys.stderr)
        raise
    fleet.remove()
    print(f"{arguments.rounds} rounds of {arguments.sales} sales in "
          f"{time.monotonic() - begun:.0f} s: nothing lost, nothing doubled")


if __name__ == "__main__":
    main()
