# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading from GitHub through PyGithub, and how its answers bear on what may be sent next.

PyGithub's own default would send a POST again after an error (a possible second review): only GET is ever repeated.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from github import Auth, Github, GithubException, GithubRetry
from github.PullRequest import PullRequest
from github.Repository import Repository

from reviewbot.model.diff import Side
from reviewbot.model.errors import UnusableInputError
from reviewbot.publish.github.facts import Conversation, Json, Pull, Remark, Thread
from reviewbot.publish.github.settings import GithubBot, token

MAX_REMARKS = 2000
"""Comments, reviews and threads of a pull request that are read."""
RETRIES = 3
LEAST_LEFT = 50
HOUR = 3600
WRITES_AN_HOUR = 400
"""GitHub's secondary limit is 500 requests that make content in an hour, and 80 in a minute."""

THREADS = """
query($owner: String!, $name: String!, $number: Int!, $after: String) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 50, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id isResolved path line diffSide
          resolvedBy { login }
          comments(first: 100) { nodes { databaseId body url createdAt author { __typename login } } }
        }
      }
    }
  }
}"""


class PauseError(Exception):
    """GitHub wants no more requests for `seconds`."""

    def __init__(self, why: str, seconds: float) -> None:
        super().__init__(f"{why}: pausing for {seconds:.0f} s")
        self.seconds = seconds


def connect(bot: GithubBot) -> Github:
    """Return a connection as an App's installation, with a token, or (reading only) with neither."""
    auth: Auth.Auth | None = None
    if bot.app is not None:
        try:
            key = Path(bot.app.key).read_text("utf-8")
        except OSError as error:
            raise UnusableInputError(f"{bot.app.key}: {error.strerror}") from error
        auth = Auth.AppAuth(bot.app.id, key).get_installation_auth(bot.app.installation)
    elif (found := token(bot)) is not None:
        auth = Auth.Token(found)
    retry = GithubRetry(total=RETRIES, allowed_methods={"GET"}, secondary_rate_wait=min(60, bot.poll))
    return Github(
        base_url=bot.api,
        auth=auth,
        retry=retry,
        timeout=int(max(1, bot.timeout)),
        per_page=100,
        seconds_between_writes=bot.pause,
        seconds_between_requests=min(bot.pause, 0.25),
        user_agent="reviewbot",
        # an object is asked for when something of it is needed, and often nothing is but its address
        lazy=True,
    )


def refused_for_rate(error: GithubException) -> float | None:
    """Return for how many seconds GitHub wants no more requests, None where an error is about something else.

    Both limits answer 403 or 429 ("Rate limits for the REST API", GitHub Docs): the primary one says when it is reset,
    the secondary one how long to wait, or else a minute.
    """
    if error.status not in (403, 429):
        return None
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    wait = headers.get("retry-after", "")
    if wait.isdigit():
        return float(wait)
    if headers.get("x-ratelimit-remaining") == "0" and headers.get("x-ratelimit-reset", "").isdigit():
        return max(1.0, int(headers["x-ratelimit-reset"]) - time.time())
    return 60.0 if error.status == 429 or "rate limit" in str(error.data).lower() else None


@dataclass(slots=True)
class Budget:
    """Counts what this process writes, and looks at what GitHub says is left."""

    connection: Github
    reserve: float
    written: list[float] = field(default_factory=list)
    until: float = 0

    def rest(self, seconds: float) -> None:
        """Write nothing for some seconds: GitHub has said so."""
        self.until = max(self.until, time.time() + seconds)

    def check(self) -> None:
        """Raise PauseError while nothing is to be written."""
        if (left := self.until - time.time()) > 0:
            raise PauseError("GitHub's limit", left)

    def spend(self) -> None:
        """Take one request that makes content out of the budget; PauseError well before GitHub would refuse it."""
        self.check()
        now = time.time()
        self.written = [at for at in self.written if at > now - HOUR]
        if len(self.written) >= WRITES_AN_HOUR:
            self.rest(self.written[0] + HOUR - now)
            raise PauseError(f"{len(self.written)} requests within the hour", self.until - now)
        remaining, limit = self.connection.rate_limiting
        if 0 <= remaining < max(LEAST_LEFT, limit * self.reserve) and limit > LEAST_LEFT:
            self.rest(min(max(1.0, self.connection.rate_limiting_resettime - now), HOUR))
            raise PauseError(f"{remaining} of {limit} requests are left", self.until - now)
        self.written.append(now)


class Forge:
    """One repository at GitHub, to read from."""

    def __init__(self, bot: GithubBot, name: str) -> None:
        """`name` is `owner/name`; nothing is asked yet."""
        if name.count("/") != 1 or not all(name.split("/")):
            raise UnusableInputError(f"{name!r} is no repository: owner/name")
        self.name = name
        self.connection = connect(bot)
        self.budget = Budget(self.connection, bot.reserve)
        self.repository: Repository = self.connection.get_repo(name)
        self._login: str | None = None

    def pulls(self) -> Iterator[Pull]:
        """Yield the open pull requests, the last changed first."""
        return map(_pull, self.repository.get_pulls(state="open", sort="updated", direction="desc"))

    def pull(self, number: int) -> Pull:
        """Return a pull request."""
        return _pull(self.repository.get_pull(number))

    def login(self) -> str:
        """Return the bot's own login, "" for a bot that only reads. REST has none for an App, GraphQL has."""
        if self._login is None and self.connection.requester.auth is None:
            self._login = ""
        if self._login is None:
            self._login = str(self.graphql("query { viewer { login } }", {})["viewer"]["login"])
        return self._login

    def graphql(self, query: str, variables: Json) -> Json:
        """Ask GraphQL and return the answer's `data`."""
        _, answer = self.connection.requester.graphql_query(query, variables)
        data: Json = answer["data"]
        return data

    def remarks(self, number: int) -> list[Remark]:
        """Return the comments in a pull request's conversation, oldest first."""
        found = self.repository.get_issue(number).get_comments()
        return [
            Remark(one.id, _login(one.user), one.body or "", one.html_url, one.created_at, _person(one.user))
            for one in islice(found, MAX_REMARKS)
        ]

    def permission(self, login: str) -> str:
        """Return what a login may do: admin, write, read or none."""
        try:
            return self.repository.get_collaborator_permission(login)
        except GithubException as error:
            if error.status == 404 or (error.status == 403 and refused_for_rate(error) is None):
                return "none"
            raise

    def reviews(self, number: int) -> tuple[Remark, ...]:
        """Return the reviews of a pull request, oldest first, without the comments at its lines."""
        found = self.repository.get_pull(number).get_reviews()
        return tuple(
            Remark(one.id, _login(one.user), one.body or "", one.html_url, one.submitted_at, _person(one.user))
            for one in islice(found, MAX_REMARKS)
        )

    def conversation(self, number: int) -> Conversation:
        """Return what was said so far in reviews and threads."""
        if not self.login():
            return Conversation("")
        threads = tuple(_thread(node) for node in self._thread_nodes(number))
        return Conversation(self.login(), threads, self.reviews(number))

    def _thread_nodes(self, number: int) -> Iterator[Json]:
        owner, _, name = self.name.partition("/")
        after = None
        for _ in range(MAX_REMARKS // 50):
            data = self.graphql(THREADS, {"owner": owner, "name": name, "number": number, "after": after})
            page = data["repository"]["pullRequest"]["reviewThreads"]
            yield from page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]


def _login(user: Any) -> str:
    """Return a user's login; an account that is gone has none ("ghost")."""
    return str(user.login) if user is not None else "ghost"


def _person(user: Any) -> bool:
    return user is None or user.type != "Bot"


def _pull(pull: PullRequest) -> Pull:
    return Pull(
        number=pull.number,
        title=pull.title,
        body=pull.body or "",
        author=_login(pull.user),
        head=pull.head.sha,
        base=pull.base.sha,
        head_ref=pull.head.ref,
        base_ref=pull.base.ref,
        open=pull.state == "open",
        draft=bool(pull.draft),
        updated=pull.updated_at,
    )


def _thread(node: Json) -> Thread:
    by = (node["resolvedBy"] or {}).get("login")
    side: Side = "old" if node["diffSide"] == "LEFT" else "new"
    comments = tuple(map(_said, node["comments"]["nodes"]))
    return Thread(node["id"], node["isResolved"], by, comments, node["path"], node["line"], side)


def _said(node: Json) -> Remark:
    author = node["author"] or {"login": "ghost", "__typename": "User"}
    at = datetime.fromisoformat(node["createdAt"])
    person = author["__typename"] != "Bot"
    return Remark(int(node["databaseId"] or 0), author["login"], node["body"], node["url"], at, person)
