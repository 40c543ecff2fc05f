# SPDX-License-Identifier: GPL-2.0-or-later
"""The diffstat of a mail is not that of its diff

Either part of the patch got lost on its way, or it was edited by hand after it was made: what is reviewed is not what
the author has.

To fix it, make the mail anew with `git format-patch` and send it with a mailer that leaves it alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewbot.checks.series import SeriesCode, SeriesProblem
from reviewbot.model.diff import Patch

id = "diffstat-mismatch"
severity = "note"

GOOD = [
    """
== patch: box: close the lid
---
 mm/box.c | 2 +-
 1 file changed, 1 insertion(+), 1 deletion(-)
== mm/box.c
-int lid;
+long lid;
""",
    """
== patch: box: the summary alone, and a name cut short
---
 .../very/long/box.c | 1 +
 1 file changed, 1 insertion(+)
== drivers/very/long/box.c
+long lid;
""",
    """
== patch: box: no diffstat
---
v2: mm/box.c | see there
== mm/box.c
+long lid;
""",
]

BAD = [
    """
== patch: box: close the lid /* finding */
---
 mm/box.c | 2 +-
 mm/lid.c | 1 +
 2 files changed, 2 insertions(+), 1 deletion(-)
== mm/box.c
-int lid;
+long lid;
""",
    """
== patch: box: close the lid /* finding */
---
 mm/box.c | 9 ++++++---
 1 file changed, 6 insertions(+), 3 deletions(-)
== mm/box.c
-int lid;
+long lid;
""",
    """
== patch: box: close the lid /* finding */
---
 mm/box.c | 1 +
 1 file changed, 1 insertion(+)
== mm/box.c
+long lid;
== mm/lid.c
+long box;
""",
]

_FILE = re.compile(r" ?(\S[^|\n]*?) +\| +(\d+)(?: [+-]*)?$")
_TOTAL = re.compile(r" ?(\d+) files? changed(?:, (\d+) insertions?\(\+\))?(?:, (\d+) deletions?\(-\))?$")
_BRACES = re.compile(r"\{[^{}]* => ([^{}]*)\}")


def check_series(series: SeriesCode) -> Iterator[SeriesProblem]:
    """Yield the patches whose diffstat tells of other files or counts than the diff has."""
    for one in series.patches:
        text = _objection(one.patch)
        if text is not None:
            yield SeriesProblem(one.number, text, "diffstat", confidence="medium" if one.patch.damage else "high")


def _objection(patch: Patch) -> str | None:
    lines = [line.rstrip() for line in patch.notes.split("\n")]
    totals = [found for line in lines if (found := _TOTAL.match(line))]
    # several: somebody else's diffstat is quoted; a diff that is damaged or refused cannot be counted
    if len(totals) != 1 or patch.refused or not all(h.complete for d in patch.files for h in d.hunks):
        return None
    rows = {_name(found.group(1)): int(found.group(2)) for line in lines if (found := _FILE.match(line))}
    files, added, removed = (int(number or 0) for number in totals[0].groups())
    there = {diff.path: diff.added + diff.removed for diff in patch.files}
    missing = [name for name in rows if not any(_same(name, path) for path in there)]
    if missing and len(rows) == files:
        return f"The diffstat has {missing[0]}, the diff has nothing of it: has part of the patch got lost?"
    if len(there) != files and not any(diff.kind == "rename" for diff in patch.files):
        return f"The diffstat counts {files} files, the diff has {len(there)}."
    is_added, is_removed = sum(d.added for d in patch.files), sum(d.removed for d in patch.files)
    if len(there) == files and (added, removed) != (is_added, is_removed):
        return (
            f"The diffstat says +{added} -{removed}, but the diff has +{is_added} -{is_removed}: was it edited by hand?"
        )
    return None


def _name(text: str) -> str:
    """Return the name after a rename that a diffstat writes as `a/{b => c}/d` or `a => b`."""
    return _BRACES.sub(r"\1", text).replace("//", "/").rpartition(" => ")[2].strip()


def _same(name: str, path: str) -> bool:
    return path.endswith(name[3:]) if name.startswith("...") else name == path
