# SPDX-License-Identifier: GPL-2.0-or-later
"""Something slips between a comment and its function

The comment now stands above what was put there, and the function has none: readers, and scripts/kernel-doc, take it for
the description of the wrong thing.

To fix it, put the new lines above the comment.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import File
from reviewbot.checks.series import ChangedFile, SeriesCode, SeriesProblem

id = "split-comment-from-function"
severity = "note"

GOOD = [
    """
== patch: box: look first
== mm/box.c
+static int look(void);
 /* Empties the box. */
 void drain(void)
 {
 }
""",
    """
== patch: box: look first
== mm/box.c
+/* Looks into the box. */
+static int look(void)
+{
+\treturn 0;
+}
+
 /* Empties the box. */
 void drain(void)
 {
 }
""",
    """
== patch: box: the comment is about the state that follows
== mm/box.c
 /* How the box is emptied. */

+static int slots;
+
 void drain(void)
 {
 }
""",
]

BAD = [
    """
== patch: box: look first
== mm/box.c
 /* Empties the box. */
+static int look(void); /* finding */
 void drain(void)
 {
 }
""",
    """
== patch: box: look first
== mm/box.c
 /*
  * Empties the box.
  */
+static DEFINE_MUTEX(lid_mutex); /* finding */
+
 void drain(void)
 {
 }
""",
    """
== patch: box: look first
== mm/box.c
 /** drain - empties the box */
+static int look(void) /* finding */
+{
+\treturn 0;
+}
+
 void drain(void)
 {
 }
""",
]

_LONGEST = 100

BY_FILE = True


def check_series(series: SeriesCode) -> Iterator[SeriesProblem]:
    """Yield the lines that a patch puts between a comment and the function right under it."""
    for one in series.patches:
        for changed in one.files:
            if changed.before is not None and changed.after is not None:
                yield from _split(changed, changed.before, changed.after)


def _split(changed: ChangedFile, before: File, after: File) -> Iterator[SeriesProblem]:
    old, new = (file.unit.source.data.decode("utf-8", "replace").split("\n") for file in (before, after))
    for function in before.unit.functions:
        comment = _above(old, function.start_line)
        now = after.unit.function(function.name) if function.name and function.header_known else None
        if not comment or now is None or not now.header_known or _above(new, now.start_line):
            continue
        end = next((n for n in range(now.start_line - 1, 0, -1) if new[n - len(comment) : n] == comment), None)
        if end is None or now.start_line - end > _LONGEST or end + 1 not in changed.added or not new[end].strip():
            continue
        if new[end].lstrip().startswith(("#", "}", "/*")) or end in changed.added:
            continue
        text = (
            f"This stands between {function.name}() and the comment above it. Is the comment still about the function?"
        )
        yield SeriesProblem(changed.patch.number, text, function.name, changed.path, end + 1)


def _above(lines: list[str], start: int) -> list[str]:
    """Return the lines of the comment right above 1-based line `start`, [] where none ends there."""
    end = start - 1
    if end < 1 or not lines[end - 1].rstrip().endswith("*/"):
        return []
    for first in range(end, max(end - _LONGEST, 0), -1):
        if "/*" in lines[first - 1]:
            return lines[first - 1 : end] if lines[first - 1].lstrip().startswith("/*") else []
    return []
