# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch uses what only a later one adds

Between the two the tree does not build, so that nobody can bisect across the series.

To fix it, put the patch that adds the symbol first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from reviewbot.checks.added import added_symbols, added_words
from reviewbot.checks.introduced import words
from reviewbot.checks.series import ChangedFile, PatchCode, SeriesCode, SeriesProblem
from reviewbot.checks.symbols import Symbol, uses

id = "used-before-defined"
severity = "warning"

GOOD = [
    """
== patch: box: add look()
== mm/box.c
+static int look(void) { return 0; }
 void drain(void)
 {
 }
== patch: box: use look()
== mm/lid.c
+void lid(void)
+{
+\tlook();
+}
""",
    """
== patch: box: use look() of another file
== mm/box.c
 int look(void);
 void drain(void)
 {
+\tlook();
 }
== patch: box: define it here
== mm/box.c
 int look(void);
 void drain(void)
 {
 \tlook();
 }
+int look(void)
+{
+\treturn 0;
+}
""",
    """
== patch: box: a macro that is changed later
== mm/box.c
 #define look() 0
+int drain = look();
== patch: box: change it
== mm/box.c
-#define look() 0
+#define look() 1
 int drain = look();
""",
]

BAD = [
    """
== patch: box: use look()
== mm/box.c
 void drain(void)
 {
+\tlook(); /* finding */
 }
== patch: box: add look()
== mm/box.c
+static int look(void)
+{
+}
""",
    """
== patch: box: use look()
== mm/box.c
 void drain(void)
 {
+\tlook(1); /* finding */
 }
== patch: box: add look()
== mm/box.h
+#define look(n) (n)
""",
    """
== patch: box: use its lid
== mm/box.c
 void drain(struct box *box)
 {
+\tbox->lid = LID_OPEN; /* finding */
 }
== patch: box: add a lid
== mm/box.h
+enum lid { LID_OPEN };
+struct box {
+\tenum lid lid;
+};
""",
]


def check_series(series: SeriesCode) -> Iterator[SeriesProblem]:
    """Yield the first use of what a later patch is the first to declare, for each two patches."""
    added: dict[int, list[tuple[str, Symbol]]] = {}
    unseen: defaultdict[str, set[str]] = defaultdict(set)
    for one in series.patches:
        added[one.number] = list(added_symbols(one, unseen))
        for changed in one.files:
            unseen[changed.path] |= added_words(changed) - words(changed.old)
    for place, one in enumerate(series.patches):
        later = {
            symbol.key: (after.number, path, symbol)
            for after in reversed(series.patches[place + 1 :])
            for path, symbol in added[after.number]
        }
        for changed in one.files if later else ():
            if changed.after is None:
                continue
            seen = words(changed.old) | _in_headers(series, one, changed)
            unknown = {key: entry for key, entry in later.items() if entry[2].name not in seen}
            wanted = {key for key, (_, path, symbol) in unknown.items() if symbol.shared or path == changed.path}
            for key, line in uses(changed.after.unit, wanted) if wanted else ():
                if line in changed.added and key in later:
                    number, path, symbol = later[key]
                    later = {other: entry for other, entry in later.items() if entry[0] != number}
                    text = f"{symbol} is used here, but only patch {number} adds it."
                    evidence = ((path, symbol.line, "it is added here"),)
                    yield SeriesProblem(one.number, text, symbol.name, changed.path, line, "high", evidence, number)


def _in_headers(series: SeriesCode, one: PatchCode, user: ChangedFile) -> frozenset[str]:
    """Return the words of the other headers that the series touches, as this patch leaves them."""
    paths = {diff.path for patch in series.patches for diff in patch.patch.files if diff.path.endswith(".h")}
    return frozenset().union(*(words(one.after.read(path)) for path in paths - {user.path}))
