# SPDX-License-Identifier: GPL-2.0-or-later
"""A repository at the tests' GitHub, with branches of small C files, and the bot that watches it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reviewbot.checks.load import load_rule
from reviewbot.publish.github.access import Forge
from reviewbot.publish.github.bot import Bot
from reviewbot.publish.github.memory import Memory
from reviewbot.publish.github.mirror import Mirror
from reviewbot.publish.github.outlet import Live
from reviewbot.publish.github.perform import Writer
from reviewbot.publish.github.settings import GithubBot
from reviewbot.publish.outbox import Outbox
from reviewbot.review.memory.store import Store, open_store
from reviewbot.review.pipeline import Judges
from tests.fixturekit import git
from tests.github.hub import REPOSITORY, Hub
from tests.github.server import Server, serve

RULES = Path(__file__).resolve().parents[2] / "rules"
TOKEN = "a-token-of-the-tests"


def function(name: str, bad: bool = True) -> str:
    """Return a C function that reads what it may not have set, or one that does not."""
    value = "int size" if bad else "int size = 0"
    return f"int {name}(int wanted)\n{{\n\t{value};\n\n\tif (wanted)\n\t\tsize = wanted;\n\treturn size;\n}}\n"


def source(*functions: str) -> str:
    """Return a C file."""
    return "\n".join(("/* a ring */", *functions))


@dataclass
class Scene:
    """What a test works with. The work tree's branches are pushed to the hub's repository."""

    hub: Hub
    server: Server
    work: Path
    store: Store
    home: Path

    def commit(self, branch: str, files: dict[str, str], base: str | None = None, message: str = "ring: change") -> str:
        """Commit files to a branch (made from `base` where that is given), push it, and return the commit."""
        self._git("checkout", "-q", *(["-B", branch, base] if base else [branch]))
        for name, text in files.items():
            place = self.work / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        self._git("add", "-A")
        self._git("commit", "-q", "-m", message)
        self._git("push", "-q", "-f", str(self.hub.repository), branch)
        self.hub.refresh()
        for pull in self.hub.pulls.values():
            pull["changed"] += pull["head"] == branch
        return self._git("rev-parse", "HEAD")

    def _git(self, *arguments: str) -> str:
        done = git(self.work, *arguments)
        assert done.status == 0, done.err
        return done.out.strip()

    def settings(self, **more: object) -> GithubBot:
        """Return a bot's settings for this GitHub."""
        token = self.home / "token"
        token.write_text(TOKEN)
        usual = {
            "api": self.hub.url,
            "remote": str(self.hub.repository),
            "token_file": token,
            "pause": 0,
            "timeout": 20,
        }
        return GithubBot(**{**usual, "poll": 1, **more})  # type: ignore[arg-type]

    def bot(self, **more: object) -> Bot:
        """Return a bot of a process that has just begun."""
        settings = self.settings(**more)
        forge = Forge(settings, REPOSITORY)
        mirror = Mirror(self.home / "mirror.git", settings.remote)
        writer = Writer(forge, mirror)
        outlet = Live(Outbox(self.store), REPOSITORY, writer.send, writer.look)
        judges = Judges((load_rule(RULES / "uninitialized_use.py"),), ())
        return Bot(settings, forge, mirror, judges, outlet, Memory(self.store))


@contextmanager
def scene(home: Path) -> Iterator[Scene]:
    """Make the repository with its branch `main`, and run its GitHub."""
    repository, work = home / "hub.git", home / "work"
    work.mkdir()
    git(home, "init", "-q", "--bare", "-b", "main", str(repository))
    git(work, "init", "-q", "-b", "main")
    hub = Hub(repository)
    with serve(hub) as server, open_store(f"sqlite:///{home / 'memory.db'}") as store:
        made = Scene(hub, server, work, store, home)
        git(work, "commit", "-q", "--allow-empty", "-m", "empty")
        made.commit("main", {"ring.c": source(function("old", bad=False)), "other.c": source(function("far"))})
        yield made
