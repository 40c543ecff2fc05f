# SPDX-License-Identifier: GPL-2.0-or-later
"""The webhook: real payloads, signatures, replays, sizes; and the loop that it wakes."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reviewbot.publish.github.loop import listening, watch
from reviewbot.publish.github.webhook import LARGEST, Call, concerned, signed
from tests.github.hub import REPOSITORY
from tests.github.packages import WEBHOOKS, load
from tests.github.scene import Scene, function, scene, source

SECRET = b"a secret of the tests"


@pytest.fixture(scope="module")
def payloads() -> list[tuple[str, Any]]:
    """GitHub's example payloads: (event, payload)."""
    return [(one["name"], example) for one in load(WEBHOOKS) for example in one["examples"]]


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Scene]:
    """A repository at GitHub."""
    with scene(tmp_path) as made:
        yield made


def deliver(address: tuple[str, int], event: str, body: bytes, **headers: str) -> int:
    """Deliver a body as GitHub does and return the answer's status; `headers` replace what GitHub sends."""
    usual = {
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-Hub-Signature-256": "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest(),
    }
    connection = http.client.HTTPConnection(*address, timeout=20)
    connection.request("POST", "/", body, {**usual, **{k.replace("_", "-"): v for k, v in headers.items()}})
    return connection.getresponse().status


def pushed(payloads: list[tuple[str, Any]], repository: str = REPOSITORY, number: int = 1) -> bytes:
    """Return GitHub's example of a push to a pull request, as if it were one of `repository`."""
    (example,) = [p for event, p in payloads if event == "pull_request" and p["action"] == "synchronize"]
    return json.dumps(
        {**example, "number": number, "repository": {**example["repository"], "full_name": repository}}
    ).encode()


def test_of_all_that_github_sends_pushes_and_wishes_for_more_concern_the_bot(payloads: list[tuple[str, Any]]) -> None:
    events = set()
    for event, payload in payloads:
        name = payload.get("repository", {}).get("full_name", "")
        if concerned(event, payload, name) is not None:
            events.add((event, payload["action"]))
    pushes = {("pull_request", a) for a in ("opened", "synchronize", "reopened", "ready_for_review")}
    assert events == {*pushes, ("check_suite", "rerequested")}


@pytest.mark.parametrize("kind", ["check_run", "check_suite"])
def test_a_check_that_is_asked_for_again_is_run_again(
    github: Scene, payloads: list[tuple[str, Any]], kind: str
) -> None:
    head = github.commit("topic", {"ring.c": source(function("one"))}, "main")
    github.hub.open("topic")
    github.hub.refresh()
    bot = github.bot()
    assert bot.sweep() == 0
    example = next(p for event, p in payloads if (event, p.get("action")) == (kind, "rerequested"))
    inner = {**example[kind], "head_sha": head, **({"name": "reviewbot"} if kind == "check_run" else {})}
    body = json.dumps({**example, kind: inner, "repository": {**example["repository"], "full_name": REPOSITORY}})
    woken: queue.Queue[Call | None] = queue.Queue()
    with listening(bot, ("127.0.0.1", 0), SECRET, woken) as server:
        assert deliver(("127.0.0.1", server.server_address[1]), kind, body.encode()) == 202
    woken.put(None)
    watch(bot, woken, 3600)
    assert [(c["head_sha"], c["status"]) for c in github.hub.checks] == [(head, "completed")] * 2
    assert len(github.hub.reviews) == 1, "what was said is not said again"
    assert bot.asked == {} and bot.sweep() == 0 and len(github.hub.checks) == 2


def test_a_check_of_another_program_is_none_of_its_business(payloads: list[tuple[str, Any]]) -> None:
    example = next(p for event, p in payloads if (event, p.get("action")) == ("check_run", "rerequested"))
    assert concerned("check_run", example, example["repository"]["full_name"]) is None


def test_a_comment_concerns_it_when_it_is_a_command_in_a_pull_request(payloads: list[tuple[str, Any]]) -> None:
    example = next(p for event, p in payloads if event == "issue_comment" and p["action"] == "created")
    name = example["repository"]["full_name"]
    asked = {**example, "comment": {**example["comment"], "body": "/reviewbot again"}}
    inside = {**asked, "issue": {**asked["issue"], "pull_request": {"url": "https://api.github.com/x"}}}
    assert concerned("issue_comment", asked, name) is None
    assert concerned("issue_comment", inside, name) == Call(example["issue"]["number"])
    assert concerned("issue_comment", inside, "somebody/else") is None


@pytest.mark.parametrize(
    "payload", [None, [], {}, {"repository": 3}, {"repository": {"full_name": "o/n"}, "number": "1"}]
)
def test_odd_payloads_concern_nobody(payload: object) -> None:
    assert concerned("pull_request", payload, "o/n") is None


def test_signatures_are_those_of_githubs_documentation() -> None:
    # "Validating webhook deliveries" in GitHub Docs gives this secret, body and signature
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert signed(b"It's a Secret to Everybody", b"Hello, World!", signature)
    assert not signed(b"It's a Secret to Everybody", b"Hello, World", signature)
    assert not signed(b"It's a Secret to Everybody", b"Hello, World!", "sha256=\u00fc")


def test_a_delivery_is_taken_once_and_only_with_the_right_signature(
    github: Scene, payloads: list[tuple[str, Any]]
) -> None:
    woken: queue.Queue[Call | None] = queue.Queue()
    body = pushed(payloads)
    with listening(github.bot(), ("127.0.0.1", 0), SECRET, woken) as server:
        address = ("127.0.0.1", server.server_address[1])
        assert deliver(address, "pull_request", body, X_Hub_Signature_256="sha256=" + "0" * 64) == 401
        assert deliver(address, "pull_request", body, X_Hub_Signature_256="") == 401
        assert deliver(address, "pull_request", body, X_GitHub_Delivery="../x") == 400
        assert deliver(address, "pull_request", b"no json") == 400
        assert deliver(address, "pull_request", body, Content_Length=str(LARGEST + 1)) == 413
        assert deliver(address, "pull_request", body) == 202
        assert deliver(address, "pull_request", body) == 409
        assert deliver(address, "ping", b"{}", X_GitHub_Delivery="another-delivery") == 200
    with listening(github.bot(), ("127.0.0.1", 0), SECRET, woken) as server:
        address = ("127.0.0.1", server.server_address[1])
        assert deliver(address, "pull_request", body) == 409, "a bot that was started again remembers"
    assert woken.get_nowait() == Call(1) and woken.empty()


def test_a_delivery_wakes_the_loop(github: Scene, payloads: list[tuple[str, Any]]) -> None:
    woken: queue.Queue[Call | None] = queue.Queue()
    bot = github.bot()
    thread = threading.Thread(target=watch, args=(bot, woken, 3600))
    with listening(bot, ("127.0.0.1", 0), SECRET, woken) as server:
        thread.start()
        github.commit("topic", {"ring.c": source(function("one"))}, "main")
        github.hub.open("topic")
        github.hub.refresh()
        deliver(("127.0.0.1", server.server_address[1]), "pull_request", pushed(payloads))
        # the loop takes what is in the queue in turn: when it has ended, the delivery has been worked on
        woken.put(None)
        thread.join(60)
    assert not thread.is_alive()
    assert len(github.hub.reviews) <= 1
    assert github.bot().sweep() == 0
    assert len(github.hub.reviews) == 1
