#!/usr/bin/python3
"""Members on a real gateway while nobody can ask the OA, and one of them erased while that gateway is
away: open until it has acknowledged, then unknown there, and nothing of the person in any file."""

import argparse
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from expect import expect, wait_until  # noqa: E402
from fleet import GATEWAY, Fleet, open_database, stranger_of  # noqa: E402
from process import Failure  # noqa: E402
from terminal_script import last_screen  # noqa: E402

PHONE = "13855552222"
TILL_PHONE = "13966667777"
TILL_PHONE_MASKED = "139****7777"


class Store:
    """Each till that has met a member remembers them for some days: whoever asks the gateway anew is
    another till."""

    def __init__(self, fleet):
        self.fleet = fleet
        self.till = fleet.terminals[101]

    def start(self):
        self.fleet.provision()
        self.fleet.start()
        self.wait_link("online")

    def wait_link(self, state):
        for till in self.fleet.terminals.values():
            till.do(f"wait-link {state} 20000", deadline_s=25)

    def all_synced(self):
        """The gateway's directory has everything the OA has."""
        with open_database(self.path("oa", "ledger.db")) as ledger:
            newest = ledger.execute("SELECT generation << 40 | "
                                    "(SELECT max(directory_version) FROM member) FROM counter").fetchone()[0]
        with open_database(self.path(self.fleet.gateway.name, "directory.db")) as directory:
            return directory.execute("SELECT version FROM node").fetchone()[0] == newest

    def path(self, program, name):
        return os.path.join(self.fleet.data_of(program), name)

    def oa_goes(self):
        self.fleet.oa.kill9()
        self.wait_link("gateway")

    def oa_comes_back(self):
        self.fleet.start_program(self.fleet.oa)
        self.wait_link("online")

    def gateway_comes_back(self):
        self.fleet.start_program(self.fleet.gateway)
        self.wait_link("online")

    def look_up(self, code, till):
        """What a till shows of a card's member; nothing is sold."""
        events = self.fleet.terminals[till].do("amount 10.00", f"scan {code}", "wait member 6000", "key cancel",
                              "wait idle 2000")
        return last_screen(events, "member")["member"]

    def erase(self, member):
        return self.fleet.oa_client().post(f"/api/members/{member}/erase",
                                           {"reason": "asked by letter"})

    def erasure(self, member):
        for row in self.fleet.oa_client().get("/api/erasures")["erasures"]:
            if row["member"] == member:
                return row["state"], row["open_gateways"]
        raise Failure(f"nobody knows that member {member} was erased")

    def files_with(self, program, *texts):
        """Files of a program's data that contain one of these."""
        found = []
        for folder, _, names in os.walk(self.fleet.data_of(program)):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    held = file.read()
                for text in texts:
                    if (text if isinstance(text, bytes) else text.encode()) in held:
                        found.append(f"{name}: {text}")
        return found


def known_offline(store, member, other):
    """A terminal asks for a member while nobody can ask the OA."""
    store.till.earn("88.00", f"scan {member['code']}")
    store.till.do("wait-applied 15000", deadline_s=20)
    wait_until("the gateway has the members", store.all_synced)
    store.oa_goes()
    seen = store.look_up(member["code"], 102)
    expect("who it is", (seen["looked_up"], seen["name"], seen["available"]), (True, "欧***", 88))
    expect("the other", store.look_up(other["code"], 102)["looked_up"], True)
    store.oa_comes_back()


def erased_while_away(store, member, other):
    store.fleet.gateway.kill9()
    answer = store.erase(member["id"])
    expect("name", answer["name"], "")
    expect("erasure", store.erasure(member["id"]), ("open", [GATEWAY]))
    with open_database(store.path("oa", "ledger.db")) as ledger:
        expect("personal rows", ledger.execute("SELECT count(*) FROM person WHERE member = ?",
                                               (int(member["id"]),)).fetchone()[0], 0)
    expect("balance, the ledger's", store.fleet.balance(member["id"]), 88)
    # The gateway comes back and nobody can ask the OA: it cannot know yet, and nobody says it does.
    store.fleet.oa.kill9()
    store.fleet.start_program(store.fleet.gateway)
    store.wait_link("gateway")
    expect("not told yet", store.look_up(member["code"], 103)["looked_up"], True)
    store.oa_comes_back()
    wait_until("the gateway has acknowledged",
               lambda: store.erasure(member["id"]) == ("done", []))
    # A till forgets whom it has met when it hears so.
    refused = store.till.do("amount 10.00", f"scan {member['code']}", "wait message 6000", "key cancel",
                            "wait idle 2000")
    expect("at a till, online", last_screen(refused, "message")["message"], "member_frozen")
    store.oa_goes()
    for till in (101, 104):
        expect(f"erased, at till {till}", store.look_up(member["code"], till)["looked_up"], False)
        expect("the other", store.look_up(other["code"], till)["looked_up"], True)
    for program in ("oa", store.fleet.gateway.name):
        expect(f"what is left at {program}", store.files_with(program, PHONE, "欧阳"), [])
    store.oa_comes_back()


def enrol_at_till(store, card):
    """Somebody gets a card at the till while it can ask nobody; the phone number goes sealed."""
    store.fleet.gateway.kill9()
    store.till.do("wait-link offline 15000", "amount 30.00", f"scan {card}", "wait member 6000", "key up",
                  "wait enrol 2000", f"keys {TILL_PHONE}", "key enter", "wait result 6000", "key enter",
                  "wait idle 2000", deadline_s=40)
    store.gateway_comes_back()
    store.till.do("wait-applied 15000", deadline_s=20)
    found = store.fleet.oa_client().get(f"/api/members?query={card}")["members"]
    expect("members with the card", len(found), 1)
    phone = store.fleet.oa_client().post(f"/api/members/{found[0]['id']}/reveal",
                                         {"reason": "asked"})["phone"]
    expect("phone the OA opened", phone, TILL_PHONE)
    return found[0]["id"]


def erased_who_enrolled_at_a_till(store, member):
    with open_database(store.path("oa", "ledger.db")) as ledger:
        sealed = ledger.execute("SELECT sealed FROM raw_record WHERE kind = 6").fetchone()[0]
    # The key with which the sealed fields begin: 0x04 and the point's coordinates (docs/formats/directory.md).
    at = sealed.index(TILL_PHONE_MASKED.encode()) + len(TILL_PHONE_MASKED)
    key = sealed[at + 8:at + 40]
    expect("sealed fields at the OA, before", bool(store.files_with("oa", key)), True)
    store.erase(member)
    wait_until("the gateway has acknowledged", lambda: store.erasure(member) == ("done", []))
    for program in ("oa", store.fleet.gateway.name, "terminal-101"):
        expect(f"what is left at {program}", store.files_with(program, TILL_PHONE), [])
    expect("sealed at the OA", store.files_with("oa", key, TILL_PHONE_MASKED), [])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--bin", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tally-erasure-") as root:
        fleet = Fleet(arguments.bin, root, terminals=(101, 102, 103, 104))
        store = Store(fleet)
        try:
            store.start()
            enrolled = [fleet.enrol("欧阳明月", PHONE), fleet.enrol("李雷", None)]
            member, other = ({"id": one["member"]["id"], "code": one["card"]["qr_text"]}
                             for one in enrolled)
            known_offline(store, member, other)
            erased_while_away(store, member, other)
            newcomer = enrol_at_till(store, stranger_of(other["code"]))
            erased_who_enrolled_at_a_till(store, newcomer)
            fleet.audit()
            fleet.tally("audit", "--replay", "--oa", store.path("oa", "ledger.db"))
            fleet.stop()
        except Failure as failure:
            sys.exit(f"{failure}\n{fleet.describe()}")
        finally:
            fleet.kill_all()
    print("who was erased is gone everywhere, and nobody said so before it was")


if __name__ == "__main__":
    main()
