# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch that says it changes nothing changes a condition

"No functional change" is what makes people read a patch less closely, and what makes bisecting skip over it.

To fix it, split the change of behaviour off, or drop the sentence and say what changes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from reviewbot.checks.series import ChangedFile, SeriesCode, SeriesProblem
from reviewbot.csource.functions import Function

id = "no-functional-change-claim"
severity = "warning"

GOOD = [
    """
== patch: box: rename a local
No functional change intended.
== mm/box.c
 int full(int n, int room)
 {
-\tif (n < room)
+\tif (n < room) /* there is some */
 \t\treturn 0;
 \treturn 1;
 }
""",
    """
== patch: box: compare the other way
== mm/box.c
 int full(int n, int room)
 {
-\tif (n < room)
+\tif (n <= room)
 \t\treturn 0;
 \treturn 1;
 }
""",
    """
== patch: box: take it out
No functional changes.
== mm/box.c
 int full(int n, int room)
 {
-\tif (n < room)
+\tif (has_room(n, room))
 \t\treturn 0;
 \treturn 1;
 }
""",
]

BAD = [
    """
== patch: box: tidy up
No functional change intended.
== mm/box.c
 int full(int n, int room)
 {
-\tif (n < room)
+\tif (n <= room) /* finding */
 \t\treturn 0;
 \treturn 1;
 }
""",
    """
== patch: box: tidy up
This patch makes no functional changes.
== mm/box.c
 int full(int n, int room)
 {
-\tif (n && room)
+\tif (n || room) /* finding */
 \t\treturn 0;
 \treturn 1;
 }
""",
    """
== patch: box: tidy up
No functional change.
== mm/box.c
 int full(int n, int room)
 {
 \tif (n < room)
-\t\treturn 0;
+\t\treturn 1; /* finding */
 \treturn 2;
 }
""",
]

_CLAIM = re.compile(r"\bno functional changes?\b(?! (?:for|on|unless|except|if|when|otherwise))", re.IGNORECASE)
_TOKEN = re.compile(r"/\*(?:[^*]|\*(?!/))*\*/|//[^\n]*|\w+|[<>=!&|]+|[^\w\s]")
_FLIPPED = frozenset({"<", "<=", ">", ">=", "==", "!=", "&&", "||", "0", "1"})


def check_series(series: SeriesCode) -> Iterator[SeriesProblem]:
    """Yield the functions that differ in one operator or constant alone, in patches that claim to change nothing."""
    for one in series.patches:
        if not _CLAIM.search(" ".join(one.text.split())):
            continue
        for changed in one.files:
            for function, line in _flipped(changed):
                text = f"The changelog says that nothing changes, but {function.name}() decides otherwise here."
                yield SeriesProblem(one.number, text, function.name, changed.path, line)


def _flipped(changed: ChangedFile) -> Iterator[tuple[Function, int]]:
    """Yield the functions where a line is the same as before but for one comparison, connective, 0 or 1.

    Moved, renamed and restructured code differs in more: nothing is said of it, since it may well do the same.
    """
    if changed.before is None or changed.after is None:
        return
    for function in changed.after.unit.functions:
        old = changed.before.unit.function(function.name) if function.name else None
        if old is None or function.fragment or old.fragment:
            continue
        before, after = _lines(old), _lines(function)
        if len(before) != len(after):
            continue
        differing = [(a, b, line) for (a, _), (b, line) in zip(before, after, strict=True) if a != b]
        if len(differing) == 1 and _is_flip(differing[0][0], differing[0][1]):
            yield function, differing[0][2]


def _is_flip(before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    gone, came = (list((Counter(a) - Counter(b)).elements()) for a, b in ((before, after), (after, before)))
    return len(before) == len(after) and len(gone) == len(came) == 1 and {gone[0], came[0]} <= _FLIPPED


def _lines(function: Function) -> list[tuple[tuple[str, ...], int]]:
    """Return the words of each line of a function that has some besides comments, with the line's number."""
    found = []
    for line in range(function.start_line, function.end_line + 1):
        words = tuple(word for word in _TOKEN.findall(function.line_text(line)) if not word.startswith(("/*", "//")))
        if words:
            found.append((words, line))
    return found
