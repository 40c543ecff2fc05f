# SPDX-License-Identifier: GPL-2.0-or-later
"""A new control file comes without documentation

What user space reads and writes is kept for ever, so that it is described when it is added
(Documentation/process/submit-checklist.rst): who sets it needs to know what it takes and what it does.

To fix it, describe the file in Documentation/, in this series.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewbot.checks.series import ChangedFile, SeriesCode, SeriesProblem

id = "new-abi-without-documentation"
severity = "note"

GOOD = [
    """
== patch: box: a knob
== mm/box.c
 static struct cftype files[] = {
+\t{
+\t\t.name = "lid",
+\t},
 };
== Documentation/box.txt
+lid: whether it is closed
""",
    """
== patch: box: two tables instead of one
== mm/box.c
-static struct cftype files[] = { { .name = "lid", }, };
+static struct cftype more[] = {
+\t{ .name = "lid", },
+};
""",
    """
== patch: box: a name that no user sees
== mm/box.c
 static struct shrinker drain = {
+\t.name = "lid",
 };
""",
]

BAD = [
    """
== patch: box: a knob
== mm/box.c
 static struct cftype files[] = {
+\t{
+\t\t.name = "lid", /* finding */
+\t},
 };
""",
    """
== patch: box: two knobs
== mm/box.c
+static struct ctl_table files[] = {
+\t{ .procname = "lid", .mode = 0644 }, /* finding */
+\t{ .procname = "bottom", .mode = 0644 }, /* finding */
+};
""",
    """
== patch: box: one is there already
== mm/box.c
 static struct cftype files[] = {
 \t{ .name = "lid", },
+\t{ .name = "bottom", }, /* finding */
 };
""",
]

_TABLE = re.compile(r"\bstruct\s+(cftype|ctl_table)\s+\w+\s*\[")
_NAME = {"cftype": re.compile(r'\.name\s*=\s*"([^"]+)"'), "ctl_table": re.compile(r'\.procname\s*=\s*"([^"]+)"')}


def check_series(series: SeriesCode) -> Iterator[SeriesProblem]:
    """Yield the new entries of tables of control files, where no patch of the series touches the documentation."""
    diffs = [diff for one in series.patches for diff in one.patch.files]
    if series.mail.missing or any(diff.path.startswith("Documentation/") for diff in diffs):
        return
    for one in series.patches:
        for changed in one.files:
            for name, line in _entries(changed):
                text = (
                    f'The file "{name}" is new to user space, and nothing in Documentation/ describes it. Is it added?'
                )
                yield SeriesProblem(one.number, text, name, changed.path, line)


def _entries(changed: ChangedFile) -> Iterator[tuple[str, int]]:
    """Yield the names that a patch adds to such tables and that stood nowhere in the file, with their lines."""
    if changed.new is None:
        return
    old = changed.old.data.decode("utf-8", "replace") if changed.old is not None else ""
    heads = {hunk.new_start: hunk.section for hunk in changed.diff.hunks}
    kind: str | None = None
    for number, line in enumerate(changed.new.data.decode("utf-8", "replace").split("\n"), 1):
        # where the head of a table is unseen, the hunk says what it is in
        if (table := _TABLE.search(line) or _TABLE.search(heads.get(number, ""))) is not None:
            kind = table.group(1)
        name = _NAME[kind].search(line) if kind is not None and number in changed.added else None
        if name is not None and f'"{name.group(1)}"' not in old:
            yield name.group(1), number
        if line.startswith("}"):
            kind = None
