"""What the end-to-end tests say of what they see: as expected, or a Failure that names both."""

import time

from process import Failure


def expect(what, seen, expected):
    if seen != expected:
        raise Failure(f"{what}: expected {expected!r}, seen {seen!r}")


def wait_until(what, condition, deadline_s=20.0):
    """Looks every tenth of a second until `condition()` holds."""
    until = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > until:
            raise Failure(f"{what}: not within {deadline_s} s")
        time.sleep(0.1)
