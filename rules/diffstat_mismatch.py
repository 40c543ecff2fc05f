# SPDX-License-Identifier: GPL-2.0-or-later
"""The diffstat of a mail is not that of its diff

Either part of the patch got lost on its way, or it was edited by hand after it was made: what is reviewed is not what
the author has. The cover letter's is that of the whole series.

To fix it, make the mail anew with `git format-patch` and send it with a mailer that leaves it alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.diffstats import Diffstat, read_diffstat
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
    """
== cover: box: close it /* finding */
 mm/box.c | 1 +
 mm/lid.c | 1 +
 2 files changed, 2 insertions(+)
== patch: box: close the lid
== mm/box.c
+long lid;
""",
]


def check_series(series: SeriesCode) -> Iterator[SeriesProblem]:
    """Yield the mails whose diffstat tells of other files or counts than the diffs have."""
    for one in series.patches:
        stat = read_diffstat(one.patch.notes)
        text = _objection(one.patch, stat) if stat is not None and _counted(one.patch) else None
        if text is not None:
            yield SeriesProblem(one.number, text, "diffstat", confidence="medium" if one.patch.damage else "high")
    patches = [one.patch for one in series.patches]
    cover = series.mail.cover
    if cover is None or series.mail.missing or len(patches) != series.mail.total or not all(map(_whole, patches)):
        return
    stat = read_diffstat(cover.body)
    text = _objection_to_cover(patches, stat) if stat is not None else None
    if text is not None:
        yield SeriesProblem(0, text, "diffstat of the series", confidence="medium")


def _counted(patch: Patch) -> bool:
    """Tell whether a diff can be counted: not one that is damaged or refused."""
    return not patch.refused and all(hunk.complete for diff in patch.files for hunk in diff.hunks)


def _whole(patch: Patch) -> bool:
    return _counted(patch) and bool(patch.files) and not patch.damage


def _objection(patch: Patch, stat: Diffstat) -> str | None:
    there = {diff.path: diff.added + diff.removed for diff in patch.files}
    missing = [row.name for row in stat.rows if not any(map(row.names, there))]
    if missing and stat.every_row:
        return f"The diffstat has {missing[0]}, the diff has nothing of it: has part of the patch got lost?"
    if len(there) != stat.files and not any(diff.kind == "rename" for diff in patch.files):
        return f"The diffstat counts {stat.files} files, the diff has {len(there)}."
    added, removed = sum(d.added for d in patch.files), sum(d.removed for d in patch.files)
    if len(there) == stat.files and (stat.added, stat.removed) != (added, removed):
        said = f"+{stat.added} -{stat.removed}"
        return f"The diffstat says {said}, but the diff has +{added} -{removed}: was it edited by hand?"
    return None


def _objection_to_cover(patches: list[Patch], stat: Diffstat) -> str | None:
    """Compare the diffstat of a series, which is between its two ends, with that of each of its steps.

    What several patches change counts once, and how often depends on how the lines were matched; by how much a file
    grows does not.
    """
    diffs = [diff for patch in patches for diff in patch.files]
    paths = {path for diff in diffs for path in (diff.path, diff.old_path or diff.path)}
    missing = [row.name for row in stat.rows if not any(map(row.names, paths))]
    if missing:
        return f"The diffstat of the series has {missing[0]}, which no patch touches: is a patch missing?"
    if any(diff.kind in ("rename", "copy", "binary") for diff in diffs):
        return None
    once = [path for path in sorted(paths) if sum(diff.path == path for diff in diffs) == 1]
    unsaid = [path for path in once if stat.every_row and not any(row.names(path) for row in stat.rows)]
    if unsaid:
        return f"The patches change {unsaid[0]}, which the diffstat of the series has not: is it of another version?"
    grown, said = sum(diff.added - diff.removed for diff in diffs), stat.added - stat.removed
    if grown != said:
        return f"By its diffstat the series makes {said:+} lines, but its patches {grown:+}: is it of another version?"
    return None
