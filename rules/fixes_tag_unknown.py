# SPDX-License-Identifier: GPL-2.0-or-later
"""A Fixes: tag names no commit of the tree

Stable kernels and people who backport go by the tag: with an id that does not exist, or that of a commit with another
subject, nobody finds where the fix belongs.

To fix it, take the id and the subject from `git log -1 --format='%h ("%s")' --abbrev=12` of the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewbot.checks.series import SeriesCode, SeriesProblem
from reviewbot.model.tree import History

id = "fixes-tag-unknown"
severity = "warning"

GOOD = [
    """
== commit 1234abcd1234abcd box: Add the box (mm/box.c)
== patch: box: close the lid
Nobody closes it.

Fixes: 1234abcd1234 ("box: Add the box")
== mm/box.c
+int lid;
""",
    """
== commit 1234abcd1234abcd box: Add the box, which holds more than people think (mm/box.c)
== patch: box: close the lid
The subject is cut short.

Fixes: 1234abcd1234 ("box: Add the box, which holds more ...")
== mm/box.c
+int lid;
""",
    """
== commit 1234abcd1234abcd box: Add the box (mm/box.c)
== patch: box: close the lid
A link is no commit.

Fixes: https://bugs.example.org/1
Fixes: 1234abcd ("Box: add the box")
== mm/box.c
+int lid;
""",
]

BAD = [
    """
== commit 1234abcd1234abcd box: Add the box (mm/box.c)
== patch: box: close the lid /* finding */
Nobody closes it.

Fixes: 99990000aaaa ("box: Add the box")
== mm/box.c
+int lid;
""",
    """
== commit 1234abcd1234abcd box: Add the box (mm/box.c)
== patch: box: close the lid /* finding */
Nobody closes it.

Fixes: 1234abcd1234 ("crate: Paint it green")
== mm/box.c
+int lid;
""",
    """
== commit 1234abcd1234abcd box: Add the box (mm/box.c)
== patch: box: close the lid /* finding */
No id at all.

Fixes: "box: Add the box"
== mm/box.c
+int lid;
""",
]

_ID = re.compile(r"(?:commit )?([0-9a-fA-F]{7,40})\b\s*(?:\(?[\"'](.*?)[\"']?\)?)?$")
_SUBJECT_ONLY = re.compile(r"\(?\"[^\"]+\"\)?$")


def check_series(series: SeriesCode) -> Iterator[SeriesProblem]:
    """Yield the tags that name nothing, or something else than they say."""
    for one in series.patches:
        for trailer in one.patch.trailers:
            if trailer.name.casefold() != "fixes" or trailer.source != "patch":
                continue
            text = _objection(trailer.value.strip(), series.history)
            if text is not None:
                yield SeriesProblem(one.number, text, trailer.value)


def _objection(value: str, history: History | None) -> str | None:
    found = _ID.match(value)
    if found is None:
        return f"`Fixes: {value}` gives no commit id." if _SUBJECT_ONLY.match(value) else None
    name, subject = found.group(1).lower(), found.group(2) or ""
    commit = history.commit(name) if history is not None else None
    if commit is None:
        missing = history is not None and history.complete
        return f"`Fixes: {name}` names no commit of the tree that the series is applied to." if missing else None
    said, true = _plain(subject), _plain(commit.subject)
    if said and not (true.startswith(said) or said.startswith(true) or said in true):
        return f'`Fixes: {name}` says "{subject}", but that commit is "{commit.subject}".'
    return None


def _plain(subject: str) -> str:
    return " ".join(re.findall(r"\w+", subject.rstrip(". …").casefold()))
