# SPDX-License-Identifier: GPL-2.0-or-later
"""The objects of pull requests: fetched into a bare repository of the bot's own, never checked out.

The repository is laid out by hand, so that it has no hooks; git runs with no configuration but its own, and over
transports alone that run no command of anybody's choice. Nothing that a pull request contains is ever executed.
"""

from __future__ import annotations

import base64
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reviewbot.model.errors import UnusableInputError
from reviewbot.publish.outbox import NotSent
from reviewbot.tree.gitcommand import environment
from reviewbot.tree.repository import Tree, open_tree

FETCH_SECONDS = 3600
CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n\thooksPath = /dev/null\n[gc]\n\tauto = 0\n"
_SECRET = re.compile(r"(?<=://)[^/@\s]{1,500}@")
_REFUSED = re.compile(r"rejected|stale info|denied|protected|declined|not found|does not exist", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mirror:
    """Where the objects are kept (`path`), where they come from (`remote`), and what need not be fetched (`borrow`).

    `token` gives what http logs in with, None: nothing.
    """

    path: Path
    remote: str
    borrow: Path | None = None
    token: Callable[[], str | None] = lambda: None

    def prepare(self) -> None:
        """Make the repository where it is not there yet."""
        for folder in ("objects/info", "objects/pack", "refs"):
            (self.path / folder).mkdir(parents=True, exist_ok=True)
        if self.borrow is not None:
            objects = open_tree(str(self.borrow)).object_directory.resolve()
            (self.path / "objects/info/alternates").write_text(f"{objects}\n", "utf-8", "surrogateescape")
        if not (self.path / "HEAD").exists():
            (self.path / "config").write_text(CONFIG)
            (self.path / "HEAD").write_text("ref: refs/heads/none\n")

    def _git(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        env = environment()
        token = self.token() if self.remote.startswith("https://") else None
        if token is not None:
            # in the environment, since anybody can read a command line
            login = base64.b64encode(f"x-access-token:{token}".encode()).decode()
            env |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"http.{self.remote}.extraHeader"}
            env |= {"GIT_CONFIG_VALUE_0": f"Authorization: Basic {login}"}
        command = ["git", f"--git-dir={self.path}", *arguments]
        try:
            return subprocess.run(
                command, capture_output=True, timeout=FETCH_SECONDS, env=env, cwd=self.path, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UnusableInputError(f"git {arguments[0]}: {error}") from error

    def fetch(self, *refs: str) -> Tree:
        """Fetch refs of the remote (each kept as `refs/reviewbot/…`) and return the repository as a tree.

        UnusableInputError, one line, where that fails.
        """
        self.prepare()
        wanted = [f"+{ref}:refs/reviewbot/{ref.removeprefix('refs/')}" for ref in refs]
        done = self._git(
            ["fetch", "-q", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--", self.remote, *wanted]
        )
        if done.returncode != 0:
            raise UnusableInputError(f"fetching from {_harmless(self.remote)}: {_said(done.stderr)}")
        return open_tree(str(self.path), name=_harmless(self.remote))

    def at_remote(self, branch: str) -> str | None:
        """Return the commit that a branch of the remote has, None where there is no such branch."""
        self.prepare()
        ref = f"refs/heads/{branch}"
        done = self._git(["ls-remote", "--", self.remote, ref])
        if done.returncode != 0:
            raise UnusableInputError(f"asking {_harmless(self.remote)}: {_said(done.stderr)}")
        lines = [line.split("\t") for line in done.stdout.decode("utf-8", "replace").splitlines()]
        return next((parts[0] for parts in lines if len(parts) == 2 and parts[1] == ref), None)

    def push(self, commit: str, branch: str, expected: str | None) -> None:
        """Make a branch of the remote be `commit`, if it is `expected` now (None: if it does not exist).

        Raises NotSent where the remote refused it, UnusableInputError where it is not known what came of it.
        """
        ref = f"refs/heads/{branch}"
        lease = f"--force-with-lease={ref}:{expected or ''}"
        done = self._git(["push", "-q", "--no-verify", lease, "--", self.remote, f"{commit}:{ref}"])
        if done.returncode != 0:
            said = _said(done.stderr)
            if _REFUSED.search(said):
                raise NotSent(f"pushing {branch}: {said}")
            raise UnusableInputError(f"pushing {branch}: {said}")


def _harmless(remote: str) -> str:
    """Return a URL without the password that it may have in it."""
    return _SECRET.sub("", remote)


def _said(output: bytes) -> str:
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return _harmless("; ".join(lines[-3:]))[:500] or "git said nothing"
