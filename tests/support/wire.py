"""The link's frames and the records inside, a second time and by hand, so that tests can say what
no program of ours would say (docs/formats/link.md, docs/formats/record.md, proto/link.proto)."""

import socket
import ssl
import struct

FRAME_PAYLOAD_MAX = 16 * 1024
ROLE_TERMINAL, ROLE_GATEWAY, ROLE_OA = 1, 2, 3

# Fields of Envelope.
CHALLENGE, HELLO, WELCOME, CLOSE, PING, PONG, RECORDS, RECEIVED = 1, 2, 3, 4, 5, 6, 10, 11
ASK = 20

CLOSE_REASONS = {
    1: "shutdown", 2: "frame-too-large", 3: "frame-malformed", 4: "unknown-message",
    5: "unexpected-message", 6: "unsupported-version", 7: "identity-mismatch",
    8: "identity-in-use", 9: "incarnation-retired", 10: "handshake-timeout", 11: "idle-timeout",
    12: "overloaded", 13: "record-refused", 14: "revoked", 15: "storage-failed",
}


# --- protobuf --------------------------------------------------------------------------------

def varint(value):
    out = bytearray()
    value &= (1 << 64) - 1
    while True:
        byte = value & 0x7F
        value >>= 7
        out.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value) if value else b""


def fixed64(field, value):
    return varint(field << 3 | 1) + struct.pack("<Q", value)


def data(field, value):
    if isinstance(value, str):
        value = value.encode()
    return varint(field << 3 | 2) + varint(len(value)) + value


def fields(message):
    """[(field, value)] of one message; value is an int or bytes. ValueError when it is none."""
    found, at = [], 0

    def read_varint():
        nonlocal at
        value = shift = 0
        while True:
            if at >= len(message) or shift > 63:
                raise ValueError("varint")
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value

    while at < len(message):
        key = read_varint()
        field, kind = key >> 3, key & 7
        if kind == 0:
            found.append((field, read_varint()))
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            if at + size > len(message):
                raise ValueError("fixed")
            found.append((field, int.from_bytes(message[at:at + size], "little")))
            at += size
        elif kind == 2:
            size = read_varint()
            if at + size > len(message):
                raise ValueError("length")
            found.append((field, message[at:at + size]))
            at += size
        else:
            raise ValueError("kind")
    return found


# --- link ------------------------------------------------------------------------------------

def frame(payload):
    return struct.pack(">I", len(payload)) + payload


def envelope(field, message):
    return data(field, message)


def hello(nonce, role, node, incarnation, boot=1, head=None, versions=(1, 1)):
    message = fixed64(1, nonce) + number(2, versions[0]) + number(3, versions[1]) + \
        number(4, role) + number(5, node) + number(6, incarnation) + fixed64(7, boot)
    if role == ROLE_TERMINAL:
        seq, mac = head or (0, bytes(16))
        message += data(8, number(1, node) + number(2, incarnation) + number(3, seq) +
                        data(4, mac)) + number(9, 1 if seq else 0)
    return envelope(HELLO, message + data(15, "hostile/1"))


def ping(token):
    return envelope(PING, number(1, token))


def record_batch(records):
    return envelope(RECORDS, b"".join(data(1, record) for record in records))


def sealed_record(terminal, incarnation, boot, seq, prev_mac=bytes(16), mac=bytes(16), kind=7,
                  body=b"", version=1):
    return bytes([version, kind]) + struct.pack(">HIIQQ", 1, terminal, incarnation, boot, seq) + \
        prev_mac + body + mac


class Link:
    """A raw TLS connection to a gateway or the OA; every wait has a deadline."""

    def __init__(self, port, identity=None, server_name=None, deadline_s=5.0, versions=None):
        """`identity` is a folder with device.key, device.crt and ca.crt."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if versions:
            context.minimum_version = context.maximum_version = versions
        if identity:
            context.load_cert_chain(f"{identity}/device.crt", f"{identity}/device.key")
        plain = socket.create_connection(("127.0.0.1", port), timeout=deadline_s)
        try:
            self.socket = context.wrap_socket(plain, server_hostname=server_name)
        except BaseException:
            plain.close()
            raise
        self.buffer = b""

    def send(self, payload):
        self.socket.sendall(frame(payload))

    def send_raw(self, raw):
        self.socket.sendall(raw)

    def receive(self):
        """(field, message) of the next frame, or None when the peer closed."""
        while True:
            if len(self.buffer) >= 4:
                size = struct.unpack(">I", self.buffer[:4])[0]
                if len(self.buffer) >= 4 + size:
                    payload = self.buffer[4:4 + size]
                    self.buffer = self.buffer[4 + size:]
                    return fields(payload)[0]
            try:
                more = self.socket.recv(65536)
            except (ConnectionError, ssl.SSLError):
                return None
            if not more:
                return None
            self.buffer += more

    def challenge(self):
        field, message = self.receive()
        assert field == CHALLENGE, field
        return dict(fields(message))[1]

    def close_reason(self):
        """The reason the peer gave before it closed; None when it closed without one."""
        while True:
            received = self.receive()
            if received is None:
                return None
            if received[0] == CLOSE:
                return CLOSE_REASONS.get(dict(fields(received[1])).get(1, 0), "?")

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


# --- records ---------------------------------------------------------------------------------

KINDS = {1: "accrual", 2: "redemption", 3: "void", 4: "refund", 5: "reversal", 6: "enrolment",
         7: "note", 8: "gap", 9: "shift_close"}
BUSINESS_FIELDS = {20: "accrual", 21: "redemption", 22: "void", 23: "refund", 24: "reversal",
                   25: "enrolment", 26: "note", 27: "gap", 28: "shift_close"}


def open_record(sealed):
    """What tests need to know of a record: its id, kind, sale, points and what it cancels."""
    key_version, terminal, incarnation, boot, seq = struct.unpack(">HIIQQ", sealed[2:28])
    body = dict(fields(sealed[44:-16]))
    record = {"terminal": terminal, "incarnation": incarnation, "boot": boot, "seq": seq,
              "kind": KINDS[sealed[1]], "mac": sealed[-16:], "prev_mac": sealed[28:44],
              "sale": body.get(1, b""), "member": body.get(3, 0), "key_version": key_version,
              "points": 0, "original": None}
    for field, name in BUSINESS_FIELDS.items():
        if field in body:
            business = dict(fields(body[field]))
            if name in ("accrual", "redemption"):
                record["points"] = business.get(3, 0)
            if name in ("void", "refund", "reversal") and 1 in business:
                place = dict(fields(business[1]))
                record["original"] = (place.get(1, 0), place.get(2, 0), place.get(4, 0))
    record["place"] = (terminal, incarnation, seq)
    return record
