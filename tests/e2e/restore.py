#!/usr/bin/python3
"""The OA is destroyed and restored from yesterday's back-up: the gateway sends again what came
after it, nothing is lost, nothing doubled, and nothing is granted before that."""

import argparse
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from expect import expect, wait_until  # noqa: E402
from fleet import GATEWAY, Fleet, open_database  # noqa: E402
from process import Failure  # noqa: E402

UNKNOWN_CARD = 1


class Store:
    """What the test asks of a fleet and its databases."""

    def __init__(self, fleet):
        self.fleet = fleet
        self.till = fleet.terminals[101]
        self.oa_data = fleet.data_of("oa")

    def row(self, path, sql):
        with open_database(path) as database:
            return database.execute(sql).fetchone()

    def ledger(self, sql):
        return self.row(os.path.join(self.oa_data, "ledger.db"), sql)[0]

    def stream(self, column):
        path = os.path.join(self.fleet.data_of(self.fleet.gateway.name), "journal.db")
        return self.row(path, f"SELECT {column} FROM stream WHERE terminal = 101")[0]

    def stamp_at_gateway(self):
        path = os.path.join(self.fleet.data_of(self.fleet.gateway.name), "journal.db")
        return self.row(path, "SELECT ledger_stamp FROM node")[0]

    def head(self):
        return self.row(self.fleet.journal_path(101), "SELECT head_seq FROM node")[0]

    def all_at_the_oa(self):
        return self.ledger("SELECT coalesce(max(seq), 0) FROM cursor WHERE terminal = 101") == \
            self.head()

    def postings(self):
        """Of each record: what the ledger made of it, whatever numbers its rows have."""
        with open_database(os.path.join(self.oa_data, "ledger.db")) as database:
            return sorted(database.execute(
                "SELECT seq, boot, kind, points FROM txn WHERE terminal IS NOT NULL"))

    def seqs_of(self, member):
        with open_database(os.path.join(self.oa_data, "ledger.db")) as database:
            return sorted(seq for (seq,) in database.execute(
                "SELECT seq FROM txn WHERE terminal = 101 AND member = ?", (member,)))


def yesterday(store, backup):
    """Sales, then a back-up of the running OA, then the gateway hears what is archived."""
    fleet, till = store.fleet, store.till
    till.do("wait-link online 15000", deadline_s=20)
    member = fleet.enrol("李雷", None)
    code = member["card"]["qr_text"]
    till.earn("1280.00", f"scan {code}")
    till.redeem("100.00", f"scan {code}", 60)
    till.do("wait-applied 15000", deadline_s=20)
    printed = fleet.tally("oa", "backup", "--data", store.oa_data, "--to", backup)
    if "ok" not in printed:
        raise Failure(f"the back-up says: {printed}")
    archived = store.head()
    wait_until("ARCHIVED at the gateway", lambda: store.stream("archived_seq") == archived)
    return member, code


def today(store, code):
    """What the back-up does not have: more sales, a redemption by a hold, a void, a new member."""
    fleet, till = store.fleet, store.till
    till.earn("200.00", f"scan {code}")
    till.redeem("150.00", f"scan {code}", 50)
    till.earn("30.00", f"scan {code}")
    till.void_last()
    newcomer = fleet.enrol("韩梅梅", None)
    till.earn("60.00", f"scan {newcomer['card']['qr_text']}")
    till.do("wait-applied 15000", deadline_s=20)
    return newcomer


def destroy(store):
    """The machine burns; identity and master key are kept elsewhere, as docs/operating.md asks."""
    store.fleet.oa.kill9()
    for name in os.listdir(store.oa_data):
        if name.startswith("ledger.db"):
            os.remove(os.path.join(store.oa_data, name))


def check_restored(store, member, code, newcomer, before):
    fleet, till = store.fleet, store.till
    wait_until("everything is at the OA again", store.all_at_the_oa, 30.0)
    stamp = store.ledger("SELECT max(at_us) / 1000000 FROM restored")
    wait_until("the gateway has said so", lambda: store.stamp_at_gateway() == stamp)
    till.do("wait-applied 15000", deadline_s=20)

    expect("balance", fleet.balance(member["member"]["id"]), before["balance"])
    old = [row for row in store.postings() if row[0] <= before["head"]]
    expect("postings", old,
           [row for row in before["postings"] if row[0] not in before["newcomer_seqs"]])
    expect("records", store.ledger("SELECT count(*) FROM raw_record"), store.head())
    # The enrolment was the office's and is gone: what the newcomer earned waits for the card.
    waiting = [row["place"][2] for row in fleet.posted_records()
               if row["in"] == "quarantine" and row["reason"] == UNKNOWN_CARD]
    expect("waiting for the lost card", sorted(waiting), before["newcomer_seqs"])
    # Life goes on: points are granted again, to the last one.
    redeemed = till.redeem("900.00", f"scan {code}", before["balance"] // 10 * 10)
    expect("redeemed", redeemed["message"], "approved")
    till.do("wait-applied 15000", deadline_s=20)
    fleet.audit()


def run(bin_dir, root):
    fleet = Fleet(bin_dir, root)
    backup = os.path.join(root, "yesterday.db")
    try:
        fleet.provision()
        fleet.start()
        store = Store(fleet)
        member, code = yesterday(store, backup)
        newcomer = today(store, code)
        before = {
            "head": store.head(),
            "balance": fleet.balance(member["member"]["id"]),
            "postings": store.postings(),
            "newcomer_seqs": store.seqs_of(newcomer["member"]["id"]),
        }
        fleet.audit()
        destroy(store)
        # A sale while there is no OA at all.
        offline = store.till.earn("80.00", f"scan {code}")
        before["balance"] += offline["earned"]
        fleet.tally("oa", "restore", "--data", store.oa_data, "--from", backup)
        fleet.start_program(fleet.oa)
        check_restored(store, member, code, newcomer, before)
        fleet.stop()
    finally:
        fleet.kill_all()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--bin", required=True)
    arguments = parser.parse_args()
    root = tempfile.mkdtemp(prefix="tally-restore-")
    try:
        run(arguments.bin, root)
    except Failure as failure:
        sys.exit(f"{failure}\nkept: {root}")
    shutil.rmtree(root)
    print(f"gateway {GATEWAY} refilled an OA that was restored to yesterday: 0 lost, 0 doubled")


if __name__ == "__main__":
    main()
