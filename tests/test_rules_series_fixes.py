# SPDX-License-Identifier: GPL-2.0-or-later
"""The rule on Fixes: tags, on real histories: what is wrong is said, and what cannot be known is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reviewbot.checks.engine import run_checks
from reviewbot.model.mail import Trailer
from reviewbot.tree.apply import apply_series
from reviewbot.tree.repository import open_tree
from tests.checkskit import RULES
from tests.treekit import commit, diff_of, git, patch_of, repository, series_of

RULE = [rule for rule in RULES if rule.id == "fixes-tag-unknown"]
BOX, LID = b"int box;\n", b"int lid;\n"


def history(place: Path) -> Path:
    """Make a repository in which one commit is about the box, one about the lid."""
    repository(place, {"README": b"Boxes.\n"})
    commit(place, {"mm/box.c": BOX, "mm/old_lid.c": LID}, "box: Add the box")
    commit(place, {"mm/lid.c": LID, "mm/old_lid.c": None}, "lid: Move the lid")
    return place


def said(place: Path, tag: str, file: str = "mm/box.c", content: bytes = BOX) -> list[str]:
    """Return what the rule says of a patch of `file` with the tag, on the head of the repository at `place`."""
    patch = patch_of(1, diff_of(file, content, content.replace(b"int", b"long")))
    patch = replace(patch, trailers=(Trailer("Fixes", tag),))
    scratch = place.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    series = series_of(patch)
    return [f.message for f in run_checks(series, apply_series(series, open_tree(str(place)), "HEAD", scratch), RULE)]


def test_a_tag_with_the_commit_of_the_file_is_right(tmp_path: Path) -> None:
    place = history(tmp_path / "tree")
    name = git(place, "rev-parse", "--short=12", "HEAD~1")
    assert said(place, f'{name} ("box: Add the box")') == []
    assert said(place, name) == []


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ('{box} ("crate: Paint it")', "says"),
        ('{lid} ("lid: Move the lid")', "touches none of the files"),
        ('{short} ("box: Add the box")', "gives 8 characters"),
        ('0123456789ab ("box: Add the box")', "names no commit"),
    ],
)
def test_a_tag_with_another_commit_is_objected_to(tmp_path: Path, tag: str, words: str) -> None:
    place = history(tmp_path / "tree")
    box, lid = (git(place, "rev-parse", "--short=12", rev) for rev in ("HEAD~1", "HEAD"))
    (message,) = said(place, tag.format(box=box, lid=lid, short=box[:8]))
    assert words in message


def test_a_file_that_had_another_name_then_is_not_held_against_the_commit(tmp_path: Path) -> None:
    place = history(tmp_path / "tree")
    name = git(place, "rev-parse", "--short=12", "HEAD~1")
    assert said(place, f'{name} ("box: Add the box")', "mm/lid.c", LID) == []


def test_a_history_that_is_cut_off_says_nothing_of_commits_that_are_not_there(tmp_path: Path) -> None:
    place = history(tmp_path / "tree")
    shallow, alone = tmp_path / "shallow", tmp_path / "alone"
    git(tmp_path, "clone", "-q", "--depth=2", place.as_uri(), str(shallow))
    repository(alone, {"mm/box.c": BOX})
    for one in (shallow, alone):
        assert said(one, '0123456789ab ("box: Add the box")') == []


def test_a_shallow_history_does_not_tell_what_its_first_commit_touches(tmp_path: Path) -> None:
    place = history(tmp_path / "tree")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth=1", place.as_uri(), str(shallow))
    name = git(shallow, "rev-parse", "--short=12", "HEAD")
    assert said(shallow, f'{name} ("lid: Move the lid")') == []
