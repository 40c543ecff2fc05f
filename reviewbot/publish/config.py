# SPDX-License-Identifier: GPL-2.0-or-later
"""What `reviewbot.toml` says about memory, about policy and about the bots. docs/bots.md shows the whole of it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from reviewbot.model.errors import UnusableInputError
from reviewbot.publish.github.settings import GithubBot, read_github
from reviewbot.publish.mail.settings import EmailBot, read_email
from reviewbot.publish.policy import CC, MODES, Cc, Limits, Mode, Policy, Rule
from reviewbot.publish.tables import Table
from reviewbot.review.memory.standing import Threshold


@dataclass(frozen=True, slots=True)
class Config:
    """What the file says; a table that is not there has its defaults, a bot that is not there is None."""

    file: Path
    memory: str | None = None
    policy: Policy = field(default_factory=Policy)
    email: EmailBot | None = None
    github: GithubBot | None = None


def load_config(path: Path) -> Config:
    """Read a `reviewbot.toml`. UnusableInputError names the file and the key that is wrong or not known."""
    top = _read(path)
    memory = top.table("memory")
    bots = top.table("bot")
    return Config(
        file=path,
        memory=memory.text("url"),
        policy=_policy(top.table("policy")),
        email=read_email(bots.table("email")) if "email" in bots else None,
        github=read_github(bots.table("github")) if "github" in bots else None,
    )


def memory_setting(path: Path) -> str | None:
    """Return the `url` of the table `[memory]`, None when it or the file is not there; nothing else is looked at."""
    return _read(path).table("memory").text("url") if path.exists() else None


def shadow_setting(path: Path) -> Threshold:
    """Return from what on a rule is posted: as the policy says, where there is such a file."""
    return load_config(path).policy.shadow if path.exists() else Threshold()


def _read(path: Path) -> Table:
    try:
        with path.open("rb") as stream:
            return Table(path, "", tomllib.load(stream))
    except FileNotFoundError as error:
        raise UnusableInputError(f"{path}: no such file (docs/bots.md shows one)") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnusableInputError(f"{path}: {error}") from error


def _policy(table: Table) -> Policy:
    usual = Limits()
    found = Policy(
        mode=cast(Mode, table.choice("mode", MODES, "public")),
        lists={name.lower(): _rule(one) for name, one in table.tables("lists").items()},
        authors={name.lower(): _rule(one) for name, one in table.tables("authors").items()},
        moderate=table.flag("moderate", True),
        embargo_hours=table.number("embargo_hours", 0, most=24 * 365),
        limits=Limits(
            author=table.integer("author_per_day", usual.author),
            listed=table.integer("list_per_day", usual.listed),
            day=table.integer("per_day", usual.day),
        ),
        cc=cast(Cc, table.choice("cc", CC, "all")),
        never=frozenset(one.lower() for one in table.words("never")),
        shadow=Threshold(
            answered=table.integer("shadow_answered", Threshold().answered, least=1),
            right=table.number("shadow_right", Threshold().right, most=1),
        ),
    )
    table.finish()
    return found


def _rule(table: Table) -> Rule:
    found = Rule(
        mode=cast(Mode, table.choice("mode", MODES, "public")),
        moderate=table.flag("moderate", False),
        embargo_hours=table.number("embargo_hours", 0, most=24 * 365),
    )
    table.finish()
    return found
