# SPDX-License-Identifier: GPL-2.0-or-later
"""A function as lines, for planting: sites are described as the kernel's style writes them, one statement a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.csource.functions import Function

ALLOCATES = r"k[mzvc]*alloc(?:_node|_array)?|kmemdup|kstrdup|kmem_cache_z?alloc|vz?alloc|kasprintf"
LEAVES = re.compile(r"\s*(?:return\b.*|goto \w+);")


@dataclass(frozen=True, slots=True)
class Plant:
    """A planted defect: its class, where, and the lines (1-based, first to last) that become others."""

    kind: str
    path: str
    function: str
    first: int
    last: int
    lines: tuple[str, ...]

    def apply(self, data: bytes) -> bytes:
        """Return a file with the defect in it."""
        lines = data.split(b"\n")
        lines[self.first - 1 : self.last] = [line.encode("utf-8", "surrogateescape") for line in self.lines]
        return b"\n".join(lines)


class Body:
    """The lines of a function; `start` is the number of the first."""

    def __init__(self, function: Function, lines: list[str]) -> None:
        self.name, self.path, self.start = function.name, function.path, function.start_line
        self.lines = lines[function.start_line - 1 : function.end_line]
        self.text = "\n".join(self.lines)
        self.function = function

    def find(self, pattern: str) -> Iterator[tuple[int, re.Match[str]]]:
        """Yield the index and match of each line that is what the pattern says, blanks around it aside."""
        compiled = re.compile(rf"\s*(?:{pattern})\s*")
        for at, line in enumerate(self.lines):
            match = compiled.fullmatch(line)
            if match:
                yield at, match

    def indent(self, at: int) -> str:
        line = self.lines[at]
        return line[: len(line) - len(line.lstrip())]

    def plant(self, kind: str, first: int, last: int, *lines: str) -> Plant:
        """Make a plant that replaces the lines with indices `first` to `last`."""
        return Plant(kind, self.path, self.name, self.start + first, self.start + last, lines)

    def alone(self, at: int) -> bool:
        """Tell whether a statement is not the only one under an `if` without braces, so that it may be deleted."""
        above = self.lines[at - 1].rstrip()
        return above.endswith((";", "{", "}", ":", "*/")) or not above

    def line(self, at: int) -> str:
        return self.lines[at] if 0 <= at < len(self.lines) else ""

    def label(self, name: str) -> int | None:
        """Return the index of a label's line."""
        return next((at for at, line in enumerate(self.lines) if re.match(rf"\s*{name}:", line)), None)

    def after_label(self, name: str, most: int = 6) -> list[str]:
        """Return the lines that follow a label."""
        at = self.label(name)
        return [] if at is None else [line.strip() for line in self.lines[at + 1 : at + 1 + most]]
