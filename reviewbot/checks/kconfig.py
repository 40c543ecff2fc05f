# SPDX-License-Identifier: GPL-2.0-or-later
"""Options in Kconfig files (Documentation/kbuild/kconfig-language.rst)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename

from reviewbot.model.diff import FileDiff
from reviewbot.model.tree import SourceFile

_ENTRY = re.compile(r"(?:menu)?config\s+(\w+)\s*$")
# what ends an option: the keywords that stand at the left
_END = re.compile(r"\w")
_ASKED = re.compile(r"\s+(?:(?:bool|tristate|int|hex|string)\s+[\"']|prompt\s+[\"'])")
_HELP = re.compile(r"\s+(?:help|---help---)\s*$")


def unexplained_symbols(diff: FileDiff, source: SourceFile | None) -> Iterator[tuple[str, int]]:
    """Yield the new options that people are asked for and that have no help text, with their 1-based lines.

    `source` is the file after the patch; options of which not every line is known are left out.
    """
    if source is None or not basename(diff.path).startswith("Kconfig"):
        return
    added = {line.new for hunk in diff.hunks for line in hunk.lines if line.mark == "+"}
    lines = source.data.decode("utf-8", "replace").split("\n")
    for number, line in enumerate(lines, 1):
        found = _ENTRY.match(line)
        if found is None or number not in added:
            continue
        end = next((n for n in range(number + 1, len(lines) + 1) if _END.match(lines[n - 1])), len(lines) + 1)
        body = lines[number : end - 1]
        known = all(source.knows(n) for n in range(number, min(end, len(lines)) + 1))
        if known and any(map(_ASKED.match, body)) and not any(map(_HELP.match, body)):
            yield found.group(1), number
