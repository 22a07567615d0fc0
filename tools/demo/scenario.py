"""The story of `tools/run --once`, step by step: one scan, end to end, through two kill -9."""

import contextlib
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests",
                                "support"))

from process import Failure  # noqa: E402
from terminal_script import last_screen  # noqa: E402

STORY_BILL = "128.50"
REDEEM_POINTS = 50
OFFLINE_BILLS = ("20.00", "35.50", "88.00")


class Steps:
    """Prints each step when it is over: a tick, the time of day, what it took."""

    def __init__(self):
        self.begun = time.monotonic()

    @contextlib.contextmanager
    def step(self, what):
        at = time.monotonic()
        said = []
        try:
            yield said.append
        except Exception as failure:
            print(f"✗ {time.strftime('%H:%M:%S')}  {what}", flush=True)
            if not isinstance(failure, Failure):
                raise
            raise Failure(f"step: {what}\n{failure}") from failure
        took = (time.monotonic() - at) * 1000
        print(f"✓ {time.strftime('%H:%M:%S')} {took:7.0f} ms  {what}"
              f"{': ' + '; '.join(said) if said else ''}", flush=True)


def expect(what, seen, expected):
    if seen != expected:
        raise Failure(f"{what}: expected {expected!r}, seen {seen!r}")


def printed_of(terminal, start):
    return [event for event in terminal.events[start:] if event["event"] == "printed"]


def play(fleet, folder):
    """Plays the whole story on a provisioned fleet. Raises Failure at the first step that does not
    hold. `folder` gets the pictures."""
    steps = Steps()
    terminal = next(iter(fleet.terminals.values()))
    card_picture = os.path.join(folder, "member.png")
    balance = 0

    with steps.step("OA, gateway and terminal start, the terminal is online") as say:
        fleet.start()
        ready = terminal.ready()
        terminal.do("wait-link online 15000", deadline_s=20)
        say(f"terminal ready in {ready['start_ms']} ms")

    with steps.step("The office enrols a member") as say:
        enrolled = fleet.enrol("张小满", "13800138000")
        member = enrolled["member"]
        say(f"{member['name']}, card {enrolled['card']['number']}")

    with steps.step("Their QR code is drawn into a picture") as say:
        draw = subprocess.run([fleet.program("tally"), "code", "--text",
                               enrolled["card"]["qr_text"], "--out", card_picture],
                              capture_output=True, text=True, timeout=20)
        if draw.returncode != 0:
            raise Failure(f"tally code ended with {draw.returncode}: {draw.stderr.strip()}")
        say(card_picture)

    with steps.step(f"A sale of {STORY_BILL}: the scanner decodes the picture, points are earned") \
            as say:
        start = len(terminal.events)
        result = terminal.earn(STORY_BILL, f"scan-image {card_picture}")
        expect("result", (result["result"], result["message"]), ("approved", "approved"))
        expect("bill", result["bill"], 12850)
        expect("member shown", str(result["member"]["id"]), member["id"])
        if result["earned"] <= 0:
            raise Failure(f"expected points for {STORY_BILL}, seen {result['earned']}")
        scan = [event for event in terminal.events[start:] if event["event"] == "scan"][-1]
        expect("scan", (scan["source"], scan["ok"]), ("picture", True))
        balance += result["earned"]
        say(f"+{result['earned']} points, receipt {result['receipt']}, scan to approved "
            f"{(result['t_us'] - scan['t_us']) / 1000:.1f} ms until shown, cashier included")

    with steps.step("A second sale redeems part of them") as say:
        start = len(terminal.events)
        result = terminal.redeem("100.00", f"scan-image {card_picture}", REDEEM_POINTS)
        expect("result", (result["result"], result["message"]), ("approved", "approved"))
        expect("redeemed", result["redeemed"], REDEEM_POINTS)
        balance += result["earned"] - result["redeemed"]
        expect("balance on the display", result["balance"], balance)
        say(f"−{result['redeemed']} points for {result['discount'] / 100:.2f}, "
            f"+{result['earned']}, balance {balance}")

    with steps.step("The receipt is printed with its record as a QR code") as say:
        receipts = printed_of(terminal, start)
        expect("receipts printed for this sale", len(receipts), 1)
        expect("receipt number", receipts[0]["receipt"], result["receipt"])
        if not receipts[0]["qr"].startswith("TR1:"):
            raise Failure(f"expected a record code (TR1:…), seen {receipts[0]['qr'][:40]!r}")
        paper = os.path.join(folder, "receipt.png")
        terminal.do(f"paper {paper}")
        say(f"{paper}, {len(receipts[0]['qr'])} characters of code")

    with steps.step("kill -9 of the gateway; three more sales earn without it") as say:
        terminal.do("wait-applied 15000", deadline_s=20)
        fleet.gateway.kill9()
        terminal.do("wait-link offline 15000", deadline_s=20)
        earned = []
        for bill in OFFLINE_BILLS:
            result = terminal.earn(bill, f"scan-image {card_picture}")
            expect("result", (result["result"], result["offline"]), ("approved", True))
            earned.append(result["earned"])
        last_earned = earned[-1]
        balance += sum(earned)
        expect("unsynced records", terminal.state()["unsynced"], len(OFFLINE_BILLS))
        say(f"+{' +'.join(map(str, earned))} points, {len(earned)} records unsynced and counted")

    with steps.step("The gateway comes back, the queue drains to the OA") as say:
        fleet.start_program(fleet.gateway)
        terminal.do("wait-link online 30000", "wait-synced 15000", "wait-applied 15000",
                    deadline_s=65)
        expect("unsynced records", terminal.state()["unsynced"], 0)
        expect("balance at the OA", fleet.balance(member["id"]), balance)
        say(f"balance at the OA {balance}")

    with steps.step("kill -9 of the OA; it comes back") as say:
        fleet.oa.kill9()
        terminal.do("wait-link gateway 15000", deadline_s=20)
        fleet.start_program(fleet.oa)
        terminal.do("wait-link online 30000", deadline_s=35)
        expect("balance at the OA", fleet.balance(member["id"]), balance)
        say("nothing forgotten")

    with steps.step("The last sale is voided") as say:
        result = terminal.void_last()
        expect("result", (result["result"], result["message"]), ("approved", "voided"))
        balance -= last_earned
        terminal.do("wait-applied 15000", deadline_s=20)
        say(f"−{last_earned} points")

    with steps.step("Half of the sale with points comes back, found by its receipt's code") as say:
        result = terminal.refund(receipts[0]["qr"], "50.00")
        expect("result", (result["result"], result["message"]), ("approved", "refunded"))
        back = REDEEM_POINTS // 2
        expect("points given back", result["redeemed"], back)
        balance += back - result["earned"]
        terminal.do("wait-applied 15000", deadline_s=20)
        expect("balance at the OA", fleet.balance(member["id"]), balance)
        say(f"+{back} points, −{result['earned']} points, "
            f"{result['give_back'] / 100:.2f} in money")

    with steps.step("Balances, lots, history and journals agree") as say:
        shown = fleet.oa_client().get(f"/api/members/{member['id']}")["balance"]
        expect("balance", (shown["available"], shown["held"]), (balance, 0))
        lots = fleet.oa_client().get(f"/api/members/{member['id']}/lots")["lots"]
        expect("sum of lots", sum(lot["points"] for lot in lots), balance)
        history = fleet.oa_client().all_of(f"/api/members/{member['id']}/history", "lines")
        # A hold reserves what its redemption then spends: only one of the two is a change.
        expect("sum of history", sum(line["points"] for line in history
                                     if line["kind"] not in ("hold", "release")), balance)
        expect("balance after the newest line", history[0]["balance_after"], balance)
        report = fleet.audit()
        expect("points outstanding", report["points_outstanding"], balance)
        say(f"balance {balance}, {report['records']} records, audit without a breach")

    with steps.step("Everything stops cleanly"):
        fleet.stop()
    print(f"\nEvery step held: {time.monotonic() - steps.begun:.1f} s", flush=True)
