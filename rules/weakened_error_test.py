# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch asks for NULL where it asked for an error pointer

The value is still made by a function that returned error pointers before the patch: an error passes the test for NULL,
and is then used as an address.

To fix it, keep IS_ERR(), or IS_ERR_OR_NULL().

Only what a patch takes away is seen here; code that has always been so is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.change import Change
from reviewbot.checks.errorpointers import error_tests, null_tests, origins
from reviewbot.checks.rule import Problem
from reviewbot.checks.touched import touched

id = "weakened-error-test"
severity = "error"

GOOD = [
    """
== patch: box: return NULL
== mm/box.c
 struct slot *find(struct box *box)
 {
-\tstruct slot *slot = box_open(box);
+\tstruct slot *slot = box_find(box);
-\tif (IS_ERR(slot))
+\tif (!slot)
 \t\treturn NULL;
 \treturn slot;
 }
""",
    """
== patch: box: test both
== mm/box.c
 int find(struct box *box)
 {
 \tstruct slot *slot = box_open(box);
-\tif (IS_ERR(slot))
+\tif (IS_ERR_OR_NULL(slot))
 \t\treturn -EINVAL;
 \treturn slot->n;
 }
""",
    """
== patch: box: box_open() returns NULL
== mm/box.c
 static struct slot *box_open(struct box *box)
 {
-\treturn ERR_PTR(-EINVAL);
+\treturn NULL;
 }
 int find(struct box *box)
 {
 \tstruct slot *slot = box_open(box);
-\tif (IS_ERR(slot))
+\tif (!slot)
 \t\treturn -EINVAL;
 \treturn slot->n;
 }
""",
]

BAD = [
    """
== patch: box: tidy find()
== mm/box.c
 int find(struct box *box)
 {
 \tstruct slot *slot = box_open(box);
-\tif (IS_ERR(slot))
+\tif (!slot) /* finding */
 \t\treturn -EINVAL;
 \treturn slot->n;
 }
""",
    """
== patch: box: tidy find()
== mm/box.c
 int find(struct box *box)
 {
 \tstruct slot *slot;
 \tslot = box_open(box);
-\tif (IS_ERR(slot)) {
+\tif (!slot) { /* finding */
 \t\tbox->lost++;
 \t\treturn -EINVAL;
 \t}
 \treturn slot->n;
 }
""",
    """
== patch: box: tidy find()
== mm/box.c
 int find(struct box *box)
 {
 \tbox->slot = box_open(box);
-\tif (IS_ERR(box->slot))
+\tif (box->slot == NULL) /* finding */
 \t\treturn -EINVAL;
 \treturn box->slot->n;
 }
""",
]


def check_change(change: Change) -> Iterator[Problem]:
    """Yield the tests for NULL that stand where one for an error stood."""
    before, after = error_tests(change.before), error_tests(change.after)
    stay = set(change.moved.values())
    for place, line in null_tests(change.after):
        if line in stay or place not in before or place in after:
            continue
        made = origins(change.after, place)
        remade = {one.name for one in touched(change.after.unit, change.before.unit)}
        if made and made == origins(change.before, place) and not made & remade:
            text = f"{place} may be an error pointer, which was asked for here; the test for NULL lets it pass."
            yield Problem(line, text, "high", about=place)
