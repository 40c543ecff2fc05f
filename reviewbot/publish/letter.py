# SPDX-License-Identifier: GPL-2.0-or-later
"""Letters: what is to be posted, and how it stands with them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Outcome = Literal["sent", "already-sent", "held", "in-doubt", "dropped", "failed"]
State = Literal["held", "approved", "reserved", "failed", "in-doubt", "sent", "dropped"]


@dataclass(frozen=True, slots=True)
class Letter:
    """Something to be posted.

    `key` names what is said to whom (`letter_key`); `channel` is the way it takes ("email", "github"), `recipient` and
    `subject` tell a person what it is, `payload` is what the channel sends.
    """

    key: str
    channel: str
    recipient: str
    subject: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A letter's standing: `reason` is why it is where it is, `reference` what the remote calls it, times are UTC."""

    key: str
    channel: str
    recipient: str
    subject: str
    state: State
    reason: str
    reference: str | None
    tries: int
    created: datetime
    changed: datetime


class NotSent(Exception):  # noqa: N818 - it is no error: it says what happened
    """Raised by a `send`: the letter has surely not been delivered, so it may be tried again."""


Send = Callable[[Letter], str]
"""Delivers a letter and returns what the remote calls it; raises NotSent where nothing can have been delivered."""

Look = Callable[[Letter], str | None]
"""Returns what the remote calls a letter that it has, None when it surely has not; raises where it cannot tell."""


def letter_key(channel: str, recipient: str, *said: str | bytes) -> str:
    """Return the key of a letter: the same for the same words to the same recipient, else another (SHA-256, hex)."""
    digest = hashlib.sha256()
    for part in (channel, recipient, *said):
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogateescape")
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()
