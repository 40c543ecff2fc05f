# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of the checks share: running rules on a series made of the states of a file."""

from __future__ import annotations

from pathlib import Path

from reviewbot.checks.engine import run_checks
from reviewbot.checks.load import load_rules
from reviewbot.model.finding import Finding
from reviewbot.tree.apply import apply_series
from reviewbot.tree.repository import open_tree
from tests.conftest import ROOT
from tests.treekit import diff_of, patch_of, repository, series_of

RULES = load_rules(ROOT / "rules")
# what looks at code alone: the states of a file say nothing of mails, nor of the other files of a tree
CODE_RULES = [rule for rule in RULES if rule.check_series is None and rule.check_change is None]
FILE = "mm/box.c"


def check_states(place: Path, *states: str, whole: bool = True, names: tuple[str, ...] = ()) -> tuple[Finding, ...]:
    """Return what the rules on code find in a series whose patches lead from each state of a file to the next one.

    `whole` applies it to a tree with the first state, else it is reconstructed. `names` are the file's names in the
    states where it is renamed (default: it keeps one).
    """
    files = names or (FILE,) * len(states)
    steps = zip(states, states[1:], files, files[1:], strict=False)
    patches = []
    for number, (before, after, old, new) in enumerate(steps, 1):
        diffs = [diff_of(old, before.encode(), after.encode())]
        if old != new:
            diffs = [diff_of(old, before.encode(), None), diff_of(new, None, after.encode())]
        patches.append(patch_of(number, *diffs))
    series = series_of(*patches)
    scratch = place / "scratch"
    scratch.mkdir()
    tree = open_tree(str(repository(place / "tree", {files[0]: states[0].encode()}))) if whole else None
    applied = apply_series(series, tree, "HEAD" if whole else None, scratch)
    assert applied.reconstructed != whole
    return run_checks(series, applied, CODE_RULES)


def spots(findings: tuple[Finding, ...]) -> list[tuple[str, int | None, int | None]]:
    """Return rule, patch and line of each finding."""
    return [(f.rule, f.patch, f.line) for f in findings]
