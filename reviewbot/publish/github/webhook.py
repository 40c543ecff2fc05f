# SPDX-License-Identifier: GPL-2.0-or-later
"""The webhook's end: a small server that checks who calls, and hands on which pull request to look at.

GitHub signs each delivery with HMAC-SHA256 over the body ("Validating webhook deliveries", GitHub Docs) and numbers it
in X-GitHub-Delivery. What is handed on is which pull request to look at and nothing else: the rest is asked for at
GitHub. That somebody wants a check run once more is said by the delivery alone.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from reviewbot.publish.github.commands import command
from reviewbot.publish.github.facts import same_login
from reviewbot.publish.github.plan import NAME

LOG = logging.getLogger("reviewbot.github")
LARGEST = 25 << 20
"""GitHub cuts payloads off at 25 MB."""
SECONDS = 15
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_DELIVERY = re.compile(r"[0-9A-Za-z-]{8,64}")
PUSHES = frozenset({"opened", "synchronize", "reopened", "ready_for_review"})

Json = dict[str, Any]


def signed(secret: bytes, body: bytes, signature: str) -> bool:
    """Tell whether X-Hub-Signature-256 is that of the body; takes the same time for every wrong one."""
    wanted = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Call:
    """What a delivery asks for: to look at a pull request, or to review a head (full commit id) once more.

    `run` names the request to review once more: the delivery.
    """

    number: int = 0
    head: str = ""
    run: str = ""


def concerned(event: str, payload: object, repository: str) -> Call | None:
    """Return what an event asks for, None for what is none of our business."""
    if not isinstance(payload, dict) or not same_login(_text(payload, "repository", "full_name"), repository):
        return None
    action = payload.get("action")
    if event == "pull_request" and action in PUSHES:
        number = payload.get("number")
    elif event == "issue_comment" and action == "created" and _inner(payload, "issue").get("pull_request"):
        number = _inner(payload, "issue").get("number") if command(_text(payload, "comment", "body")) else None
    elif event == "pull_request_review_comment" and action == "created":
        number = _inner(payload, "pull_request").get("number") if command(_text(payload, "comment", "body")) else None
    elif event in ("check_run", "check_suite") and action == "rerequested":
        head = _text(payload, event, "head_sha")
        ours = event == "check_suite" or _text(payload, event, "name") == NAME
        return Call(head=head) if ours and _COMMIT.fullmatch(head) else None
    else:
        return None
    return Call(number) if isinstance(number, int) and number > 0 else None


def _inner(payload: Json, name: str) -> Json:
    found = payload.get(name)
    return found if isinstance(found, dict) else {}


def _text(payload: Json, name: str, key: str) -> str:
    found = _inner(payload, name).get(key)
    return found if isinstance(found, str) else ""


class Receiver(ThreadingHTTPServer):
    """Takes deliveries. `first_time` remembers one, telling whether it is new; `take` is handed what they ask for."""

    daemon_threads = True

    def __init__(
        self,
        address: tuple[str, int],
        secret: bytes,
        repository: str,
        first_time: Callable[[str], bool],
        take: Callable[[Call], None],
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
            call = concerned(event, json.loads(body), self.server.repository)
        except (ValueError, RecursionError):
            return self._answer(400, "no JSON")
        if not self.server.first_time(delivery):
            LOG.warning("delivery %s came again", delivery)
            return self._answer(409, "had that already")
        if call is None:
            return self._answer(200, "nothing to do")
        LOG.info("delivery %s: %s of %s", delivery, event, call.head or f"#{call.number}")
        self.server.take(replace(call, run=delivery) if call.head else call)
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
