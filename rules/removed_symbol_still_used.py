# SPDX-License-Identifier: GPL-2.0-or-later
"""A symbol is removed and still used

The file does not build, or, where a header declares another thing of that name, it now means something else.

To fix it, change the users in the same patch, or keep the symbol until they are gone.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.introduced import words
from reviewbot.checks.removed import can_mean, possible_users, removed_symbols
from reviewbot.checks.rule import File
from reviewbot.checks.series import SeriesCode, SeriesProblem
from reviewbot.checks.symbols import symbols, uses

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
    """Yield the first use, in each file, of what a patch takes away."""
    for place, one in enumerate(series.patches):
        gone = {symbol.key: symbol for symbol in removed_symbols(one)}
        for source, unit in possible_users(series, one, gone) if gone else ():
            own = {symbol.key for symbol in symbols(File(unit))}
            wanted = {key for key in gone if key not in own and can_mean(one, source, gone[key])}
            for key, line in uses(unit, wanted) if wanted else ():
                if key in wanted:
                    wanted.discard(key)
                    text = f"{gone[key]} is used here, but the patch removes its definition."
                    mended = _mended(series, place, source.path, key[1])
                    yield SeriesProblem(one.number, text, key[1], source.path, line, put_right_by=mended)


def _mended(series: SeriesCode, place: int, path: str, name: str) -> int | None:
    """Return the number of the first later patch after which the file is without the name."""
    for later in series.patches[place + 1 :]:
        if name not in words(later.after.read(path)):
            return later.number
    return None
