# SPDX-License-Identifier: GPL-2.0-or-later
"""What `reviewbot.toml` says in `[bot.github]`. docs/github.md shows the whole of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reviewbot.model.errors import UnusableInputError
from reviewbot.publish.tables import Table

TOKENS = ("REVIEWBOT_GITHUB_TOKEN", "GITHUB_TOKEN")
SECRET = "REVIEWBOT_GITHUB_SECRET"
FAIL_ON = ("error", "warning", "note", "never")


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App that the bot acts as: its id, its installation, the file of its private key."""

    id: int
    installation: int
    key: Path


@dataclass(frozen=True, slots=True)
class Limits:
    """What GitHub takes: comments a review, annotations a request, characters a text; and our cap of annotations."""

    comments: int = 30
    annotations: int = 50
    characters: int = 65_535
    annotations_in_all: int = 200


@dataclass(frozen=True, slots=True)
class GithubBot:
    """The table `[bot.github]`.

    `api` is the root of the REST API, `remote` the git URL of a repository with `{repo}` for its name, `borrow` a local
    repository whose objects need not be fetched. `fail_on` is the severity from which the check fails. `moderate`:
    everything waits for `reviewbot bot outbox approve`. `reserve` is the part of the rate limit that is left to others.
    `archive` is where a mailed series can be read, with `{id}` for its message-id. Times are in seconds.
    """

    api: str = "https://api.github.com"
    remote: str = "https://github.com/{repo}.git"
    borrow: Path | None = None
    cache: Path | None = None
    app: App | None = None
    token_file: Path | None = None
    secret_file: Path | None = None
    fail_on: str = "error"
    drafts: bool = False
    moderate: bool = False
    simulate: bool = True
    rules: tuple[Path, ...] = ()
    poll: float = 60
    timeout: float = 30
    pause: float = 1
    reserve: float = 0.2
    archive: str = "https://lore.kernel.org/r/{id}"
    limits: Limits = field(default_factory=Limits)


def _app(table: Table) -> App:
    key = table.path("key_file")
    if key is None:
        raise table.fail("key_file", "is missing")
    found = App(table.integer("id", 0, 1, 2**40), table.integer("installation", 0, 1, 2**40), key)
    table.finish()
    return found


def read_github(table: Table) -> GithubBot:
    """Read the table `[bot.github]`; UnusableInputError names the key that is wrong."""
    usual = GithubBot()
    found = GithubBot(
        api=(table.text("api") or usual.api).rstrip("/"),
        remote=table.text("remote") or usual.remote,
        borrow=table.path("borrow"),
        cache=table.path("cache"),
        app=_app(table.table("app")) if "app" in table else None,
        token_file=table.path("token_file"),
        secret_file=table.path("secret_file"),
        fail_on=table.choice("fail_on", FAIL_ON, usual.fail_on),
        drafts=table.flag("drafts", usual.drafts),
        moderate=table.flag("moderate", usual.moderate),
        simulate=table.flag("simulate", usual.simulate),
        rules=tuple(table.file.parent / Path(one).expanduser() for one in table.words("rules")),
        poll=table.number("poll_seconds", usual.poll, least=1, most=86400),
        timeout=table.number("timeout_seconds", usual.timeout, least=0.1, most=600),
        pause=table.number("pause_seconds", usual.pause, least=0, most=60),
        reserve=table.number("reserve", usual.reserve, least=0, most=1),
        archive=table.text("archive") or usual.archive,
    )
    table.finish()
    return found


def _kept(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableInputError(f"{file}: {error}") from error


def token(bot: GithubBot, env: Mapping[str, str] = os.environ) -> str | None:
    """Return the token to act with, from its file or the environment; None where there is none."""
    if bot.token_file is not None:
        return _kept(bot.token_file)
    return next((env[name] for name in TOKENS if env.get(name)), None)


def secret(bot: GithubBot, env: Mapping[str, str] = os.environ) -> bytes:
    """Return the secret that webhooks are signed with; UnusableInputError where there is none."""
    text = _kept(bot.secret_file) if bot.secret_file is not None else env.get(SECRET, "")
    if not text:
        raise UnusableInputError(f"webhooks need a secret: secret_file in [bot.github], or {SECRET}")
    return text.encode()
