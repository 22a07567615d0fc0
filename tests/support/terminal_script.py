"""Drives one terminal through its script mode (docs/formats/script.md)."""

import itertools
import threading

from process import Died, Failure, Process


class ScriptedTerminal(Process):
    """A terminal whose keys, scanner and paper are ours."""

    def __init__(self, name, command, log, **rest):
        super().__init__(name, list(command) + ["--script", "-"], log, stdin=True, **rest)
        self._marks = itertools.count(1)
        self._lines = 0
        self.life = threading.RLock()  # whoever starts or kills it from another thread holds this

    def start(self, extra=()):
        super().start(extra)
        self._lines = 0

    def stop(self, deadline_s=10.0, expected_code=None):
        """Clean shutdown. A script that had errors, wanted ones included, ends with 3."""
        code = super().stop(deadline_s, None)
        if code not in (None, 0, 3):
            raise Failure(f"{self.name} ended with {code}:\n{self.log_tail()}\nlog: {self.log}")
        return code

    def ready(self, deadline_s=10.0):
        return self.wait_event("ready", deadline_s)

    def send(self, *lines):
        """Hands over script lines without waiting; the line number of the last."""
        try:
            self.popen.stdin.write("".join(line + "\n" for line in lines).encode())
            self.popen.stdin.flush()
        except (BrokenPipeError, OSError):
            raise Died(f"{self.name} ended; log: {self.log}") from None
        self._lines += len(lines)
        return self._lines

    def do(self, *lines, deadline_s=15.0, errors=False):
        """Carries out script lines and gives back the events they made. An `error` event fails
        unless `errors` is set."""
        mark = f"mark-{next(self._marks)}"
        start = len(self.events)
        self.send(*lines, f"note {mark}")
        end, _ = self.wait_for(
            lambda event: event.get("event") == "note" and event.get("text") == mark, deadline_s,
            f"the end of: {' | '.join(lines)[:300]}", start)
        events = self.events[start:end]
        if not errors:
            for event in events:
                if event["event"] == "error":
                    script = " | ".join(lines)[:300]
                    raise Failure(f"{self.name}: {event.get('error')}: {event.get('text')} "
                                  f"(of: {script}); log: {self.log}")
        return events

    def last_screen(self):
        """The screen event read last."""
        for event in reversed(self.events):
            if event["event"] == "screen":
                return event
        return {"screen": "idle"}

    def screen(self):
        return self.last_screen()["screen"]

    def state(self):
        return [event for event in self.do("state") if event["event"] == "state"][-1]

    def message(self, timeout_ms=15_000):
        """What the terminal tells the cashier by itself, also when it told before this was asked."""
        self.do(f"wait message {timeout_ms}", deadline_s=timeout_ms / 1_000 + 5)
        return last_screen(self.events, "message")["message"]

    # --- what a cashier does ------------------------------------------------------------------

    def earn(self, amount, code_line, deadline_s=15.0):
        """A sale that earns; gives the result's screen event. `code_line` is `scan …`, `tap …` or
        `scan-image …`."""
        return self._sale(amount, code_line, [], deadline_s)

    def redeem(self, amount, code_line, points, deadline_s=15.0):
        return self._sale(amount, code_line, ["key redeem", "wait redeem 5000", f"keys {points}"],
                          deadline_s)

    def _sale(self, amount, code_line, choice, deadline_s):
        events = self.do(f"amount {amount}", code_line, "wait member 5000", *choice, "key enter",
                         "wait result 8000", deadline_s=deadline_s)
        result = last_screen(events, "result")
        # Back to idle, so that the next sale starts where a cashier would.
        self.do("key enter", "wait idle 2000")
        return result

    def refund(self, code, amount, deadline_s=15.0):
        """Takes `amount` of the sale back whose receipt has this code; the result's screen event."""
        events = self.do("key refund", "wait refund_pick 2000", f"scan {code}", "wait refund 5000",
                         f"amount {amount}", "wait result 8000", deadline_s=deadline_s)
        result = last_screen(events, "result")
        self.do("key enter", "wait idle 2000")
        return result

    def void_last(self, deadline_s=15.0):
        events = self.do("key void", "wait void_pick 2000", "key enter", "wait result 8000",
                         deadline_s=deadline_s)
        result = last_screen(events, "result")
        self.do("key enter", "wait idle 2000")
        return result


def last_screen(events, screen):
    for event in reversed(events):
        if event["event"] == "screen" and event["screen"] == screen:
            return event
    raise Failure(f"no screen '{screen}' among {len(events)} events")
