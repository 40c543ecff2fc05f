# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job takes a mailbox, a single patch file and standard input, and says the same of them."""

from __future__ import annotations

import json
import mailbox
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reviewbot.render.report import schema
from reviewbot.tree.importing import import_directory
from tests.commands import Done, reviewbot

WANTED = {
    ("wait-without-wake", 1, "memcg_handle_oom"),
    ("uninitialized-use", 1, "mem_cgroup_resize_memsw_limit"),
    ("loop-without-progress", 1, "mem_cgroup_resize_memsw_limit"),
}


@pytest.fixture(scope="module")
def tree(fixtures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository made of the bundled tree."""
    place = tmp_path_factory.mktemp("sources") / "tree"
    import_directory(fixtures / "tree", place)
    return place


def first_series(done: Done) -> dict[str, Any]:
    """Return the first series of a JSON report that is valid."""
    assert done.status == 1, done.err
    report = json.loads(done.out)
    jsonschema.validate(report, schema())
    series: dict[str, Any] = report["series"][0]
    return series


def found(series: dict[str, Any]) -> set[tuple[str, int, str]]:
    """Return what the rules found."""
    return {(f["rule"], f["patch"], f["function"]) for f in series["findings"] if f["source"] == "rule"}


def test_standard_input_is_a_source(fixtures: Path, tree: Path) -> None:
    data = (fixtures / "series" / "memcg-oom-v1.mbox").read_bytes()
    done = reviewbot("review", "-", "--tree", tree, "--no-simulate", "--format", "json", stdin=data)
    assert found(first_series(done)) >= WANTED


def test_a_single_patch_file_is_a_source(fixtures: Path, tree: Path, tmp_path: Path) -> None:
    box = mailbox.mbox(fixtures / "series" / "memcg-oom-v1.mbox", create=False)
    (mail,) = [m for m in box if str(m["Subject"]).startswith("[PATCH 1/2]")]
    file = tmp_path / "0001-let-chargers-wait.patch"
    file.write_bytes(mail.as_bytes())
    series = first_series(
        reviewbot("review", file, "--tree", tree, "--base", "HEAD", "--no-simulate", "--format", "json")
    )
    assert found(series) >= WANTED
    assert (series["total"], series["missing"]) == (2, [2])


def test_the_replies_of_a_run_are_mails_that_can_be_sent(fixtures: Path, tree: Path, tmp_path: Path) -> None:
    replies = tmp_path / "replies.mbox"
    done = reviewbot(
        "review", fixtures / "series" / "memcg-oom-v1.mbox", "--tree", tree, "--format", "email", "--output", replies
    )
    assert done.status == 1, done.err
    mails = [message_from_bytes(m.as_bytes(), policy=policy.default) for m in mailbox.mbox(replies)]
    answered = [str(mail["In-Reply-To"]) for mail in mails]
    # the whole on the cover, then what is to be said on a patch
    assert answered[:2] == [f"<20100308092010.{number}-ines.calder@example.org>" for number in (0, 1)]
    assert len(set(answered)) == len(mails)
    for mail in mails:
        assert str(mail["Subject"]).startswith("Re: [PATCH")
        assert not mail.defects
        assert len(mail.get_content().splitlines()) <= 150  # type: ignore[attr-defined]


def test_a_patch_for_a_file_that_is_not_there_is_a_series_that_does_not_apply(fixtures: Path, tree: Path) -> None:
    done = reviewbot("review", fixtures / "series" / "no-such-file.mbox", "--tree", tree, "--format", "json")
    assert done.status in (0, 1), done.err
    (patch,) = json.loads(done.out)["series"][0]["patches"]
    assert patch["application"]["status"] == "conflict"
    assert patch["files"][0]["new_path"] in patch["application"]["reason"]
