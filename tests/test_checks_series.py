# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules over a whole series: examples as series, findings that stay the same over versions, a tree's history."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

from reviewbot.checks.engine import run_checks
from reviewbot.checks.series_examples import expected_lines, series_example
from reviewbot.model.tree import Applied, Base
from reviewbot.tree.apply import apply_series
from reviewbot.tree.repository import open_tree
from tests.checkskit import RULES
from tests.treekit import diff_of, patch_of, repository, series_of

TWO = """
== commit 1234abcd1234 box: Add the box (mm/box.c)
== patch: box: use look()
== mm/box.c
 void drain(void)
 {
+\tlook(); /* finding */
 }
== patch: box: add look()
== mm/look.h
+static inline void look(void) { }
"""


def findings(text: str) -> list[tuple[str, int | None, str | None, int | None, str]]:
    """Return what all rules find in an example."""
    code = series_example(text).code
    applied = Applied(Base("pinned", "tree", "0"), (), tuple(code.snapshots), False, code.history)
    found = run_checks(code.series, applied, RULES)
    return [(f.rule, f.patch, f.path, f.line, f.fingerprint) for f in found if f.source == "series"]


def test_an_example_reads_as_patches_and_the_states_of_files_around_them() -> None:
    code = series_example(TWO).code
    assert [patch.number for patch in code.patches] == [1, 2]
    first = code.patches[0].files[0]
    assert first.before is not None and first.before.unit.function("drain") is not None
    assert first.whole
    assert set(first.added) == {3}
    assert code.snapshots[0].read("mm/look.h") is None
    assert code.final.read("mm/look.h") is not None
    assert expected_lines(TWO) == (7,)


def test_a_finding_is_in_the_patch_that_uses_too_early() -> None:
    ((rule, patch, path, line, _),) = findings(TWO)
    assert (rule, patch, path, line) == ("used-before-defined", 1, "mm/box.c", 3)


def test_a_finding_stays_the_same_when_patches_and_lines_move() -> None:
    moved = TWO.replace("== patch: box: use", "== patch: box: first\n== doc/x.txt\n+a\n== patch: box: use")
    moved = moved.replace(" void drain(void)", " int lid;\n void drain(void)")
    ((_, _, _, _, before),) = findings(TWO)
    ((_, patch, _, line, after),) = findings(moved)
    assert (patch, line) == (2, 4)
    assert before == after


def test_the_history_of_a_tree_knows_its_commits_and_what_they_touch(tmp_path: Path) -> None:
    place = repository(tmp_path / "tree", {"mm/box.c": b"int lid;\n"})
    (place / "x").write_text("x\n")
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", *who, "-C", place, "add", "x"], check=True)
    subprocess.run(["git", *who, "-C", place, "commit", "-qm", "box: Add x"], check=True)
    series = series_of(patch_of(1, diff_of("mm/box.c", b"int lid;\n", b"long lid;\n")))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    tree = open_tree(str(place))
    history = apply_series(series, tree, "HEAD", scratch).history
    assert history is not None and history.complete
    commit = history.commit(tree.resolve("HEAD")[:12])
    assert commit is not None and commit.subject == "box: Add x"
    assert (history.touches(commit, "x"), history.touches(commit, "mm/box.c")) == (True, False)
    assert history.commit("0123456789ab") is None


def test_a_cover_is_no_patch() -> None:
    code = series_example("== cover: box: both\nText.\n" + TWO.lstrip()).code
    assert code.mail.cover is not None and code.mail.cover.body.startswith("Text.")
    assert replace(code.mail, cover=None).subject == "box: both"
