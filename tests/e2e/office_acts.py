#!/usr/bin/python3
"""Two people of the office at the real OA: adjustments, a transfer, a lost card, a merge, a record in
quarantine; what is asked wrongly is refused by name. Then the books are audited and explained."""

import argparse
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from expect import expect  # noqa: E402
from fleet import Fleet, stranger_of  # noqa: E402
from page_client import PageClient, Refused  # noqa: E402
from process import Failure  # noqa: E402

PASSWORDS = {"li": "first password", "wang": "second password"}


def set_user(fleet, name, password):
    ended = subprocess.run([fleet.program("tally-oa"), "--config", fleet.config_of("oa"), "--data",
                            fleet.data_of("oa"), "--set-user", name], input=password + "\n",
                           text=True, capture_output=True, timeout=30)
    return ended.returncode


class Office:
    """Sessions of both, each act with a key of its own."""

    def __init__(self, fleet):
        link = fleet.link_of(fleet.oa)
        self.visitor = fleet.oa_client()
        self.people = {name: PageClient.with_password(link, name, password)
                       for name, password in PASSWORDS.items()}
        self.keys = 0

    def ask(self, path, body, who="li", key=None):
        self.keys += 1
        session = self.visitor if who is None else self.people[who]
        return session.ask("POST", path, body,
                           {"Idempotency-Key": f"key-{self.keys}" if key is None else key})

    def approve(self, act, who="wang"):
        return self.people[who].post(f"/api/acts/{act['id']}/approve", {})

    def refused(self, code, work):
        try:
            answer = work()
        except Refused as refusal:
            expect("refusal", refusal.code, code)
            return
        raise Failure(f"expected {code}, got {answer}")


def acts(fleet, office):
    first = fleet.enrol("李雷", None)
    second = fleet.enrol("韩梅梅", None)
    a, b = first["member"]["id"], second["member"]["id"]
    up = {"points": 600, "expires_on": None, "issuer_store": None, "reason": "complaint 17"}

    done = office.ask(f"/api/members/{a}/adjust", up, key="once")
    expect("small adjustment", (done["state"], done["maker"], fleet.balance(a)), ("done", "li", 600))
    expect("repeat", office.ask(f"/api/members/{a}/adjust", up, key="once")["id"], done["id"])
    office.refused("key_reused", lambda: office.ask(f"/api/members/{a}/adjust",
                                                    {**up, "points": 1}, key="once"))
    office.refused("no_name", lambda: office.ask(f"/api/members/{a}/adjust", up, who=None))
    office.refused("bad_request", lambda: office.ask(f"/api/members/{a}/adjust", up, key=""))
    office.refused("bad_request", lambda: office.ask(f"/api/members/{a}/adjust", {**up, "x": 1}))
    office.refused("not_found", lambda: office.ask("/api/members/99/adjust", up))

    waits = office.ask(f"/api/members/{a}/adjust", up)
    expect("the second one of the day", (waits["state"], fleet.balance(a)), ("open", 600))
    office.refused("same_person", lambda: office.approve(waits, "li"))
    expect("open acts", [act["id"] for act in office.people["wang"].all_of("/api/acts", "acts")],
           [waits["id"]])
    expect("approved", office.approve(waits)["checker"], "wang")
    expect("balance", fleet.balance(a), 1200)
    declined = office.ask(f"/api/members/{a}/clear-points", {"to": "expired", "reason": "x"})
    office.people["wang"].post(f"/api/acts/{declined['id']}/decline", {})
    office.refused("act_decided", lambda: office.approve(declined))

    gift = office.ask(f"/api/members/{a}/transfer", {"to": b, "points": 200, "reason": "gift"})
    expect("transfer within the day's limit",
           (gift["state"], fleet.balance(a), fleet.balance(b)), ("done", 1000, 200))
    office.refused("not_enough_points", lambda: office.ask(
        f"/api/members/{b}/transfer", {"to": a, "points": 201, "reason": "gift"}))

    lost = office.ask(f"/api/members/{a}/replace-card", {
        "card": first["card"]["number"], "new_card": None, "state": "lost", "reason": "lost"})
    cards = fleet.oa_client().get(f"/api/members/{a}/cards")["cards"]
    expect("cards", sorted(card["state"] for card in cards), ["active", "lost"])
    return a, b, first["card"]["qr_text"], lost["new_card"]


def quarantine(fleet, office, member, card):
    till = fleet.terminals[101]
    # Only a till that can ask nobody takes a card that nobody has.
    fleet.gateway.kill9()
    stray = till.earn("37.75", f"scan {stranger_of(card)}")
    fleet.start_program(fleet.gateway)
    till.do("wait-applied 15000", deadline_s=20)
    entry = fleet.oa_client().get("/api/quarantine")["entries"][0]
    expect("receipt", entry["receipt"], stray["receipt"])
    path = f"/api/quarantine/{entry['id']}/decide"
    body = {"decision": "post", "member": member, "points": 30, "reason": "slip seen"}
    office.refused("still_refused", lambda: office.ask(path, {**body, "member": None}))
    act = office.ask(path, body)
    expect("decision waits", act["state"], "open")
    office.approve(act)
    expect("open", fleet.oa_client().get("/api/quarantine")["entries"], [])
    decided = fleet.oa_client().get("/api/quarantine?state=decided")["entries"]
    expect("decided", decided[0]["act"], act["id"])
    office.refused("not_waiting", lambda: office.ask(path, body))
    return stray["receipt"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--bin", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tally-office-") as root:
        fleet = Fleet(arguments.bin, root)
        try:
            fleet.provision()
            fleet.start()
            till = fleet.terminals[101]
            till.do("wait-link online 15000", deadline_s=20)
            for name, password in PASSWORDS.items():
                expect("set-user", set_user(fleet, name, password), 0)
            expect("short password", set_user(fleet, "zhao", "short"), 2)
            office = Office(fleet)
            a, b, old_card, _ = acts(fleet, office)
            before = fleet.balance(a)
            earned = till.earn("12.00", f"scan {old_card}")
            till.do("wait-applied 15000", deadline_s=20)
            expect("the lost card still earns", fleet.balance(a), before + earned["earned"])
            receipt = quarantine(fleet, office, a, old_card)
            merge = office.ask(f"/api/members/{a}/merge", {"into": b, "reason": "one person"})
            total = fleet.balance(a) + fleet.balance(b)
            office.approve(merge)
            expect("merged", (fleet.balance(a), fleet.balance(b)), (0, total))
            office.refused("member_merged", lambda: office.ask(
                f"/api/members/{a}/clear-points", {"to": "expired", "reason": "x"}))
            told = fleet.tally("explain", receipt, "--language", "en", "--oa",
                               os.path.join(fleet.data_of("oa"), "ledger.db"))
            for words in ("Why 37 points", "maker li, checker wang", "slip seen", ": 30 points"):
                if words not in told:
                    raise Failure(f"tally explain does not say {words!r}:\n{told}")
            state = json.loads(fleet.tally("explain", receipt, "--json", "--oa",
                                           os.path.join(fleet.data_of("oa"), "ledger.db")))["state"]
            expect("state", state, "posted")
            fleet.audit()
            fleet.stop()
        except (Failure, Refused) as failure:
            sys.exit(f"{failure}\n{fleet.describe()}")
        finally:
            fleet.kill_all()
    print("two people did what one must not, and the books agree")


if __name__ == "__main__":
    main()
