#!/usr/bin/python3
"""Inputs for the fuzzers to start from, made of the golden messages: a new vector is a new seed.

usage: make_seeds.py VECTORS_DIR SEEDS_DIR
"""

import os
import sys

# Of a session's side: 0 server (the peer is a terminal), 1 client.
HANDSHAKES = {0: ["hello"], 1: ["challenge", "welcome"]}


def vectors(folder):
    """The golden messages by name."""
    found = {}
    with open(os.path.join(folder, "envelope.tsv"), encoding="utf-8") as lines:
        for line in lines:
            name, _, text = line.strip().partition("\t")
            if text and not name.startswith("#"):
                found[name] = bytes.fromhex(text)
    return found


def framed(payload):
    return len(payload).to_bytes(4, "big") + payload


def chunk(data):
    return len(data).to_bytes(2, "big") + data


def write(folder, fuzzer, name, data):
    os.makedirs(os.path.join(folder, fuzzer), exist_ok=True)
    with open(os.path.join(folder, fuzzer, name + ".bin"), "wb") as out:
        out.write(data)


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    source, target = arguments
    messages = vectors(source)
    for name, payload in messages.items():
        write(target, "envelope", name, payload)
        write(target, "frame", name, bytes([6]) + framed(payload))
        for side, handshake in HANDSHAKES.items():
            script = bytes([side])
            for step in handshake:
                script += b"\0" + chunk(framed(messages[step]))
            script += b"\x80" + chunk(framed(payload))
            write(target, "session", f"{name}-{side}", script)
        # A terminal that is welcome, hears the message, syncs, reads; a card and two keys.
        heard = b"".join(b"\5" + chunk(messages[step]) for step in ("challenge", "welcome"))
        write(target, "terminal_node", name,
              heard + b"\0\5\0\7\0\x0b\3" + b"\5" + chunk(payload) + b"\7\7\x08\x08")
        arrived = b"\0" + chunk(messages["hello"])
        write(target, "gateway_node", name, arrived + b"\0" + chunk(payload) + b"\4\4")
        write(target, "gateway_node", f"{name}-oa", arrived + b"\3" + chunk(messages["welcome"]) +
              b"\3" + chunk(payload) + b"\4\4")
    with open(os.path.join(target, "done"), "w", encoding="utf-8") as out:
        out.write(f"{len(messages)} messages\n")


if __name__ == "__main__":
    main(sys.argv[1:])
