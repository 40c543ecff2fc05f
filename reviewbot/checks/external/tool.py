# SPDX-License-Identifier: GPL-2.0-or-later
"""What the external checkers share: where they work, and what is said of those that fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reviewbot.checks.external.process import ToolError
from reviewbot.checks.rule import File, Problem, Rule
from reviewbot.model.finding import Severity
from reviewbot.model.tree import SourceFile


@dataclass(frozen=True, slots=True)
class Report:
    """One line of a tool's output: where (1-based line), of which kind (the tool's word for it), and what it says."""

    line: int
    kind: str
    text: str


Look = Callable[[SourceFile], Iterator[Report]]


@dataclass(slots=True)
class Troubles:
    """What went wrong with tools, each said once; it fills while they run."""

    _said: dict[str, str] = field(default_factory=dict)

    def say(self, tool: str, reason: str) -> None:
        """Take note that a tool failed; only its first failure counts."""
        self._said.setdefault(tool, reason)

    def __contains__(self, tool: str) -> bool:
        return tool in self._said

    def notes(self) -> tuple[str, ...]:
        """Return a sentence for each tool that failed."""
        return tuple(f"{tool}: {reason}" for tool, reason in self._said.items())


def file_rule(tool: str, version: str, severity: Severity, look: Look, troubles: Troubles) -> Rule:
    """Make a rule of a tool that looks at one C file at a time; files that are known only in part it is not given.

    What it says of a content is kept, since what stands after a patch stands before the next. A tool that fails is
    not called again.
    """
    kept: dict[tuple[str, str], tuple[Report, ...]] = {}

    def check_file(file: File) -> Iterator[Problem]:
        source = file.unit.source
        place = (source.path, source.key)
        if not file.whole or tool in troubles:
            return
        if place not in kept:
            try:
                kept[place] = tuple(look(source))
            except ToolError as error:
                troubles.say(tool, str(error))
                return
        for one in kept[place]:
            yield Problem(one.line, said(one, tool, version), "medium", about=one.kind)

    return external_rule(tool, version, severity, check_file=check_file)


def external_rule(tool: str, version: str, severity: Severity, **check: Any) -> Rule:
    """Make a rule that stands for a tool."""
    text = f"{tool} {version}, an external checker."
    return Rule(tool, severity, text, (), (), Path(tool), source=f"external:{tool}", **check)


def said(report: Report, tool: str, version: str) -> str:
    """Return what a comment says: the tool's words, and whose they are."""
    return f"{report.text.strip().rstrip('.')} ({report.kind}, {tool} {version})".replace("  ", " ")


def write(source: SourceFile, root: Path) -> Path:
    """Write a file of a snapshot below `root` under its own path, which the tree side has vetted; return where."""
    place = root / source.path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(source.data)
    return place
