# SPDX-License-Identifier: GPL-2.0-or-later
"""Which external checkers there are for a series on its base."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reviewbot.checks.external.coccinelle import coccinelle
from reviewbot.checks.external.compiler import Build, compilers
from reviewbot.checks.external.texts import checkpatch, codespell
from reviewbot.checks.external.tool import Troubles
from reviewbot.checks.rule import Rule
from reviewbot.model.diff import Series
from reviewbot.model.tree import Applied
from reviewbot.tree.repository import Tree

_BUILD = "sparse, W=1 build"


@dataclass(frozen=True, slots=True)
class External:
    """The rules that stand for the installed tools, and what goes wrong with them once the rules have run."""

    rules: tuple[Rule, ...]
    troubles: Troubles


def external_rules(
    series: Series, applied: Applied, scratch: Path, *, tree: Tree | None, directories: Sequence[Path]
) -> External:
    """Return a rule for each tool that is installed and can be run on what is there.

    `directories` may hold `.cocci` files of the user; `scratch` is a directory for the tools' files that has to stay
    until the rules have run. What the series itself brings is read by the tools and never run.
    """
    troubles = Troubles()
    rules = list(_of_base(applied, directories, scratch, troubles))
    build = _build(series, applied, tree, troubles)
    if build is not None:
        rules += compilers(build, scratch, troubles)
    return External(tuple(rules), troubles)


def _of_base(applied: Applied, directories: Sequence[Path], scratch: Path, troubles: Troubles) -> Iterator[Rule]:
    """Yield the rules of the tools that come with the tree, or need nothing of it."""
    semantic = coccinelle(applied.snapshots[0], directories, scratch / "coccinelle", troubles)
    written = checkpatch(applied.snapshots[0], scratch / "checkpatch", troubles)
    spelling = codespell(troubles)
    yield from (rule for rule in (semantic, written, spelling) if rule is not None)


def _build(series: Series, applied: Applied, tree: Tree | None, troubles: Troubles) -> Build | None:
    """Return the work tree whose build tells how files are compiled, None with a note where there is none."""
    place = tree.repository.workdir if tree is not None and not applied.reconstructed else None
    if tree is None or place is None:
        troubles.say(_BUILD, "not run: there is no work tree to build in")
    elif not (Path(place) / ".config").is_file():
        troubles.say(_BUILD, f"not run: {place} is not configured")
    elif tree.resolve("HEAD") != applied.base.commit:
        troubles.say(_BUILD, f"not run: {place} is not checked out at the base")
    else:
        paths = dict.fromkeys(f.new_path for p in series.patches for f in p.files if f.new_path)
        return Build(Path(place).resolve(), applied.snapshots, tuple(paths))
    return None
