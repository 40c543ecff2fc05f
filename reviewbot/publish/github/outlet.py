# SPDX-License-Identifier: GPL-2.0-or-later
"""Where actions go: through the outbox to GitHub, or, in a dry run, into a directory to look at."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from reviewbot.publish.github.facts import Action
from reviewbot.publish.outbox import Letter, Outbox, Outcome, letter_key

LOG = logging.getLogger("reviewbot.github")
CHANNEL = "github"
DELIVERIES = "github-delivery"
TRIES = 5
DONE = frozenset({"sent", "already-sent", "held", "dropped"})
"""What is over and done with, as far as the bot goes."""


class Outlet(Protocol):
    """Takes actions."""

    def done(self, key: str) -> bool:
        """Tell whether the action of this key was taken already."""

    def post(self, action: Action) -> Outcome:
        """Take an action; what was taken before is not taken again."""

    def why(self, key: str) -> str:
        """Return why an action is not done, "" where nothing is known of that."""

    def flush(self) -> None:
        """Take what waits from earlier: what was approved, what failed, what is in doubt."""

    def first_time(self, delivery: str) -> bool:
        """Tell whether a webhook's delivery is new, and remember it."""


def key_maker(repository: str, number: int) -> Callable[..., str]:
    """Return what makes the keys of the actions at one pull request: `key_of(kind, *what)`."""
    recipient = f"{repository}#{number}"

    def key_of(*said: str) -> str:
        return letter_key(CHANNEL, recipient, *said)

    return key_of


def letter(action: Action, repository: str) -> Letter:
    """Return the letter that carries an action."""
    title = str(action.data.get("title") or action.data.get("body") or "")
    subject = f"{action.kind}: {title.splitlines()[0][:80]}" if title else action.kind
    return Letter(action.key, CHANNEL, f"{repository}#{action.pull}", subject, action.dump())


@dataclass(frozen=True, slots=True)
class Live:
    """Through the outbox; `hold` keeps everything for a person's approval."""

    outbox: Outbox
    repository: str
    send: Callable[[Letter], str]
    look: Callable[[Letter], str | None]
    hold: str | None = None

    def done(self, key: str) -> bool:
        """Tell whether the outbox is through with a letter, or keeps it for somebody."""
        return self.outbox.state(key) in ("sent", "held", "approved", "dropped")

    def post(self, action: Action) -> Outcome:
        """Post an action's letter."""
        return self.outbox.post(letter(action, self.repository), self.send, look=self.look, hold=self.hold)

    def why(self, key: str) -> str:
        """Return the outbox's reason."""
        return self.outbox.find(key).reason

    def flush(self) -> None:
        """Post what was approved, and what failed or broke before; the log tells what became of each letter.

        The letters about one pull request go in the order in which they were written, up to the first that fails: a
        check must not come before its review. One that failed often is left to a person.
        """
        stuck: set[str] = set()
        for row in self.outbox.pending():
            if row.channel != CHANNEL or not row.recipient.startswith(f"{self.repository}#") or row.state == "held":
                continue
            if row.recipient in stuck or (row.tries >= TRIES and row.state != "approved"):
                continue
            outcome = self.outbox.post(self.outbox.letter(row.key), self.send, look=self.look)
            LOG.info("%s: %s %s: %s", row.recipient, row.subject, row.key[:12], outcome)
            if outcome not in DONE:
                LOG.warning("%s: %s: %s", row.recipient, row.key[:12], self.why(row.key))
                stuck.add(row.recipient)

    def first_time(self, delivery: str) -> bool:
        """Remember a delivery as a letter that came."""
        key = letter_key(DELIVERIES, self.repository, delivery)
        note = Letter(key, DELIVERIES, self.repository, delivery, b"")
        return self.outbox.post(note, lambda _: delivery, look=lambda _: delivery) == "sent"


@dataclass(frozen=True, slots=True)
class Dry:
    """Into a directory: a JSON file an action, named so that they sort in their order."""

    directory: Path
    repository: str

    def _file(self, key: str) -> Path | None:
        return next(self.directory.glob(f"*-{_safe(key)}.json"), None)

    def done(self, key: str) -> bool:
        """Tell whether the directory has the action."""
        return self._file(key) is not None

    def post(self, action: Action) -> Outcome:
        """Write an action."""
        if self._file(action.key) is not None:
            return "already-sent"
        self.directory.mkdir(parents=True, exist_ok=True)
        number = sum(1 for _ in self.directory.glob("*.json"))
        name = f"{_safe(self.repository)}-{action.pull}-{number:04}-{action.kind}-{_safe(action.key)}.json"
        content = json.loads(action.dump())
        (self.directory / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8", "replace")
        return "held"

    def why(self, key: str) -> str:
        """Return "": everything can be written."""
        return ""

    def flush(self) -> None:
        """Do nothing: a dry run keeps nothing back."""

    def first_time(self, delivery: str) -> bool:
        """Remember a delivery as an empty file."""
        place = self.directory / "deliveries"
        place.mkdir(parents=True, exist_ok=True)
        try:
            (place / _safe(delivery)).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


def post_all(outlet: Outlet, name: str, actions: Iterable[Action]) -> bool:
    """Post the actions of `name` in their order, up to the first that is not done with; return whether all were.

    The log tells what became of each.
    """
    for action in actions:
        outcome = outlet.post(action)
        if outcome not in DONE:
            LOG.warning("%s: %s %s: %s: %s", name, action.kind, action.key[:12], outcome, outlet.why(action.key))
            return False
        LOG.info("%s: %s %s: %s", name, action.kind, action.key[:12], outcome)
    return True


def _safe(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "_", text)[:120]
