# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes that post through an outbox to a real SMTP server, and die at a step of one's choice."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import smtplib
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event

from reviewbot.publish.letter import Letter, Look, NotSent, letter_key
from reviewbot.publish.outbox import Outbox
from reviewbot.review.memory.store import open_store
from tests.mailbotkit import Sink

TO = "ada@example.org"
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__, "tests.memorykit"])
_OUTCOMES = ("sent", "already-sent", "held", "in-doubt", "dropped", "failed")


def letter(words: str = "hello") -> Letter:
    """Return a mail whose Message-ID is its key."""
    key = letter_key("email", TO, words)
    payload = f"Message-ID: <{key}@bot>\r\nTo: {TO}\r\nSubject: {words}\r\n\r\n{words}\r\n".encode()
    return Letter(key, "email", TO, words, payload)


def taken(sink: Sink) -> list[str]:
    """Return the keys of the mails that a server was given, in order."""
    found = [re.search(rb"Message-ID: <(\w+)@bot>", data) for _, data in sink.mails]
    return [one[1].decode() for one in found if one is not None]


class Steps:
    """Counts what a process does, and kills it as `kill -9` would at the step `last`."""

    def __init__(self, last: int | None) -> None:
        """Watch every statement and commit from now on."""
        self._left = last
        event.listen(Engine, "before_cursor_execute", self.step)
        event.listen(Engine, "after_cursor_execute", self.step)
        event.listen(Engine, "commit", self.step)

    def step(self, *_: Any) -> None:
        """Take a step."""
        if self._left is not None:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def sender(port: int, step: Callable[[], None] = lambda: None) -> Callable[[Letter], str]:
    """Return what sends a letter by SMTP."""

    def send(one: Letter) -> str:
        step()
        try:
            client = smtplib.SMTP("127.0.0.1", port)
        except OSError as error:
            raise NotSent(str(error)) from error
        with client:
            step()
            client.sendmail("bot@example.org", [TO], one.payload)
            step()
        return f"<{one.key}@bot>"

    return send


def post(url: str, port: int, last: int | None, there: list[str] | None, words: tuple[str, ...] = ("hello",)) -> None:
    """Post some letters in this process; `there` is what the remote says that it has, None where it cannot be asked."""
    steps = Steps(last)
    look: Look | None = None if there is None else lambda one: f"<{one.key}@bot>" if one.key in there else None
    with open_store(url) as store:
        outcomes = [Outbox(store).post(letter(one), sender(port, steps.step), look=look) for one in words]
    steps.step()
    os._exit(_OUTCOMES.index(outcomes[-1]))


def start(target: Callable[..., None], *arguments: object) -> Any:
    """Start a process."""
    process = _CONTEXT.Process(target=target, args=arguments)
    process.start()
    return process


def run(target: Callable[..., None], *arguments: object) -> int:
    """Run a process to its end and return its exit code: minus the signal that killed it."""
    process = start(target, *arguments)
    process.join(60)
    assert process.exitcode is not None
    return int(process.exitcode)


def outcome(code: int) -> str:
    """Return the outcome that `post` ended with."""
    assert code >= 0, f"killed by signal {-code}"
    return _OUTCOMES[code]
