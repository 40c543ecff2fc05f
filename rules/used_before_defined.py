# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch calls what only a later one adds

Between the two the tree does not build, so that nobody can bisect across the series.

To fix it, put the patch that adds the function or macro first.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.introduced import words
from reviewbot.checks.rule import File
from reviewbot.checks.series import PatchCode, SeriesCode, SeriesProblem

id = "used-before-defined"
severity = "warning"

GOOD = [
    """
== patch: box: add look()
== mm/box.c
+static int look(void)
+{
+\treturn 0;
+}
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
== patch: box: use look()
== mm/box.c
 void drain(void)
 {
+\tif (look()) /* finding */
+\t\treturn;
 }
== patch: box: add look()
== include/linux/box.h
 struct box;
+int look(void);
""",
]


def check_series(series: SeriesCode) -> Iterator[SeriesProblem]:
    """Yield the calls of what a later patch is the first to declare."""
    added = {one.number: dict(_added(one)) for one in series.patches[1:]}
    for place, one in enumerate(series.patches):
        later = {name: p.number for p in reversed(series.patches[place + 1 :]) for name in added[p.number]}
        for changed in one.files if later else ():
            if changed.after is None:
                continue
            old = words(changed.old)
            for call in (call for function in changed.after.unit.functions for call in function.calls):
                if call.line not in changed.added or call.name not in later or call.name in old:
                    continue
                number = later[call.name]
                path, line = added[number].pop(call.name)
                text = f"{call.name}() is added by patch {number} only: does the tree build with this patch alone?"
                evidence = ((path, line, "it is added here"),)
                yield SeriesProblem(one.number, text, call.name, changed.path, call.line, evidence=evidence)
                later.pop(call.name)


def _added(one: PatchCode) -> Iterator[tuple[str, tuple[str, int]]]:
    """Yield the functions and macros that a patch is the first to declare in the files it touches."""
    before = {name for changed in one.files if changed.before for name, _ in _declared(changed.before)}
    removed = (line for changed in one.files for h in changed.diff.hunks for line in h.lines if line.mark == "-")
    gone = {name for line in removed for name in _parts(line.text)}
    for changed in one.files:
        for name, line in _declared(changed.after) if changed.after else ():
            if line in changed.added and name not in before and name not in gone and changed.whole:
                yield name, (changed.path, line)


def _parts(text: str) -> list[str]:
    return "".join(c if c.isalnum() or c == "_" else " " for c in text).split()


def _declared(file: File) -> Iterator[tuple[str, int]]:
    yield from ((one.name, one.start_line) for one in file.unit.functions if one.name)
    yield from ((one.name, one.line) for one in file.unit.prototypes)
    yield from ((one.name, one.line) for one in file.unit.macros.values())
