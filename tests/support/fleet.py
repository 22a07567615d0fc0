#!/usr/bin/python3
"""A store with real programs: certificates, OA, gateway, terminals; started, killed, restarted, asked.

Used by tools/demo, tests/e2e and tests/browser. Everything lies below one folder:

    ROOT/ca/            the certificate authority (made by `tally provision`)
    ROOT/oa/            data of the OA              ROOT/logs/NAME.log   log of each program, all its lives
    ROOT/gateway-11/    data of the gateway         ROOT/NAME.toml       its configuration
    ROOT/terminal-101/  data of a terminal

Ports: 0 in the configuration, until the program has said what it got; then that one is written
down, so that a restart is found where the others look for it.

With --hold this file is a program: it starts a store in a temporary directory, prints one line of
JSON with the links, and stops everything when standard input closes.
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from page_client import PageClient  # noqa: E402
from process import Failure, Process  # noqa: E402
from terminal_script import ScriptedTerminal  # noqa: E402

SOURCE = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
START_DEADLINE_S = 30.0
GATEWAY, STORE = 11, 1
DEVICE_DAYS = 3650  # A demo store is opened again after months, and nobody is there to renew.


class Fleet:
    """Thread rule: one thread starts and stops; others may use the terminals they were given."""

    def __init__(self, bin_dir, root, web=None, terminals=(101,), scripted=True, ports=None):
        """`web`: folder of the built pages. `scripted`: terminals are driven by us; otherwise they
        serve their page. `ports`: wanted port by "program.section", when it is free."""
        self.bin = os.path.abspath(bin_dir)
        self.root = os.path.abspath(root)
        self.web = os.path.abspath(web) if web and os.path.isdir(web) else None
        self.scripted = scripted
        self.wanted_ports = ports or {}
        self.extra = {}  # program → {section: {key: value}} on top of what it gets anyway
        self._ports = {}
        self.logs = os.path.join(self.root, "logs")
        self.oa = self._process("oa", "tally-oa")
        self.gateway = self._process(f"gateway-{GATEWAY}", "tally-gateway")
        self.terminals = {number: self._process(f"terminal-{number}", "tally-terminal")
                          for number in terminals}
        self._client = (0, None)  # start of the OA it belongs to, session
        self._gateway_client = (0, None)

    # --- folders ------------------------------------------------------------------------------

    def program(self, name):
        return os.path.join(self.bin, name)

    def data_of(self, name):
        return os.path.join(self.root, name)

    def config_of(self, name):
        return os.path.join(self.root, f"{name}.toml")

    def _process(self, name, program):
        command = [self.program(program), "--config", self.config_of(name),
                   "--data", self.data_of(name)]
        log = os.path.join(self.logs, f"{name}.log")
        if program == "tally-terminal":
            command += ["--hal", "sim"]
            if self.scripted:
                return ScriptedTerminal(name, command, log)
        return Process(name, command, log)

    def exists(self):
        return os.path.isdir(os.path.join(self.root, "ca"))

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)

    # --- identities -----------------------------------------------------------------------------

    def provision(self):
        """Makes the authority and enrols everybody, as the office and the technician do."""
        self.tally("provision", "init", "--ca", self.data_of("ca"))
        self.enrol_device("oa", "oa", 1, ["oa-record-key"])
        self.enrol_device(self.gateway.name, "gateway", GATEWAY)
        for number, terminal in self.terminals.items():
            self.enrol_device(terminal.name, "terminal", number)

    def enrol_device(self, name, role, node, also=(), days=DEVICE_DAYS):
        """Key and request at the device, signature at the office, installation at the device."""
        identity = self.identity_of(name)
        certificate = os.path.join(self.root, f"{name}.crt")
        self.tally("provision", "request", "--identity", identity, "--serial", f"DEMO-{name.upper()}")
        self.tally("provision", "sign", "--ca", self.data_of("ca"), "--role", role, "--node", node,
                   *([] if role == "oa" else ["--store", STORE]), "--days", days,
                   "--request", os.path.join(identity, "request.pem"), "--out", certificate)
        installation = ["--identity", identity, "--certificate", certificate,
                        "--ca", os.path.join(self.data_of("ca"), "ca.crt")]
        if role == "terminal":
            installation += ["--oa-record-key", os.path.join(self.identity_of("oa"), "oa-record.pub")]
        self.tally("provision", "install", *installation)
        for verb in also:
            self.tally("provision", verb, "--identity", identity)
        os.remove(certificate)

    def identity_of(self, name):
        return os.path.join(self.data_of(name), "identity")

    # --- configuration ------------------------------------------------------------------------

    def _port(self, place):
        """The port written down for a place, the wanted one, or 0; 0 too when it is taken by now."""
        port = self._ports.get(place, self.wanted_ports.get(place, 0))
        return port if port == 0 or is_free(port) else 0

    def _settings(self, name):
        page = {"port": self._port(f"{name}.page")}
        link = {"address": "127.0.0.1", "port": self._port(f"{name}.link")}
        if name == "oa":
            settings = {"": {"demo": True}, "link": link, "page": page,
                        "registry": {"directory": os.path.join(self.data_of("ca"), "issued")}}
            folder = "console"
        elif name.startswith("gateway"):
            settings = {"": {"demo": True, "store_name": "演示门店"}, "link": link, "page": page,
                        "oa": {"host": "127.0.0.1", "port": self._ports.get("oa.link", 1),
                               "server_name": "oa-1"}}
            folder = "store"
        else:
            settings = {"": {}, "page": page,
                        "gateway": {"host": "127.0.0.1",
                                    "port": self._ports.get(f"{self.gateway.name}.link", 1),
                                    "server_name": f"gateway-{GATEWAY}"}}
            folder = "terminal"
        if self.web:
            page["files"] = os.path.join(self.web, folder)
        for section, keys in self.extra.get(name, {}).items():
            settings.setdefault(section, {}).update(keys)
        return settings

    def write_config(self, name):
        lines = []
        for section, keys in self._settings(name).items():
            if section:
                lines.append(f"[{section}]")
            lines += [f"{key} = {toml(value)}" for key, value in keys.items()]
        with open(self.config_of(name), "w", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")

    # --- life ---------------------------------------------------------------------------------

    def all_programs(self):
        return [self.oa, self.gateway, *self.terminals.values()]

    def start(self):
        for program in self.all_programs():
            self.start_program(program)

    def start_program(self, program, deadline_s=START_DEADLINE_S):
        """Starts one; OA and gateway are ready to take connections when this returns, a terminal
        takes keys."""
        os.makedirs(self.logs, exist_ok=True)
        self.write_config(program.name)
        program.start()
        if isinstance(program, ScriptedTerminal):
            program.ready(deadline_s)
            return
        heard = program.wait_event("listening", deadline_s)
        for section, key in (("link", "link_port"), ("page", "page_port")):
            if heard.get(key):
                self._ports[f"{program.name}.{section}"] = heard[key]
        program.listening = heard

    def stop(self):
        """Clean shutdown, terminals first; a wrong exit code is a Failure."""
        for program in reversed(self.all_programs()):
            program.stop()

    def kill_all(self):
        for program in self.all_programs():
            program.kill9()

    def describe(self):
        """A line for each program: how it is, or how it ended."""
        lines = []
        for program in self.all_programs():
            if program.running:
                state = f"runs as {program.pid}"
            elif program.popen is not None:
                state = f"ended by itself with {program.popen.poll()}"
            else:
                state = "not started"
            lines.append(f"{program.name}: {state}, start {program.starts}, log {program.log}")
        return "\n".join(lines)

    def link_of(self, program):
        return getattr(program, "listening", {}).get("page_link")

    def links(self):
        terminal = next(iter(self.terminals.values()))
        named = {"terminal": terminal, "gateway": self.gateway, "oa": self.oa}
        return {**{name: self.link_of(program) for name, program in named.items()},
                "pids": {name: program.pid for name, program in named.items()}}

    # --- asking -------------------------------------------------------------------------------

    def oa_client(self):
        """A session at the OA, made anew after each start of it."""
        if self._client[0] != self.oa.starts:
            self._client = (self.oa.starts, PageClient(self.link_of(self.oa)))
        return self._client[1]

    def enrol(self, name, phone):
        """Enrols a member as the office does: {"member": …, "card": …}."""
        return self.oa_client().post("/api/members",
                                     {"name": name, "phone": phone, "language": "zh-CN"})

    def balance(self, member_id):
        return self.oa_client().get(f"/api/members/{member_id}")["balance"]["available"]

    def tally(self, *words, deadline_s=60):
        """Runs the command line; its standard output. Failure when it does not end with 0."""
        ended = subprocess.run([self.program("tally"), *map(str, words)], capture_output=True,
                               text=True, timeout=deadline_s)
        if ended.returncode != 0:
            raise Failure(f"tally {words[0]} ended with {ended.returncode}:\n"
                          f"{ended.stdout[-2000:]}{ended.stderr[-2000:]}")
        return ended.stdout


    def run_program(self, program, *words, deadline_s=15):
        """Runs a program that is expected to end by itself: (exit code, all it wrote)."""
        if not os.path.isabs(program):
            program = self.program(program)
        ended = subprocess.run([program, *words], stdin=subprocess.DEVNULL, capture_output=True,
                               text=True, timeout=deadline_s)
        return ended.returncode, ended.stdout + ended.stderr

    # --- terminals beside the usual ones ------------------------------------------------------

    def add_terminal(self, number):
        """A terminal enrolled by enrol_device(), not started."""
        name = f"terminal-{number}"
        self.terminals[number] = self._process(name, "tally-terminal")
        self.write_config(name)
        return self.terminals[number]

    def clone(self, number, name, changes=None):
        """A copy of a terminal's identity without its journal: a copied memory card. Not started,
        not among `terminals`."""
        shutil.copytree(self.identity_of(f"terminal-{number}"), self.identity_of(name))
        self.extra[name] = changes or {}
        self.write_config(name)
        return self._process(name, "tally-terminal")

    # --- books --------------------------------------------------------------------------------

    def journal_path(self, number):
        return os.path.join(self.data_of(f"terminal-{number}"), "journal.db")

    def audit(self):
        """`tally audit` over all databases, running or not; its report. Failure on any breach."""
        words = ["audit", "--json", "--oa", os.path.join(self.data_of("oa"), "ledger.db"),
                 "--gateway", os.path.join(self.data_of(self.gateway.name), "journal.db"),
                 "--master-key", os.path.join(self.data_of("oa"), "master.key")]
        for number in self.terminals:
            words += ["--terminal", self.journal_path(number)]
        code, text = self.run_program("tally", *words, deadline_s=120)
        try:
            report = json.loads(text)
        except ValueError:
            raise Failure(f"tally audit ended with {code}: {text[-2000:]}") from None
        if code != 0 or not report["ok"] or report["breaches"]:
            raise Failure(f"tally audit found breaches (exit code {code}):\n"
                          f"{json.dumps(report['breaches'], ensure_ascii=False, indent=1)[:4000]}")
        return report

    def posted_records(self):
        """What the OA made of each record, one row a posting or quarantine: place, where it is."""
        rows = []
        with open_database(os.path.join(self.data_of("oa"), "ledger.db")) as database:
            for *place, kind in database.execute(
                    "SELECT terminal, incarnation, seq, kind FROM txn WHERE terminal IS NOT NULL"):
                rows.append({"place": tuple(place), "in": "ledger", "kind": kind})
            for *place, reason in database.execute(
                    "SELECT terminal, incarnation, seq, reason FROM raw_record "
                    "JOIN quarantine USING (no)"):
                rows.append({"place": tuple(place), "in": "quarantine", "reason": reason})
        return rows

    def points_of_members(self):
        """What stores promised, less what was redeemed and expired: all points that members have, hold
        or owe, whatever the order in which records arrived (docs/invariants.md, I1 and I11)."""
        with open_database(os.path.join(self.data_of("oa"), "ledger.db")) as database:
            return -database.execute("SELECT coalesce(sum(balance), 0) FROM account "
                                     "WHERE kind IN (1, 8, 9)").fetchone()[0]

    def gateway_client(self):
        """A session at the gateway's page."""
        if self._gateway_client[0] != self.gateway.starts:
            self._gateway_client = (self.gateway.starts, PageClient(self.link_of(self.gateway)))
        return self._gateway_client[1]

    def sealed_of(self, number, seq):
        """A record of a terminal's journal, as bytes."""
        with open_database(self.journal_path(number)) as database:
            return database.execute("SELECT sealed FROM record WHERE seq = ?", (seq,)).fetchone()[0]


@contextlib.contextmanager
def open_database(path):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        yield database
    finally:
        database.close()


def stranger_of(number):
    """A well-formed card number far from those given out: the last digit is Luhn's."""
    body = number[:-7] + "999999"
    digits = [int(digit) for digit in reversed(body)]
    total = sum((2 * digit - 9 if digit > 4 else 2 * digit) if place % 2 == 0 else digit
                for place, digit in enumerate(digits))
    return body + str(-total % 10)


def limit_file_size(pid, size):
    """From now on files of that process cannot grow beyond `size`."""
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, size))


def toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def hold(arguments):
    """Starts a store in a temporary directory until standard input closes; the exit code."""
    root = tempfile.mkdtemp(prefix="tally-hold-")
    fleet = Fleet(arguments.bin, root, web=arguments.web, scripted=False)
    try:
        fleet.provision()
        fleet.start()
        print(json.dumps({"root": root, **fleet.links()}), flush=True)
        sys.stdin.read()
        fleet.stop()
        return 0
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    finally:
        fleet.kill_all()
        if not arguments.keep:
            fleet.remove()


def main():
    parser = argparse.ArgumentParser(description="Starts a demo store in a temporary directory.")
    parser.add_argument("--hold", action="store_true", required=True,
                        help="print the links as one line of JSON, stop when standard input closes")
    parser.add_argument("--bin", default=os.path.join(SOURCE, "build", "bin"))
    parser.add_argument("--web", default=os.path.join(SOURCE, "build", "web"))
    parser.add_argument("--keep", action="store_true", help="keep the directory")
    sys.exit(hold(parser.parse_args()))


if __name__ == "__main__":
    main()
