# SPDX-License-Identifier: GPL-2.0-or-later
"""A run that is killed at any instant leaves a whole review or none, and a database that opens."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from sqlalchemy import func, select

from reviewbot.review.memory import schema
from reviewbot.review.memory.ledger import posted
from reviewbot.review.memory.reviews import remember
from reviewbot.review.memory.store import Store, open_store
from tests.memorykit import first, open_new, remember_second, second
from tests.outboxkit import run, start


def content(store: Store) -> dict[str, int]:
    """Return how many rows each table has."""
    with store.reading() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in schema.metadata.tables.items()
        }


def stores(place: Path) -> Iterator[tuple[int, str]]:
    """Yield steps to be killed at, and the URL of a store for each that knows the first version and what was posted."""
    known = place / "known.sqlite"
    with open_store(f"sqlite:///{known}") as store:
        remember(store, first(), "first")
        posted(store, first().findings[2], "p1@example.org", "mail <x@y>")
    for last in count(0):
        copied = place / f"{last}.sqlite"
        shutil.copy(known, copied)
        yield last, f"sqlite:///{copied}"


def test_a_killed_run_leaves_a_whole_review_or_none(tmp_path: Path) -> None:
    seen: list[bool] = []
    for last, url in stores(tmp_path):
        if last == 0:
            with open_store(url) as store:
                before = content(store)
                remember(store, second(), "key")
                whole = content(store)
            continue
        code = run(remember_second, url, last)
        with open_store(url) as store:
            after = content(store)
        assert after in (before, whole) and before != whole and whole["ledger"] == 1
        seen.append(after == whole)
        if code != -signal.SIGKILL:
            break
    assert code == 0 and seen == sorted(seen) and len(seen) > 20
    # all but the last steps leave nothing
    assert sum(seen) <= 3


def test_a_run_killed_while_it_makes_the_database_leaves_one_that_opens(tmp_path: Path) -> None:
    for last in (*range(1, 8), *range(8, 60, 13)):
        url = f"sqlite:///{tmp_path / f'{last}.sqlite'}"
        assert run(open_new, url, last) in (-signal.SIGKILL, 0)
        with open_store(url) as store:
            assert content(store)["meta"] == 1


def test_runs_at_once_make_one_database_and_one_review(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'memory.sqlite'}"
    runs = [start(remember_second, url, None) for _ in range(4)]
    for one in runs:
        one.join(60)
    assert [one.exitcode for one in runs] == [0] * 4
    with open_store(url) as store:
        found = content(store)
    assert (found["meta"], found["reviews"], found["versions"], found["series"]) == (1, 1, 1, 1)
    assert os.listdir(tmp_path) == ["memory.sqlite"]  # noqa: PTH208 - the log is folded in when the last one closes
