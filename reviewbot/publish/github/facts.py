# SPDX-License-Identifier: GPL-2.0-or-later
"""What is known of a pull request, as frozen values, and what may be done about it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from reviewbot.model.diff import Side
from reviewbot.publish.github import marks

Json = dict[str, Any]
Kind = Literal[
    "review", "resolve", "unresolve", "edit", "reply", "begin", "annotate", "check", "react", "comment", "push", "open",
    "retitle",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request. `head` and `base` are full commit ids; `head_ref` and `base_ref` names of branches."""

    number: int
    title: str
    body: str
    author: str
    head: str
    base: str
    head_ref: str
    base_ref: str
    open: bool
    draft: bool
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment: in the conversation of a pull request, in a thread, or the body of a review.

    `url` is where people read it; `person` is False for one of a program.
    """

    id: int
    author: str
    body: str
    url: str = ""
    at: datetime | None = None
    person: bool = True


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread at a line: its node id, who resolved it (None: nobody), and its comments, oldest first.

    `line` is in the file as the head has it, or, with the side "old", as the base has it; None where a push took it
    away, or the thread is about the whole file.
    """

    id: str
    resolved: bool
    resolved_by: str | None
    comments: tuple[Remark, ...]
    path: str = ""
    line: int | None = None
    side: Side = "new"


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was said in a pull request so far: `login` is the bot's own name, `reviews` are everybody's, as bodies."""

    login: str
    threads: tuple[Thread, ...] = ()
    reviews: tuple[Remark, ...] = ()

    @property
    def own_reviews(self) -> tuple[Remark, ...]:
        """The bot's reviews."""
        return tuple(one for one in self.reviews if same_login(one.author, self.login))


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do at GitHub. `key` is a function of what is said where, `data` what the request needs."""

    kind: Kind
    pull: int
    key: str
    data: Json = field(default_factory=dict)

    def dump(self) -> bytes:
        """Return the action as JSON, stable byte for byte."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def load_action(data: bytes) -> Action:
    """Return the action that `Action.dump` wrote."""
    return Action(**json.loads(data))


def same_login(one: str | None, other: str | None) -> bool:
    """Tell whether two names are of one account; an App's is `name[bot]` in REST and `name` in GraphQL."""
    return bool(one) and bool(other) and str(one).removesuffix("[bot]") == str(other).removesuffix("[bot]")


def own_threads(said: Conversation) -> list[tuple[str, Thread]]:
    """Return the bot's threads with the fingerprint that each is about."""
    found = []
    for thread in said.threads:
        if thread.comments and same_login(thread.comments[0].author, said.login):
            found += [(one, thread) for one in marks.findings(thread.comments[0].body)[:1]]
    return found
