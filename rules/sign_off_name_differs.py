# SPDX-License-Identifier: GPL-2.0-or-later
"""The author has signed off under another name

The sign-off certifies where a patch comes from (Documentation/process/submitting-patches.rst, "Developer's Certificate
of Origin"): one with the author's address and a name that is spelt differently, or none by the author at all, will be
asked about before the patch is taken.

To fix it, sign off with the name and address that the patch is from.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator

from reviewbot.checks.series import SeriesCode, SeriesProblem
from reviewbot.model.diff import Patch
from reviewbot.model.mail import Person

id = "sign-off-name-differs"
severity = "note"

GOOD = [
    """
== patch: box: close the lid
From: Ada Boxer <ada@example.org>
Nobody closes it.

Signed-off-by: Ada Boxer <ada@example.org>
== mm/box.c
+int lid;
""",
    """
== patch: box: close the lid
From: Ada Boxer <ada@home.example>
Sent from another address.

Signed-off-by: Ada Boxer <ada@example.org>
Signed-off-by: Max Maint <max@example.org>
== mm/box.c
+int lid;
""",
    """
== patch: box: close the lid
From: Ada Boxer <ada@example.org>
One name is written with an accent and in another order.

Signed-off-by: Bóxer, Ada <ADA@example.org>
== mm/box.c
+int lid;
""",
]

BAD = [
    """
== patch: box: close the lid /* finding */
From: Ada Boxer <ada@example.org>
Nobody closes it.

Signed-off-by: Ada Boxe <ada@example.org>
== mm/box.c
+int lid;
""",
    """
== patch: box: close the lid /* finding */
From: Ada Boxer <ada@home.example>
The address differs too, and the name by one letter.

Signed-off-by: Ada Boxxer <ada@example.org>
== mm/box.c
+int lid;
""",
    """
== patch: box: close the lid /* finding */
From: Ada Boxer <ada@example.org>
Somebody else has signed off, the author has not.

Signed-off-by: Max Maint <max@example.net>
== mm/box.c
+int lid;
""",
]

_PERSON = re.compile(r"([^<>]*)<([^<>]*)>")
_ALIKE = 0.85


def check_series(series: SeriesCode) -> Iterator[SeriesProblem]:
    """Yield the patches whose sign-offs name their author in another way, or not at all."""
    for one in series.patches:
        text = _objection(one.patch)
        if text is not None:
            yield SeriesProblem(one.number, text, one.patch.author.email.casefold())


def _objection(patch: Patch) -> str | None:
    author = patch.author
    signed = [t.value for t in patch.trailers if t.name.casefold() == "signed-off-by" and t.source == "patch"]
    people = [Person(m.group(1).strip(), m.group(2).strip()) for v in signed if (m := _PERSON.match(v))]
    # mailing lists rewrite a From to "Name via list"
    if not people or not author.name or "@" in author.name or " via " in author.name:
        return None
    if any(_words(one.name) == _words(author.name) for one in people):
        return None
    for one in people:
        same = author.email and one.email.casefold() == author.email.casefold()
        if one.name and _alike(one.name, author.name):
            return f"The patch is from {author.name}, but signed off by {one.name}: is one of the names misspelt?"
        if same:
            return None
    return f"The patch is from {author.name}, who has not signed it off."


def _words(name: str) -> frozenset[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return frozenset(re.findall(r"\w+", plain.casefold()))


def _alike(one: str, other: str) -> bool:
    return difflib.SequenceMatcher(None, one.casefold(), other.casefold()).ratio() >= _ALIKE
