# SPDX-License-Identifier: GPL-2.0-or-later
"""A new function is not static, and nothing declares it

No other file can call it without a prototype, so that it is for its own file: without `static` the compiler keeps it
for nobody, its name may collide, and W=1 builds warn (-Wmissing-prototypes).

To fix it, make it static, or declare it in a header that its file includes.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.introduced import words
from reviewbot.checks.neighbours import included
from reviewbot.checks.series import ChangedFile, PatchCode, SeriesCode, SeriesProblem
from reviewbot.csource.functions import Function

id = "missing-static"
severity = "note"

GOOD = [
    """
== patch: box: look
== mm/box.c
+static int look(void) { return 0; }
""",
    """
== patch: box: look
== mm/box.h
+int look(void);
== mm/box.c
+int look(void) { return 0; }
""",
    """
== patch: box: look
== mm/box.c
 int look(void)
 {
+\tpaint();
 \treturn 0;
 }
+int __weak look_again(void) { return 0; }
+SYSCALL_DEFINE0(look) { return 0; }
""",
    """
== patch: box: look
== mm/box.c
+int look(void) { return 0; }
== patch: box: let others look
== mm/box.h
+int look(void);
""",
]

BAD = [
    """
== patch: box: look
== mm/box.c
+int look(void) /* finding */
+{
+\treturn 0;
+}
""",
    """
== patch: box: look
== mm/box.c
 static int slots;
+struct box *look(struct box *first) /* finding */
+{
+\treturn first;
+}
 void drain(void)
 {
+\tlook(0);
 }
""",
    """
== patch: box: look
== mm/box.c
+void look(void) { } /* finding */
== mm/box.h
+#define BOX_MOST 3
""",
]

# these are entered from outside of C, or replaced at link time
_ELSEWHERE = (
    "asmlinkage",
    "__weak",
    "__visible",
    "__init",
    "__bpf_kfunc",
    "noinstr",
    "entry",
    "__used",
    "SYSCALL",
    "extern",
)
_OUTSIDE = ("tools/", "samples/", "scripts/", "arch/", "Documentation/")

BY_FILE = True


def check_series(series: SeriesCode) -> Iterator[SeriesProblem]:
    """Yield the functions that the series adds, that are not static, and that no header of theirs declares."""
    if series.mail.missing:
        return
    last = {changed.path: changed for one in series.patches for changed in one.files}
    for one in series.patches:
        for changed in one.files:
            if changed.path.endswith(".c") and changed.whole and one.after.complete:
                for function in _shared(one, changed):
                    final = last[changed.path].after
                    now = final.unit.function(function.name) if final is not None else None
                    if now is None or now.is_static:
                        continue
                    if not any(function.name in found for found in _elsewhere(series, changed.path)):
                        text = f"{function.name}() is not static, and no header declares it: should it be?"
                        line = function.start_line
                        yield SeriesProblem(one.number, text, function.name, changed.path, line, confidence="medium")


def _elsewhere(series: SeriesCode, own: str) -> Iterator[frozenset[str]]:
    """Yield the words of each other file of the series as the last patch leaves it."""
    paths = {diff.path for one in series.patches for diff in one.patch.files}
    return (words(series.final.read(path)) for path in paths - {own})


def _shared(one: PatchCode, changed: ChangedFile) -> Iterator[Function]:
    """Yield the new functions of a file that are not static and that it shows no prototype of."""
    if changed.after is None or changed.path.startswith(_OUTSIDE):
        return
    unit = changed.after.unit
    declared = {prototype.name for prototype in unit.prototypes}
    names: frozenset[str] = frozenset()
    for function in unit.functions:
        if function.is_static or function.macro is not None or function.start_line not in changed.added:
            continue
        head = " ".join(function.line_text(line) for line in (function.start_line - 1, function.start_line))
        if function.name in declared or function.name == "main" or any(word in head for word in _ELSEWHERE):
            continue
        if function.name in words(changed.old):
            continue
        names = names or frozenset().union(*map(words, included(one.after, unit.source)))
        if function.name not in names:
            yield function
