# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch sets a count to nothing where it took one off

Others still add to the count: what they added is lost, and their own decrement takes it below zero.

To fix it, take off what this function added.

Only what a patch takes away is seen here; code that has always been so is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.change import Change
from reviewbot.checks.rule import Problem
from reviewbot.csource.functions import CallSite
from reviewbot.csource.summary import spell_place

id = "narrowed-counter"
severity = "error"

GOOD = [
    """
== patch: box: put the count to one less
== mm/box.c
 void drop(struct box *box)
 {
-\tatomic_dec(&box->n);
+\tatomic_sub(1, &box->n);
 }
 void take(struct box *box)
 {
 \tatomic_inc(&box->n);
 }
""",
    """
== patch: box: the count is a flag
== mm/box.c
 void drop(struct box *box)
 {
-\tatomic_dec(&box->n);
+\tatomic_set(&box->n, 0);
 }
 void take(struct box *box)
 {
-\tatomic_inc(&box->n);
+\tatomic_set(&box->n, 1);
 }
""",
    """
== patch: box: reset another count
== mm/box.c
 void drop(struct box *box)
 {
-\tatomic_dec(&box->n);
+\tatomic_set(&box->other, 0);
+\tatomic_dec(&box->n);
 }
 void take(struct box *box)
 {
 \tatomic_inc(&box->n);
 }
""",
]

BAD = [
    """
== patch: box: reset the count
== mm/box.c
 void drop(struct box *box)
 {
-\tatomic_dec(&box->n);
+\tatomic_set(&box->n, 0); /* finding */
 }
 void take(struct box *box)
 {
 \tatomic_inc(&box->n);
 }
""",
    """
== patch: box: reset the count
== mm/box.c
 int drop(struct box *box)
 {
 \tbox->seen = 1;
-\tatomic_long_dec(&box->n);
+\tatomic_long_set(&box->n, 0); /* finding */
 \treturn 0;
 }
 void take(struct box *b)
 {
 \tatomic_long_inc(&b->n);
 }
""",
    """
== patch: box: reset the count
== mm/box.c
 void drop(void)
 {
-\tatomic_dec(&boxes);
+\tatomic_set(&boxes, 0); /* finding */
 }
 int take(int n)
 {
 \tif (n)
 \t\tatomic_add(n, &boxes);
 \treturn 0;
 }
""",
]


def check_change(change: Change) -> Iterator[Problem]:
    """Yield where the count is set."""
    gone = {place for site in change.calls_gone if "_dec" in (site.name or "") and (place := _counted(site))}
    stay = set(change.moved.values())
    for site in change.after.function.calls if gone else ():
        place = _counted(site)
        zero = (site.name or "").endswith("_set") and getattr(site.args[-1], "value", None) == 0
        if not zero or place not in gone or site.line in stay:
            continue
        field = place.replace("->", ".").rsplit(".", 1)[-1]
        others = [one for f in change.after.unit.functions for one in f.calls if _adds(one, field)]
        if others:
            text = f"{place} was counted down here and is now set to 0, though others still add to it."
            yield Problem(site.line, text, "high", ((others[0].line, "added to here"),), about=place)


def _counted(site: CallSite) -> str | None:
    """Return the atomic counter that a call changes."""
    if not (site.name or "").startswith("atomic") or not site.args:
        return None
    return spell_place(site.args[-1 if "_add" in (site.name or "") else 0])


def _adds(site: CallSite, field: str) -> bool:
    place = _counted(site) if "_inc" in (site.name or "") or "_add" in (site.name or "") else None
    return place is not None and place.replace("->", ".").rsplit(".", 1)[-1] == field
