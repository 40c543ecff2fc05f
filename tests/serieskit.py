# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of the rules over a series share: a real tree, and patches that bring it from state to state."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from reviewbot.checks.engine import run_checks
from reviewbot.model.diff import Series
from reviewbot.model.finding import Finding
from reviewbot.model.tree import Applied
from reviewbot.tree.apply import apply_series
from reviewbot.tree.repository import open_tree
from tests.checkskit import RULES
from tests.treekit import diff_of, patch_of, repository, series_of

Files = dict[str, str | None]


def findings(place: Path, rule: str, base: dict[str, str], *patches: tuple[str, Files]) -> tuple[Finding, ...]:
    """Return what a rule finds in the series that `applied_series` makes."""
    series, applied = applied_series(place, base, *patches)
    return run_checks(series, applied, [one for one in RULES if one.id == rule])


def applied_series(place: Path, base: dict[str, str], *patches: tuple[str, Files]) -> tuple[Series, Applied]:
    """Return a series, and the same on a git tree with the files `base`.

    Each patch is what its mail says (the first line is the subject) and the files as it leaves them (None: removed).
    """
    state: Files = dict(base)
    made = []
    for number, (text, files) in enumerate(patches, 1):
        sides = [(path, state.get(path), after) for path, after in files.items()]
        diffs = [diff_of(path, _bytes(old), _bytes(new)) for path, old, new in sides]
        subject, _, log = text.partition("\n")
        made.append(replace(patch_of(number, *diffs), subject=subject, log=log, total=len(patches)))
        state.update(files)
    tree = repository(place / "tree", {path: text.encode() for path, text in base.items()})
    scratch = place / "scratch"
    scratch.mkdir()
    series = series_of(*made)
    applied = apply_series(series, open_tree(str(tree)), "HEAD", scratch)
    assert not applied.reconstructed
    return series, applied


def _bytes(text: str | None) -> bytes | None:
    return text.encode() if text is not None else None
