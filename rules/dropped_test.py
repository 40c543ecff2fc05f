# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch takes away the test of what a call returned, and follows it

Before the patch the function asked whether the call failed, and left if so. Now the result is used as if it could not
fail; the call itself is still the same.

To fix it, keep the test; or say in the changelog why the call cannot fail any more.

Only what a patch takes away is seen here; code that has always been so is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.change import Change
from reviewbot.checks.errorpointers import error_tests, null_tests, origins
from reviewbot.checks.rule import Problem
from reviewbot.checks.touched import touched
from reviewbot.checks.untested import judge, results
from reviewbot.csource.api import kernel_api
from reviewbot.csource.functions import call_name

id = "dropped-test"
severity = "warning"

GOOD = [
    """
== patch: box: find the slot elsewhere
== mm/box.c
 int find(struct box *box)
 {
-\tstruct slot *slot = box_open(box);
+\tstruct slot *slot = box_first(box);
-\tif (!slot)
-\t\treturn -EINVAL;
 \treturn slot->n;
 }
""",
    """
== patch: box: test later
== mm/box.c
 int find(struct box *box)
 {
 \tstruct slot *slot = box_open(box);
-\tif (!slot)
-\t\treturn -EINVAL;
 \tbox->used++;
+\tif (!slot)
+\t\treturn -EINVAL;
 \treturn slot->n;
 }
""",
    """
== patch: box: close without a test
== mm/box.c
 void close(struct box *box)
 {
 \tstruct slot *slot = box_first(box);
-\tif (slot)
-\t\tslot_free(slot);
+\tslot_free(slot);
 }
""",
]

BAD = [
    """
== patch: box: tidy find()
== mm/box.c
 int find(struct box *box)
 {
 \tstruct slot *slot = box_open(box); /* finding */
-\tif (!slot)
-\t\treturn -EINVAL;
 \treturn slot->n;
 }
""",
    """
== patch: box: tidy find()
== mm/box.c
 int find(struct box *box)
 {
 \tstruct slot *slot;
 \tslot = box_open(box); /* finding */
-\tif (IS_ERR(slot))
-\t\treturn PTR_ERR(slot);
 \tslot->n++;
 \treturn 0;
 }
""",
    """
== patch: box: tidy find()
== mm/box.c
 int find(struct box *box)
 {
 \tbox->slot = box_open(box); /* finding */
-\tif (box->slot == NULL)
-\t\treturn -EINVAL;
 \treturn box->slot->n;
 }
""",
]


def check_change(change: Change) -> Iterator[Problem]:
    """Yield the results that are followed with no test where there was one."""
    remade = {one.name for one in touched(change.after.unit, change.before.unit)} - {change.after.function.name}
    before = {place: line for place, line in null_tests(change.before) if change.gone(line)}
    lost = (before.keys() | error_tests(change.before)) - error_tests(change.after)
    lost -= {place for place, _ in null_tests(change.after)}
    for result in results(change.after, lambda made: (call_name(made) or "") not in kernel_api().allocated):
        place = str(result.place)
        if place not in lost or result.maker in remade or origins(change.before, place) != {result.maker}:
            continue
        untested = judge(change.after, result)
        if untested is None or untested.followed is None:
            continue
        text = (
            f"{place}, which comes from {result.maker}(), was tested before this patch, and is followed untested now."
        )
        yield Problem(result.line, text, "high", ((untested.followed, f"{place} is followed here"),), about=place)
