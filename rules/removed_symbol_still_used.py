# SPDX-License-Identifier: GPL-2.0-or-later
"""A function or macro is removed and still used

The file does not build, or, where a header declares another thing of that name, it now means something else.

To fix it, change the users in the same patch, or keep the symbol until they are gone.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import File
from reviewbot.checks.series import PatchCode, SeriesCode, SeriesProblem

id = "removed-symbol-still-used"
severity = "error"

GOOD = [
    """
== patch: box: inline look()
== mm/box.c
-static int look(void)
-{
-\treturn 0;
-}
 void drain(void)
 {
-\tlook();
 }
""",
    """
== patch: box: move look() to the header
== mm/box.c
 #include "box.h"
-static int look(void)
-{
-\treturn 0;
-}
 void drain(void)
 {
 \tlook();
 }
== mm/box.h
+static inline int look(void)
+{
+\treturn 0;
+}
""",
    """
== patch: box: make look() a macro
== mm/box.c
-static int look(void)
-{
-\treturn 0;
-}
+#define look() 0
 void drain(void)
 {
 \tlook();
 }
""",
]

BAD = [
    """
== patch: box: remove look()
== mm/box.c
-static int look(void)
-{
-\treturn 0;
-}
 void drain(void)
 {
 \tlook(); /* finding */
 }
""",
    """
== patch: box: remove look()
== mm/box.c
-#define look(n) (n)
 int drain(void)
 {
 \treturn look(1); /* finding */
 }
""",
    """
== patch: box: remove look(), of two users one is forgotten
== mm/box.c
-static int look(void)
-{
-\treturn 0;
-}
 void drain(void)
 {
-\tlook();
 }
 int fill(void)
 {
 \tif (look()) /* finding */
 \t\treturn 1;
 \treturn 0;
 }
""",
]


def check_series(series: SeriesCode) -> Iterator[SeriesProblem]:
    """Yield the first call, in each file, of what a patch takes away."""
    for one in series.patches:
        yield from _calls_left(one)


def _calls_left(one: PatchCode) -> Iterator[SeriesProblem]:
    there = {name for changed in one.files if changed.after for name in _names(changed.after)}
    for changed in one.files:
        if changed.before is None or changed.after is None or not changed.whole:
            continue
        # what is declared outside too (a prototype, an extern) may live on in a file that the patch does not show
        gone = _own(changed.before) - there - {one.name for one in changed.before.unit.prototypes}
        for function in changed.after.unit.functions if gone else ():
            for call in function.calls:
                if call.name in gone and call.name not in {v.name for v in (*function.params, *function.locals)}:
                    gone = gone - {call.name}
                    text = f"{call.name}() is used here, but the patch removes its definition."
                    yield SeriesProblem(one.number, text, call.name, changed.path, call.line)


def _own(file: File) -> frozenset[str]:
    functions = {one.name for one in file.unit.functions if one.is_static}
    return frozenset(functions | set(file.unit.macros)) - {""}


def _names(file: File) -> Iterator[str]:
    unit = file.unit
    yield from (one.name for one in unit.functions)
    yield from (one.name for one in unit.prototypes)
    yield from (one.name for one in unit.globals)
    yield from unit.macros
