# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch copies the neighbouring field instead of the field's own

The value went to a field of the same name. Now it comes from a field that the next line copies as well, to its own
place: the two are mixed up.

To fix it, copy the field of the same name, or say in the changelog why both get the same value.

Only what a patch takes away is seen here; code that has always been so is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.change import Change
from reviewbot.checks.fieldcopies import Copy, copies
from reviewbot.checks.rule import Problem

id = "mixed-up-field"
severity = "warning"

GOOD = [
    """
== patch: box: another field on purpose
== mm/box.c
 void take(struct box *a, struct box *b)
 {
 \ta->low = b->low;
-\ta->high = b->high;
+\ta->high = b->limit;
 }
""",
    """
== patch: box: swap the lines
== mm/box.c
 void take(struct box *a, struct box *b)
 {
-\ta->low = b->low;
 \ta->high = b->high;
+\ta->low = b->low;
 }
""",
    """
== patch: box: new fields
== mm/box.c
 void take(struct box *a, struct box *b)
 {
 \ta->low = b->low;
+\ta->old_low = b->low;
 }
""",
]

BAD = [
    """
== patch: box: tidy take()
== mm/box.c
 void take(struct box *a, struct box *b)
 {
 \ta->low = b->low;
-\ta->high = b->high;
+\ta->high = b->low; /* finding */
 }
""",
    """
== patch: box: tidy take()
== mm/box.c
 void take(struct box *a)
 {
 \tstruct box b = box_of(a);
 \ta->low = b.low;
-\ta->high = b.high;
+\ta->high = b.low; /* finding */
 \ta->n = 0;
 }
""",
    """
== patch: box: tidy take()
== mm/box.c
 void take(struct box *a, struct box *b)
 {
-\ta->low = b->low;
+\ta->low = b->high; /* finding */
 \ta->high = b->high;
 }
""",
]


def check_change(change: Change) -> Iterator[Problem]:
    """Yield the copies of a field that is copied to its own place as well."""
    before, after = copies(change.before), copies(change.after)
    stay = set(change.moved.values())
    for one in after:
        was = Copy(one.to, one.of, one.field, one.field, 0)
        twin = Copy(one.to, one.of, one.source, one.source, 0)
        if one.line in stay or one.field == one.source or was not in before or was in after or twin not in after:
            continue
        text = f"{one.field} was copied from {one.field} and now is from {one.source}, which has its own copy here."
        yield Problem(one.line, text, "high", about=one.field)
