# SPDX-License-Identifier: GPL-2.0-or-later
"""A Fixes: tag names no commit of the tree, or one that is about something else

Stable kernels and people who backport go by the tag: with an id that does not exist, or that of a commit with another
subject or of other files, nobody finds where the fix belongs. An id takes at least 12 characters
(Documentation/process/submitting-patches.rst), so that it stays the only one that begins so.

To fix it, take the id and the subject from `git log -1 --format='%h ("%s")' --abbrev=12` of the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewbot.checks.series import SeriesCode, SeriesProblem
from reviewbot.model.diff import Patch
from reviewbot.model.tree import History, PastCommit

id = "fixes-tag-unknown"
severity = "warning"

GOOD = [
    """
== commit 1234abcd1234abcd box: Add the box (mm/box.c)
== patch: box: close the lid
Fixes: 1234abcd1234 ("box: Add the box")
== mm/box.c
+int lid;
""",
    """
== commit 1234abcd1234abcd box: Add the box, which holds more than people think (mm/box.c)
== patch: box: close the lid
Fixes: 1234abcd1234 ("box: Add the box, which holds more ...")
== mm/box.c
+int lid;
""",
    """
== commit 1234abcd1234abcd box: Add the box (mm/box.c)
== patch: box: close the lid
Fixes: https://bugs.example.org/1
Fixes: commit 1234abcd1234 ("Box: add the box")
== mm/box.c
+int lid;
""",
    """
== commit 1234abcd1234abcd box: Add the box (mm/box.c)
== patch: box: close the lid
Fixes: 1234abcd1234 ("box: Add the box")
== mm/lid.c
+int lid;
== mm/box.c
+int lid;
""",
]

BAD = [
    """
== commit 1234abcd1234abcd box: Add the box (mm/box.c)
== patch: box: close the lid /* finding */
Fixes: 99990000aaaa ("box: Add the box")
== mm/box.c
+int lid;
""",
    """
== commit 1234abcd1234abcd box: Add the box (mm/box.c)
== patch: box: close the lid /* finding */
Fixes: 1234abcd1234 ("crate: Paint it green")
== mm/box.c
+int lid;
""",
    """
== commit 1234abcd1234abcd box: Add the box (mm/box.c)
== patch: box: close the lid /* finding */
Fixes: "box: Add the box"
== mm/box.c
+int lid;
""",
    """
== commit 1234abcd1234abcd box: Add the box (mm/box.c)
== patch: box: close the lid /* finding */
Fixes: 1234abcd ("box: Add the box")
== mm/box.c
+int lid;
""",
    """
== commit 1234abcd1234abcd box: Add the box (mm/box.c)
== patch: crate: close the lid /* finding */
Fixes: 1234abcd1234 ("box: Add the box")
== mm/crate.c
-int lid;
+long lid;
""",
]

_ID = re.compile(r"(?:commit )?([0-9a-fA-F]{7,40})\b\s*(?:\(?[\"'](.*?)[\"']?\)?)?$")
_SUBJECT_ONLY = re.compile(r"\(?\"[^\"]+\"\)?$")
_SHORTEST = 12


def check_series(series: SeriesCode) -> Iterator[SeriesProblem]:
    """Yield the tags that name nothing, or something else than they say."""
    for one in series.patches:
        for trailer in one.patch.trailers:
            if trailer.name.casefold() != "fixes" or trailer.source != "patch":
                continue
            value = trailer.value.strip()
            text = _objection(value, series.history)
            if text is not None:
                yield SeriesProblem(one.number, text, trailer.value)
            elif (commit := _named(value, series.history)) is not None and _elsewhere(one.patch, commit, series):
                said = f'`Fixes: {commit.id[:12]}` ("{commit.subject}")'
                text = f"{said} touches none of the files that this patch changes: is it the right commit?"
                yield SeriesProblem(one.number, text, trailer.value, confidence="medium")


def _named(value: str, history: History | None) -> PastCommit | None:
    found = _ID.match(value)
    return history.commit(found.group(1).lower()) if history is not None and found is not None else None


def _objection(value: str, history: History | None) -> str | None:
    """Return what is wrong with a tag by itself."""
    found = _ID.match(value)
    if found is None:
        return f"`Fixes: {value}` gives no commit id." if _SUBJECT_ONLY.match(value) else None
    name, subject = found.group(1).lower(), found.group(2) or ""
    if len(name) < _SHORTEST:
        return f"`Fixes: {name}` gives {len(name)} characters of the id: {_SHORTEST} or more keep it the only one."
    commit = _named(value, history)
    if commit is None:
        missing = history is not None and history.complete
        return f"`Fixes: {name}` names no commit of the tree that the series is applied to." if missing else None
    said, true = _plain(subject), _plain(commit.subject)
    if said and not (true.startswith(said) or said.startswith(true) or said in true):
        return f'`Fixes: {name}` says "{subject}", but that commit is "{commit.subject}".'
    return None


def _elsewhere(patch: Patch, commit: PastCommit, series: SeriesCode) -> bool:
    """Tell whether the commit surely leaves alone what the patch changes; new files it cannot have touched."""
    history = series.history
    paths = [diff.old_path for diff in patch.files if diff.old_path is not None]
    return history is not None and bool(paths) and all(history.touches(commit, path) is False for path in paths)


def _plain(subject: str) -> str:
    return " ".join(re.findall(r"\w+", subject.rstrip(". …").casefold()))
