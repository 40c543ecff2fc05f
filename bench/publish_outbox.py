# SPDX-License-Identifier: GPL-2.0-or-later
"""Post many letters through one outbox while everything fails at random, and count what arrived twice or never.

    python bench/publish_outbox.py [LETTERS] [--seed N] [--bots N]

Several bots post the same letters at once. At random a remote refuses (a safe failure), takes a letter and breaks off,
breaks off before it takes it, cannot be looked at, or a bot is killed with SIGKILL at any statement, commit or step of
sending; killed bots are started again. Half of the letters go by a channel that can be looked at, the others by one
that cannot (as mail): what is in doubt there must be shown, and a person, who sees what arrived, decides. Prints
the counts; exits with 1 when a letter arrived twice, never, or was confirmed and is not there.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from reviewbot.publish.letter import Letter, NotSent, letter_key
from reviewbot.publish.outbox import Outbox
from reviewbot.review.memory.store import open_store

REFUSES, BREAKS_BEFORE, BREAKS_AFTER, BLIND = 0.1, 0.03, 0.05, 0.05
KILLED = 0.002
"""The chance of a kill at a step; a delivery has about 25 of them."""
KILLS = 0.05
"""Kills for each letter, at the most: then the bots may come to an end."""
ROUNDS = 200
"""How often a person looks at what is left, at the most."""


@dataclass
class Remote:
    """A place that letters are delivered to: a file that a line is added to in one write, so that no kill splits it."""

    log: Path
    chance: random.Random
    kill: bool = True

    def step(self, *_: Any) -> None:
        """Die, perhaps."""
        if self.kill and self.chance.random() < KILLED:
            os.kill(os.getpid(), signal.SIGKILL)

    def has(self) -> list[str]:
        """Return the keys of what was delivered."""
        return self.log.read_text().split()

    def send(self, letter: Letter) -> str:
        """Take a letter, or not."""
        self.step()
        luck = self.chance.random()
        if luck < REFUSES:
            raise NotSent("come back later")
        if luck < REFUSES + BREAKS_BEFORE:
            raise ConnectionError("broke off before")
        with self.log.open("ab", buffering=0) as out:
            out.write(f"{letter.key}\n".encode())
        self.step()
        if luck < REFUSES + BREAKS_BEFORE + BREAKS_AFTER:
            raise ConnectionError("broke off after")
        return letter.key

    def look(self, letter: Letter) -> str | None:
        """Tell whether a letter is here, or fail to."""
        self.step()
        if self.chance.random() < BLIND:
            raise ConnectionError("cannot look")
        return letter.key if letter.key in self.has() else None


def letters(count: int) -> list[Letter]:
    """Return letters for both channels."""
    made = []
    for number in range(count):
        channel = "github" if number % 2 else "email"
        key = letter_key(channel, "ada@example.org", str(number))
        made.append(Letter(key, channel, "ada@example.org", f"letter {number}", b"words"))
    return made


def bot(url: str, log: Path, wanted: Sequence[Letter], seed: int, kill: bool) -> None:
    """Post what is not done yet, in an order of its own, until killed or through."""
    remote = Remote(log, random.Random(seed), kill)
    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(Engine, name, remote.step)
    with open_store(url) as store:
        outbox = Outbox(store)
        done = {row.key for row in outbox.everything() if row.state == "sent"}
        left = [one for one in wanted if one.key not in done]
        remote.chance.shuffle(left)
        for one in left:
            outbox.post(one, remote.send, look=remote.look if one.channel == "github" else None)


def start(url: str, log: Path, wanted: Sequence[Letter], seed: int, kill: bool) -> int:
    """Start a bot as a process and return its number."""
    child = os.fork()
    if child == 0:
        bot(url, log, wanted, seed, kill)
        os._exit(0)
    return child


def storm(url: str, log: Path, wanted: Sequence[Letter], seed: int, bots: int) -> int:
    """Let bots post until one got through to the end; return how many were killed."""
    running = {start(url, log, wanted, seed * 1000 + number, True) for number in range(bots)}
    kills, through, started = 0, 0, bots
    while running:
        child, status = os.wait()
        running.discard(child)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if not killed and status:
            raise SystemExit(f"a bot failed with status {status}")
        kills, through = kills + killed, through + (not killed)
        if not through:
            running.add(start(url, log, wanted, seed * 1000 + started, kills < KILLS * len(wanted)))
            started += 1
    return kills


def person(url: str, log: Path) -> int:
    """Do as a person does: confirm what is in doubt and there, approve the rest; return how many letters that took."""
    there = set(log.read_text().split())
    with open_store(url) as store:
        outbox = Outbox(store)
        shown = [row for row in outbox.pending() if row.state in ("in-doubt", "reserved")]
        for row in shown:
            (outbox.confirm if row.key in there else outbox.approve)(row.key)
        remote = Remote(log, random.Random(0), kill=False)
        for _ in range(ROUNDS):
            for channel in ("email", "github"):
                outbox.flush(channel, remote.send, remote.look if channel == "github" else None)
            for row in outbox.pending():
                if row.state == "in-doubt" and row.channel == "email":
                    (outbox.confirm if row.key in remote.has() else outbox.approve)(row.key)
            if not outbox.pending():
                break
    return len(shown)


def measure(count: int, seed: int, bots: int, place: Path) -> dict[str, int]:
    """Run it all in a directory and return the counts."""
    url, log = f"sqlite:///{place / 'memory.sqlite'}", place / "delivered"
    log.touch()
    wanted = letters(count)
    open_store(url).close()
    kills = storm(url, log, wanted, seed, bots)
    found = Counter(log.read_text().split())
    with open_store(url) as store:
        rows = Outbox(store).everything()
    false_claims = sum(row.state == "sent" and not found[row.key] for row in rows)
    unseen = count - len(rows)
    asked = person(url, log)
    found = Counter(log.read_text().split())
    with open_store(url) as store:
        left = len(Outbox(store).pending())
    return {
        "letters": count,
        "kills": kills,
        "shown to a person": asked,
        "never tried": unseen,
        "confirmed and not there": false_claims,
        "duplicates": sum(times - 1 for times in found.values() if times > 1),
        "losses": sum(not found[one.key] for one in wanted),
        "left over": left,
    }


def main() -> int:
    """Measure as the command line says, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("letters", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bots", type=int, default=2)
    options = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        counts = measure(options.letters, options.seed, options.bots, Path(place))
    print(", ".join(f"{number} {what}" for what, number in counts.items()), f"({time.monotonic() - begun:.0f} s)")
    wrong = ("never tried", "confirmed and not there", "duplicates", "losses", "left over")
    return int(any(counts[what] for what in wrong))


if __name__ == "__main__":
    sys.exit(main())
