"""Asks a page's API as a signed-in browser would (docs/formats/api.md). Standard library only."""

import http.client
import json
import urllib.parse


class Refused(Exception):
    """An answer that is not 2xx."""

    def __init__(self, status, code, text):
        super().__init__(f"{status} {code}: {text}")
        self.status = status
        self.code = code


class PageClient:
    """One session; signs in with a one-time link."""

    def __init__(self, link, timeout_s=10.0):
        parts = urllib.parse.urlsplit(link)
        self.host = parts.hostname
        self.port = parts.port
        self.timeout_s = timeout_s
        self.cookie = None
        self.post("/api/session", {"token": parts.fragment})

    @classmethod
    def with_password(cls, link, name, password, timeout_s=10.0):
        """A session of a named user, at the server of `link`."""
        parts = urllib.parse.urlsplit(link)
        client = cls.__new__(cls)
        client.host, client.port = parts.hostname, parts.port
        client.timeout_s, client.cookie = timeout_s, None
        client.post("/api/login", {"name": name, "password": password})
        return client

    def request(self, method, path, body=None, headers=None):
        """(status, headers, bytes) of one request; a connection of its own, so that a restart of
        the server in between does not matter."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout_s)
        sent = {"X-Tally": "1", **(headers or {})}
        if self.cookie:
            sent["Cookie"] = self.cookie
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        try:
            connection.request(method, path, data, sent)
            answer = connection.getresponse()
            content = answer.read()
            set_cookie = answer.getheader("Set-Cookie")
            if set_cookie:
                self.cookie = set_cookie.split(";", 1)[0]
            return answer.status, answer.headers, content
        finally:
            connection.close()

    def ask(self, method, path, body=None, headers=None):
        status, _, content = self.request(method, path, body, headers)
        try:
            answer = json.loads(content) if content else None
        except ValueError:
            answer = None
        if not 200 <= status < 300:
            error = answer.get("error", {}) if isinstance(answer, dict) else {}
            if isinstance(error, str):
                error = {"code": error}
            raise Refused(status, error.get("code", ""), error.get("message_en", content[:200]))
        return answer

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, body):
        return self.ask("POST", path, body)

    def all_of(self, path, key):
        """Every page of a list with cursors."""
        separator = "&" if "?" in path else "?"
        cursor, found = None, []
        while True:
            at = f"{path}{separator}limit=100"
            if cursor:
                at += "&cursor=" + urllib.parse.quote(cursor)
            answer = self.get(at)
            found += answer[key]
            cursor = answer.get("next_cursor")
            if not cursor:
                return found


def plain_get(port, path, timeout_s=5.0):
    """(status, text) without a session: metrics, health."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
