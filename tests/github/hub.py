# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests' GitHub knows and how it answers: pull requests of a real git repository, and what was said there."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from unidiff import PatchSet

from tests.fixturekit import git
from tests.github.description import description

Json = Any
OWNER, NAME = "octo", "ring"
REPOSITORY = f"{OWNER}/{NAME}"
BOT = "review-bot"
LONGEST = 65_536


class RefusedError(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, message: str, errors: Json = None, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message, "documentation_url": "https://docs.github.com/rest"}
        if errors is not None:
            self.body["errors"] = errors
        self.headers = headers or {}


@dataclass
class Hub:
    """The state. `app`: the bot is an App and may make check runs; `writable`: its token may make statuses."""

    repository: Path
    url: str = ""
    app: bool = True
    writable: bool = True
    pulls: dict[int, dict[str, Json]] = field(default_factory=dict)
    reviews: list[dict[str, Json]] = field(default_factory=list)
    comments: list[dict[str, Json]] = field(default_factory=list)
    threads: dict[str, dict[str, Json]] = field(default_factory=dict)
    remarks: list[dict[str, Json]] = field(default_factory=list)
    checks: list[dict[str, Json]] = field(default_factory=list)
    statuses: list[dict[str, Json]] = field(default_factory=list)
    reactions: list[dict[str, Json]] = field(default_factory=list)
    permissions: dict[str, str] = field(default_factory=dict)
    refused_lines: set[int] = field(default_factory=set)
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1000))

    def open(self, head: str, base: str = "main", author: str = "ada", title: str = "A change") -> int:
        """Open a pull request of two branches and return its number."""
        number = len(self.pulls) + 1
        self.pulls[number] = {
            "number": number, "head": head, "base": base, "author": author, "title": title, "body": "",
            "state": "open", "draft": False, "changed": 0,
        }  # fmt: skip
        return number

    def say(self, number: int, author: str, body: str) -> int:
        """Have somebody comment in a conversation; return the comment's id."""
        self.remarks.append({"id": next(self.ids), "pull": number, "author": author, "body": body})
        self.pulls[number]["changed"] += 1
        return int(self.remarks[-1]["id"])

    def answer(self, thread: str, author: str, body: str) -> int:
        """Have somebody answer in a thread; return the comment's id."""
        first = next(c for c in self.comments if c["thread"] == thread)
        self.comments.append({**first, "id": next(self.ids), "author": author, "body": body})
        self.pulls[first["pull"]]["changed"] += 1
        return int(self.comments[-1]["id"])

    def remark(self, number: int, author: str, path: str, line: int, body: str, side: str = "RIGHT") -> None:
        """Have somebody comment at a line."""
        row = {"author": author, "path": path, "line": line, "side": side, "body": body}
        self.begin_thread(number, {**row, "review": None})
        self.pulls[number]["changed"] += 1

    def begin_thread(self, number: int, comment: dict[str, Json]) -> None:
        """Add a comment that begins a thread."""
        made = next(self.ids)
        self.threads[f"PRRT_{made}"] = {"pull": number, "resolved": False, "by": None}
        self.comments.append({**comment, "id": made, "thread": f"PRRT_{made}", "pull": number})

    def sha(self, branch: str) -> str:
        """Return the commit of a branch."""
        done = git(self.repository, "rev-parse", f"refs/heads/{branch}")
        if done.status != 0:
            raise RefusedError(
                422, "Validation Failed", [{"resource": "PullRequest", "field": "head", "code": "invalid"}]
            )
        return done.out.strip()

    def refresh(self) -> None:
        """Let `refs/pull/N/head` follow the branches, as GitHub does."""
        for number, pull in self.pulls.items():
            git(self.repository, "update-ref", f"refs/pull/{number}/head", self.sha(pull["head"]))

    def lines(self, pull: dict[str, Json]) -> set[tuple[str, int]]:
        """Return where a pull request takes comments: the right side of its diff."""
        diff = git(self.repository, "diff", f"{pull['base']}...{pull['head']}").out
        return {
            (file.path, line.target_line_no)
            for file in PatchSet(diff)
            for hunk in file
            for line in hunk
            if line.target_line_no is not None
        }

    def example(self, name: str, **values: Json) -> Json:
        """Return GitHub's example with its addresses turned to this server and some values replaced."""
        text = json.dumps(description().example(name)).replace("https://api.github.com", self.url)
        return {**json.loads(text), **values}

    def user(self, login: str) -> Json:
        """Return a user as GitHub shows one."""
        return {**self.example("issue-comment")["user"], "login": login, "url": f"{self.url}/users/{login}"}


@dataclass(frozen=True)
class Request:
    """A request: `parts` are what the path's pattern has in groups."""

    parts: tuple[str, ...]
    query: dict[str, str]
    body: Json


Route = Callable[[Hub, Request], tuple[int, Json]]
ROUTES: list[tuple[str, re.Pattern[str], Route]] = []


def route(method: str, path: str) -> Callable[[Route], Route]:
    """Register a function for a path below the repository; `{}` stands for one part of it."""
    pattern = re.compile(re.escape(f"/repos/{REPOSITORY}{path}").replace(r"\{\}", "([^/]+)") + r"\Z")

    def register(function: Route) -> Route:
        ROUTES.append((method, pattern, function))
        return function

    return register


def find_pull(hub: Hub, number: str) -> dict[str, Json]:
    """Return a pull request's state, or answer 404."""
    if int(number) not in hub.pulls:
        raise RefusedError(404, "Not Found")
    return hub.pulls[int(number)]


def one_of(rows: list[dict[str, Json]], number: str) -> dict[str, Json]:
    """Return the row with an id, or answer 404."""
    found = next((row for row in rows if row["id"] == int(number)), None)
    if found is None:
        raise RefusedError(404, "Not Found")
    return found


def bounded(text: str) -> str:
    """Return a text that GitHub takes, or answer 422."""
    if len(text) > LONGEST:
        raise RefusedError(422, "Validation Failed", [f"body is too long (maximum is {LONGEST} characters)"])
    return text
