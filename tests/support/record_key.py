"""The record key K of a terminal, worked out a second time from the private key files, so that tests
can look for it where it must not be (docs/formats/record.md). P-256 by the textbook: slow, not
constant in time, for tests only."""

import base64
import hashlib
import hmac
import struct

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
A = P - 3
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def _add(left, right):
    if left is None or right is None:
        return left or right
    if left[0] == right[0]:
        if (left[1] + right[1]) % P == 0:
            return None
        slope = (3 * left[0] * left[0] + A) * pow(2 * left[1], -1, P) % P
    else:
        slope = (right[1] - left[1]) * pow(right[0] - left[0], -1, P) % P
    x = (slope * slope - left[0] - right[0]) % P
    return x, (slope * (left[0] - x) - left[1]) % P


def multiply(scalar, point=G):
    result = None
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def private_scalar(pem_file):
    """The private number of an EC key file, SEC 1 or PKCS#8: the octet string that gives the public
    key written in the same file."""
    with open(pem_file, encoding="ascii") as pem:
        lines = [line.strip() for line in pem if not line.startswith("-")]
    der = base64.b64decode("".join(lines))
    at = der.find(b"\x04\x20")
    while at >= 0:
        candidate = int.from_bytes(der[at + 2:at + 34], "big")
        x, y = multiply(candidate)
        if b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big") in der:
            return candidate
        at = der.find(b"\x04\x20", at + 1)
    raise ValueError(f"{pem_file}: no P-256 private key found")


def hkdf(secret, info, size=32):
    prk = hmac.new(bytes(32), secret, hashlib.sha256).digest()
    return hmac.new(prk, info + b"\x01", hashlib.sha256).digest()[:size]


def record_key(device_key_file, oa_public_file, terminal, incarnation, key_version=1):
    with open(oa_public_file, encoding="ascii") as public:
        raw = bytes.fromhex(public.read().strip())
    point = int.from_bytes(raw[1:33], "big"), int.from_bytes(raw[33:65], "big")
    shared = multiply(private_scalar(device_key_file), point)[0].to_bytes(32, "big")
    info = b"tallystick record key v1" + struct.pack(">IIH", terminal, incarnation, key_version)
    return hkdf(shared, info)


def record_mac(key, sealed):
    return hmac.new(key, sealed[:-16], hashlib.sha256).digest()[:16]
