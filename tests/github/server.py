# SPDX-License-Identifier: GPL-2.0-or-later
"""The loopback server: checks requests and answers, pages lists, counts limits, and fails where a test wants it to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.github.description import ViolationError, description
from tests.github.hub import ROUTES, Hub, RefusedError, Request
from tests.github.routes import graphql

Json = Any
APP_TOKEN = "ghs_16C7e42F292c6912E7710c838347Ae178B4a"
Fault = Callable[[str, str], str | RefusedError | None]
"""Asked for each request (method, path): an error to answer instead; "drop": do nothing and hang up; "lose": do it
and hang up; "break": do it and answer 500; "hang": do it and answer too late. None: all is well."""


class Server(ThreadingHTTPServer):
    """Serves a hub."""

    daemon_threads = True

    def __init__(self, hub: Hub) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.hub = hub
        hub.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.lock = threading.Lock()
        self.requests: list[tuple[str, str]] = []
        self.violations: list[str] = []
        self.queries: set[str] = set()
        self.logins: set[str] = set()
        self.fault: Fault = lambda method, path: None
        self.remaining = 5000
        self.page = 100
        self.stopping = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that went away: some tests are about that."""

    def writes(self) -> list[tuple[str, str]]:
        """Return the requests that were not only questions."""
        return [(m, p) for m, p in self.requests if m != "GET" and p != "/graphql"]


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        place = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        body = json.loads(raw) if raw else None
        with self.server.lock:
            self.server.requests.append((self.command, place.path))
            self.server.logins.add(self.headers.get("Authorization", "").partition(" ")[2])
            fault = self.server.fault(self.command, place.path)
            if fault == "drop":
                return self._hang_up()
            headers = {}
            if isinstance(fault, RefusedError):
                status, answer, headers = fault.status, fault.body, fault.headers
            else:
                status, answer, headers = self._do(place.path, dict(parse_qsl(place.query)), body)
        if fault == "lose":
            return self._hang_up()
        if fault == "hang":
            self.server.stopping.wait(20)
            return self._hang_up()
        if fault == "break":
            status, answer = 500, {"message": "Server Error"}
        self._answer(status, answer, headers)
        return None

    def _hang_up(self) -> None:
        self.close_connection = True

    def _do(self, path: str, query: dict[str, str], body: Json) -> tuple[int, Json, dict[str, str]]:
        self.server.remaining -= 1
        try:
            return self._described(path, query, body)
        except RefusedError as error:
            return error.status, error.body, error.headers
        except (ViolationError, AssertionError, KeyError, ValueError) as error:
            self.server.violations.append(f"{type(error).__name__}: {error}")
            return 500, {"message": str(error)}, {}

    def _described(self, path: str, query: dict[str, str], body: Json) -> tuple[int, Json, dict[str, str]]:
        hub = self.server.hub
        if path == "/rate_limit":
            core = {"limit": 5000, "remaining": self.server.remaining, "reset": int(time.time()) + 1800, "used": 0}
            return 200, {"resources": {"core": core, "search": core}, "rate": core}, {}
        if path == "/graphql":
            self.server.queries.add(body["query"])
            return 200, {"data": graphql(hub, body["query"], body["variables"])}, {}
        try:
            description().check_request(self.command, path, query, body)
        except ViolationError as error:
            self.server.violations.append(str(error))
            raise RefusedError(422, "Validation Failed", [str(error)]) from error
        if path.startswith("/app/installations/"):
            answer = hub.example("installation-token", token=APP_TOKEN, expires_at="2099-01-01T00:00:00Z")
            description().check_answer(self.command, path, 201, answer)
            return 201, answer, {}
        for method, pattern, function in ROUTES:
            if method == self.command and (match := pattern.match(path)):
                status, answer = function(hub, Request(match.groups(), query, body))
                headers = {}
                if isinstance(answer, list):
                    answer, headers = self._page(path, query, answer)
                description().check_answer(self.command, path, status, answer)
                return status, answer, headers
        raise RefusedError(404, "Not Found")

    def _page(self, path: str, query: dict[str, str], rows: list[Json]) -> tuple[list[Json], dict[str, str]]:
        """Return one page of a list, and the header with the next one's address."""
        size, page = min(int(query.get("per_page", 30)), self.server.page), int(query.get("page", 1))
        shown = rows[(page - 1) * size : page * size]
        if page * size >= len(rows):
            return shown, {}
        rest = "&".join(f"{k}={v}" for k, v in {**query, "page": str(page + 1)}.items())
        return shown, {"Link": f'<{self.server.hub.url}{path}?{rest}>; rel="next"'}

    def _answer(self, status: int, answer: Json, headers: dict[str, str]) -> None:
        data = json.dumps(answer).encode()
        self.send_response(status)
        limits = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": str(self.server.remaining)}
        limits["X-RateLimit-Reset"] = str(int(time.time()) + 1800)
        kind = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(data))}
        for name, value in (limits | kind | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PATCH = _handle  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@contextmanager
def serve(hub: Hub) -> Iterator[Server]:
    """Run a server for a hub; at the end nobody may have broken GitHub's description."""
    description()
    server = Server(hub)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
    assert server.violations == []
