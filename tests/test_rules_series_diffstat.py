# SPDX-License-Identifier: GPL-2.0-or-later
"""Diffstats of mails that git made are those of their diffs; what was edited or lost afterwards is seen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reviewbot.checks.diffstats import Row, read_diffstat
from reviewbot.checks.engine import run_checks
from reviewbot.checks.series_examples import series_example
from reviewbot.model.tree import Applied, Base
from reviewbot.tree.apply import apply_series
from tests.checkskit import RULES
from tests.treekit import commit, mail_of, read_file, repository

RULE = [rule for rule in RULES if rule.id == "diffstat-mismatch"]
DEEP = "drivers/a/very/long/way/down/to/where/the/boxes/of/the/world/are/kept/safely/box.c"
LINES = b"".join(b"int slot%d;\n" % number for number in range(30))


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    """Mail a series that changes a file twice, renames, adds a binary file, changes a mode and a name too long."""
    place = repository(tmp_path / "tree", {"mm/box.c": LINES, DEEP: LINES, "lib/lid/old.c": LINES})
    commit(place, {"mm/box.c": LINES + b"int one;\n", DEEP: LINES[14:]}, "box: change both")
    commit(place, {"mm/box.c": LINES + b"int two;\nint three;\n"}, "box: change one again")
    commit(
        place, {"lib/lid/old.c": None, "lib/lid/new.c": LINES + b"int lid;\n", "logo": bytes(range(256))}, "lid: move"
    )
    (place / "mm/box.c").chmod(0o755)
    commit(place, {}, "box: make it a program")
    mail_of(place, "HEAD~4..HEAD", tmp_path / "mails", "--cover-letter", "--stat=72")
    return tmp_path / "mails"


def said(file: Path) -> list[tuple[int | None, str]]:
    """Return what the rule says of the series in a file, without a tree."""
    series = read_file(file)
    return [(f.patch, f.message) for f in run_checks(series, apply_series(series, None, None, file.parent), RULE)]


def test_what_git_mails_is_right(mails: Path) -> None:
    text = mails.read_text("latin-1")
    assert "=> " in text and "Bin 0 ->" in text and ".../" in text
    assert said(mails) == []


def test_a_series_without_one_of_its_patches_is_not_held_to_its_cover(mails: Path) -> None:
    messages = mails.read_text("latin-1").split("\nFrom ")
    mails.write_text("\nFrom ".join([*messages[:2], *messages[3:]]), "latin-1")
    assert said(mails) == []


def test_a_cover_of_another_version_is_objected_to(mails: Path) -> None:
    text = mails.read_text("latin-1")
    mails.write_text(re.sub(r" mm/box.c +\| +\d+ \+*", " mm/lid.c | 1 +", text, count=1), "latin-1")
    ((patch, message),) = said(mails)
    assert patch is None
    assert "mm/lid.c, which no patch touches" in message


COVER = """
== cover: box: both
 mm/box.c | {first} +
 mm/lid.c | {second} +
 2 files changed, {total} insertions(+)
== patch: box: close the lid
== mm/box.c
+long lid;
== patch: lid: close it too
== mm/lid.c
+long lid;
"""


@pytest.mark.parametrize(("first", "second", "right"), [(1, 1, True), (1, 2, False), (2, 2, False)])
def test_the_growth_of_a_series_is_that_of_its_patches(first: int, second: int, right: bool) -> None:
    code = series_example(COVER.format(first=first, second=second, total=first + second)).code
    applied = Applied(Base("pinned", "tree", "0"), (), tuple(code.snapshots), False, code.history)
    assert (run_checks(code.series, applied, RULE) == ()) == right


def test_a_diffstat_is_read_with_the_names_that_git_shortens() -> None:
    rows = (" a/{b => c}/d.c | 2 +-", " .../x.c | 1 +", " logo | Bin 0 -> 9 bytes", " ...b => c}/e.c | 0")
    text = "\n".join([*rows, " 4 files changed, 2 insertions(+)"])
    stat = read_diffstat(text)
    assert stat is not None and stat.every_row
    assert stat.rows == (Row("a/c/d.c", False, 2), Row("/x.c", True, 1), Row("logo", False, None), Row("e.c", True, 0))
    assert read_diffstat(text + "\n" + text) is None
