# SPDX-License-Identifier: GPL-2.0-or-later
"""What is known of a pull request, as frozen values, and what may be done about it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

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
    """A comment in the conversation of a pull request."""

    id: int
    author: str
    body: str


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread at a line: its node id, who resolved it (None: nobody), and its comments, oldest first."""

    id: str
    resolved: bool
    resolved_by: str | None
    comments: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was said in a pull request so far: `login` is the bot's own name, `reviews` the bodies of its reviews."""

    login: str
    threads: tuple[Thread, ...] = ()
    reviews: tuple[str, ...] = ()


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
