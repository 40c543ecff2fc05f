# SPDX-License-Identifier: GPL-2.0-or-later
"""What rules found in code that is seen again: findings as plain values, and the keys that they are kept under.

A key names all that a result follows from. Of a rule over one state of a file these are the file before and after (by
blob id), what else the rule is given, and the text of the rule; of a rule over a series, the mails and the base. What
the program is, is part of every entry's name (see `reviewbot.cache`). Rules that stand for other people's tools have
no text and are always asked; so are those whose answer came out of the history of the tree, which may grow.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import cache
from importlib.metadata import version
from typing import Any, cast

from reviewbot.cache import digest
from reviewbot.checks.fingerprint import Spot
from reviewbot.checks.rule import Problem
from reviewbot.model.diff import Series
from reviewbot.model.finding import Evidence, Finding
from reviewbot.model.tree import Applied, History, PastCommit, SourceFile


@cache
def grammar() -> str:
    """Return the versions of what parses."""
    return " ".join(version(name) for name in ("tree-sitter", "tree-sitter-c"))


def side_key(path: str, source: SourceFile, other: SourceFile | None) -> str | None:
    """Return the key of what is found in a file called `path` beside its other state; None unless both are whole."""
    if source.known is not None or (other is not None and other.known is not None):
        return None
    return digest("file", grammar(), path, source.path, source.key, other.key if other is not None else "")


def series_key(series: Series, applied: Applied) -> str | None:
    """Return the key of what is found in a series as a whole, None where it is not on a commit."""
    if applied.reconstructed or applied.base.commit is None:
        return None
    mail = series.mail
    if mail.cover is not None:
        # where it was read from makes no difference
        mail = replace(mail, cover=replace(mail.cover, origin=""))
    history = applied.history
    known = history is not None and history.complete
    parts = (grammar(), mail, series.patches, applied.base.commit, applied.applications, history is not None, known)
    return digest("series", repr(parts))


def files_key(series: str | None, paths: frozenset[str]) -> str | None:
    """Return the key of what is found in some files of the series that has the key `series`."""
    return digest("files", series, *sorted(paths)) if series is not None else None


def spots_to_plain(spots: tuple[Spot, ...]) -> list[object]:
    """Return findings of whole files as values that JSON has."""
    return [
        (
            spot.function, spot.tokens, spot.about, spot.ordinal, spot.problem.line, spot.problem.end_line,
            spot.problem.message, spot.problem.confidence, spot.problem.evidence,
        )
        for spot in spots
    ]  # fmt: skip


def spots_from_plain(rule: str, path: str, plain: object) -> tuple[Spot, ...] | None:
    """Return the findings of `rule` in the file `path`, None if `plain` is nothing that `spots_to_plain` makes."""
    made = []
    try:
        for function, tokens, about, ordinal, line, end_line, message, confidence, evidence in cast("Any", plain):
            pairs = tuple((number, note) for number, note in evidence)
            problem = Problem(line, message, confidence, pairs, about, end_line)
            made.append(Spot(rule, path, function, tokens, about, ordinal, problem))
    except (TypeError, ValueError):
        return None
    return tuple(made)


def findings_to_plain(findings: list[Finding]) -> list[object]:
    """Return findings as values that JSON has."""
    return [asdict(finding) for finding in findings]


def findings_from_plain(plain: object) -> list[Finding] | None:
    """Return the findings, None if `plain` is nothing that `findings_to_plain` makes."""
    made = []
    try:
        for one in cast("Any", plain):
            evidence = tuple(Evidence(**place) for place in one["evidence"])
            made.append(Finding(**{**one, "evidence": evidence, "raised_by": tuple(one["raised_by"])}))
    except (TypeError, ValueError, KeyError):
        return None
    return made


class Watched:
    """A history that tells whether it was asked."""

    def __init__(self, history: History) -> None:
        self._history = history
        self.asked = False

    @property
    def complete(self) -> bool:
        """As the history has it."""
        return self._history.complete

    def commit(self, prefix: str) -> PastCommit | None:
        """Ask the history."""
        self.asked = True
        return self._history.commit(prefix)

    def touches(self, commit: PastCommit, path: str) -> bool | None:
        """Ask the history."""
        self.asked = True
        return self._history.touches(commit, path)
