# SPDX-License-Identifier: GPL-2.0-or-later
"""Real series of a real list, on a real kernel tree, compared with what git am says of them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reviewbot.render.report import schema
from tests.commands import reviewbot

SLUGS = (
    "20221018-shikemeng-a-few-cleanup-and-bugfix-patches-for-blk-ioc-v2",
    "20221031-jirislaby-block-blk-iocost-gcc13-cast-enum-members-to-v1",
    "20221102-ssawgyw-some-cleanup-patches-for-block-bfq-v1",
    "20230315-jurilelli-sched-deadline-cpuset-rework-deadline-bandwi-v1",
)
TAKEN = {"clean", "offset", "fuzzy", "three-way", "repaired"}


def recorded(shared: Path, slug: str) -> dict[str, Any]:
    """Return the corpus's record of a series."""
    lines = (shared / "corpus" / "series.jsonl").read_text().splitlines()
    return next(record for record in map(json.loads, lines) if record["slug"] == slug)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_real_series_is_reviewed_on_the_real_tree(slug: str, shared: Path, linux: Path) -> None:
    mailbox = shared / "corpus" / "series" / f"{slug}.mbox"
    done = reviewbot("review", mailbox, "--tree", linux, "--base", "HEAD", "--format", "json")
    assert done.status in (0, 1), done.err
    report = json.loads(done.out)
    jsonschema.validate(report, schema())
    truth = recorded(shared, slug)
    (one,) = report["series"]
    assert [p["message_id"] for p in one["patches"]] == truth["patches"]
    assert one["base"]["kind"] == "pinned"
    statuses = [p["application"]["status"] for p in one["patches"]]
    failed = truth["git_am"]["failed_patch"]
    before = statuses if failed is None else statuses[: failed - 1]
    assert set(before) <= TAKEN
    if failed is not None:
        assert statuses[failed - 1] == "conflict"
        assert set(statuses[failed:]) <= {"not-tried"}


def test_the_users_repository_is_left_as_it_was(shared: Path, linux: Path) -> None:
    def state() -> tuple[str, str]:
        refs = subprocess.run(["git", "-C", str(linux), "show-ref", "--head"], capture_output=True, check=True)
        counts = subprocess.run(["git", "-C", str(linux), "count-objects", "-v"], capture_output=True, check=True)
        return refs.stdout.decode(), counts.stdout.decode()

    before = state()
    done = reviewbot("review", shared / "corpus" / "series" / f"{SLUGS[0]}.mbox", "--tree", linux, "--base", "HEAD")
    assert done.status in (0, 1), done.err
    assert state() == before
