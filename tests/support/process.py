"""One running program of ours: started, listened to, killed, stopped; every wait has a deadline.

A program writes events to standard output, one JSON object a line; its log goes to standard error
and from there into a file that outlives restarts.
"""

import concurrent.futures
import ctypes
import json
import os
import signal
import subprocess
import threading
import time


class Failure(Exception):
    """A step did not hold: what was expected, what was seen, and where to look."""


class Died(Failure):
    """The program ended while something was expected of it."""


# "Parent" in the kernel's sense is the thread that forked: so that a program outlives the test thread
# that started it, one thread of its own starts them all.
_SPAWNER = concurrent.futures.ThreadPoolExecutor(max_workers=1)
_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


def _die_with_parent():
    # A test that is itself killed must not leave programs behind.
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """Thread rule: one thread drives it; a second one, its own, reads standard output."""

    def __init__(self, name, command, log, env=None, stdin=False):
        self.name = name
        self.command = [str(word) for word in command]
        self.log = str(log)
        self.env = dict(os.environ, **(env or {}))
        self.stdin = stdin
        self.popen = None
        self.events = []
        self.starts = 0
        self._changed = threading.Condition()
        self._reader = None
        self._log_file = None

    # --- life -------------------------------------------------------------------------------

    def start(self, extra=()):
        """Starts it; events of an earlier life are forgotten."""
        assert not self.running, f"{self.name} runs already"
        self.events = []
        self.starts += 1
        self._log_file = open(self.log, "ab", buffering=0)
        self._log_file.write(f"--- start {self.starts}: {' '.join(self.command)}\n".encode())

        def prepare():
            _die_with_parent()
            # With a file size limit in place of a full disk, writing too much is to fail, not to kill.
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

        self.popen = _SPAWNER.submit(
            subprocess.Popen, self.command + [str(word) for word in extra], env=self.env,
            stdin=subprocess.PIPE if self.stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=self._log_file, start_new_session=True,
            preexec_fn=prepare).result()
        self._reader = threading.Thread(target=self._read, args=(self.popen,), daemon=True)
        self._reader.start()

    @property
    def running(self):
        return self.popen is not None and self.popen.poll() is None

    @property
    def pid(self):
        return self.popen.pid

    def kill9(self):
        """What a power cut does to a process: no farewell."""
        if self.popen is None:
            return
        self.popen.kill()
        self._gather()

    def stop(self, deadline_s=10.0, expected_code=0):
        """Clean shutdown by SIGTERM; the exit code must be `expected_code`."""
        if self.popen is None:
            return None
        if self.running:
            self.popen.send_signal(signal.SIGTERM)
        return self.wait_exit(deadline_s, expected_code)

    def wait_exit(self, deadline_s, expected_code=0):
        try:
            self.popen.wait(deadline_s)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self._gather()
            raise Failure(f"{self.name} did not end within {deadline_s} s of being told to; "
                          f"log: {self.log}") from None
        code = self._gather()
        if expected_code is not None and code != expected_code:
            raise Failure(f"{self.name} ended with {code}, expected {expected_code}:\n"
                          f"{self.log_tail()}\nlog: {self.log}")
        return code

    def _gather(self):
        """After its end: what it still wrote is read, its pipes are closed."""
        code = self.popen.wait()
        self._reader.join(5)
        if self.popen.stdin:
            try:
                self.popen.stdin.close()
            except OSError:
                pass
        self.popen.stdout.close()
        self._log_file.close()
        self.popen = None
        return code

    # --- events -----------------------------------------------------------------------------

    def _read(self, popen):
        for line in popen.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                event = None
            with self._changed:
                if isinstance(event, dict):
                    self.events.append(event)
                elif not self._log_file.closed:
                    self._log_file.write(b"[stdout] " + line)
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def wait_for(self, wanted, deadline_s, what, start=0):
        """The first event from index `start` on that `wanted` accepts: (index, event)."""
        end = time.monotonic() + deadline_s
        index = start
        with self._changed:
            while True:
                while index < len(self.events):
                    if wanted(self.events[index]):
                        return index, self.events[index]
                    index += 1
                if not self._reader.is_alive():
                    raise Died(f"{self.name} ended while waiting for {what}:\n{self.log_tail()}\n"
                               f"log: {self.log}")
                left = end - time.monotonic()
                if left <= 0:
                    raise Failure(f"{self.name}: expected {what} within {deadline_s} s; last events: "
                                  f"{json.dumps(self.events[-3:], ensure_ascii=False)}\n"
                                  f"log: {self.log}")
                self._changed.wait(left)

    def wait_event(self, name, deadline_s, start=0):
        return self.wait_for(lambda event: event.get("event") == name, deadline_s,
                             f"the event '{name}'", start)[1]

    def log_tail(self, lines=8):
        with open(self.log, "rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - 16384))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])

    def log_text(self):
        with open(self.log, "rb") as log:
            return log.read().decode(errors="replace")

    def rss_bytes(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        return 0
