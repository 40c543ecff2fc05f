# SPDX-License-Identifier: GPL-2.0-or-later
"""The webhook's end: a small server that checks who calls, and hands on which pull request to look at.

GitHub signs each delivery with HMAC-SHA256 over the body ("Validating webhook deliveries", GitHub Docs) and numbers it
in X-GitHub-Delivery. What is handed on is a number and nothing else: the rest is asked for at GitHub.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from reviewbot.publish.github.commands import command
from reviewbot.publish.github.facts import same_login

LOG = logging.getLogger("reviewbot.github")
LARGEST = 25 << 20
"""GitHub cuts payloads off at 25 MB."""
SECONDS = 15
_DELIVERY = re.compile(r"[0-9A-Za-z-]{8,64}")
PUSHES = frozenset({"opened", "synchronize", "reopened", "ready_for_review"})

Json = dict[str, Any]


def signed(secret: bytes, body: bytes, signature: str) -> bool:
    """Tell whether X-Hub-Signature-256 is that of the body; takes the same time for every wrong one."""
    wanted = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "replace"))


def concerned(event: str, payload: object, repository: str) -> int | None:
    """Return the number of the pull request that an event asks us to look at, None for what is none of our business."""
    if not isinstance(payload, dict) or not same_login(_text(payload, "repository", "full_name"), repository):
        return None
    action = payload.get("action")
    if event == "pull_request" and action in PUSHES:
        number = payload.get("number")
    elif event == "issue_comment" and action == "created" and _inner(payload, "issue").get("pull_request"):
        number = _inner(payload, "issue").get("number") if command(_text(payload, "comment", "body")) else None
    else:
        return None
    return number if isinstance(number, int) and number > 0 else None


def _inner(payload: Json, name: str) -> Json:
    found = payload.get(name)
    return found if isinstance(found, dict) else {}


def _text(payload: Json, name: str, key: str) -> str:
    found = _inner(payload, name).get(key)
    return found if isinstance(found, str) else ""


class Receiver(ThreadingHTTPServer):
    """Takes deliveries. `first_time` remembers one, telling whether it is new; `take` is handed pull requests."""

    daemon_threads = True

    def __init__(
        self,
        address: tuple[str, int],
        secret: bytes,
        repository: str,
        first_time: Callable[[str], bool],
        take: Callable[[int], None],
    ) -> None:
        super().__init__(address, _Handler)
        self.secret = secret
        self.repository = repository
        self.first_time = first_time
        self.take = take


class _Handler(BaseHTTPRequestHandler):
    """One delivery: answered at once, worked on later."""

    server: Receiver
    timeout = SECONDS
    server_version = "reviewbot"
    sys_version = ""

    def do_POST(self) -> None:
        """Take a delivery, or say with a status what is wrong with it."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            return self._answer(411, "a length is needed")
        if int(length) > LARGEST:
            return self._answer(413, "too large")
        body = self.rfile.read(int(length))
        if not signed(self.server.secret, body, self.headers.get("X-Hub-Signature-256", "")):
            LOG.warning("a delivery from %s with a wrong signature", self.client_address[0])
            return self._answer(401, "wrong signature")
        delivery = self.headers.get("X-GitHub-Delivery", "")
        if not _DELIVERY.fullmatch(delivery):
            return self._answer(400, "no delivery id")
        event = self.headers.get("X-GitHub-Event", "")
        try:
            number = concerned(event, json.loads(body), self.server.repository)
        except (ValueError, RecursionError):
            return self._answer(400, "no JSON")
        if not self.server.first_time(delivery):
            LOG.warning("delivery %s came again", delivery)
            return self._answer(409, "had that already")
        if number is None:
            return self._answer(200, "nothing to do")
        LOG.info("delivery %s: %s of #%d", delivery, event, number)
        self.server.take(number)
        return self._answer(202, "will look")

    def _answer(self, status: int, text: str) -> None:
        data = text.encode() + b"\n"
        # what was not read of the body would be taken for the next request
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Log through logging, at a level that is off by default."""
        LOG.debug("%s %s", self.client_address[0], format % args)
