# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch uses an object after it is given back, where it was used before that

A reference is put, memory freed or an RCU read section left, and only then the object is used; before the patch it was
the other way round. Others may free it in between.

To fix it, give it back after the last use.

Only what a patch changes the order of is seen here; code that has always been so is for the rules that look at one
state, which have to know that the reference was the last.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.change import Change
from reviewbot.checks.leftbehind import left_behind
from reviewbot.checks.rule import Problem

id = "moved-release"
severity = "error"

GOOD = [
    """
== patch: box: put it later
== mm/box.c
 int look(struct slot *slot)
 {
 \tint n = slot->n;
-\tslot_put(slot);
 \tbox_look(n);
+\tslot_put(slot);
 \treturn n;
 }
""",
    """
== patch: box: take another one first
== mm/box.c
 int look(struct slot *slot)
 {
-\tint n = slot->n;
 \tslot_put(slot);
+\tslot = slot_find(slot);
+\tint n = slot->n;
 \treturn n;
 }
""",
    """
== patch: box: hold on to it
== mm/box.c
 int look(struct slot *slot)
 {
 \tint n;
 \trcu_read_lock();
 \tslot = box_first();
+\tslot_get(slot);
-\tn = slot->n;
 \trcu_read_unlock();
+\tn = slot->n;
+\tslot_put(slot);
 \treturn n;
 }
""",
]

BAD = [
    """
== patch: box: shorten look()
== mm/box.c
 int look(struct slot *slot)
 {
 \tint n;
+\tslot_put(slot);
 \tn = slot->n; /* finding */
-\tslot_put(slot);
 \treturn n;
 }
""",
    """
== patch: box: leave the section early
== mm/box.c
 int look(struct box *box)
 {
 \tstruct slot *slot;
 \tint n;
 \trcu_read_lock();
 \tslot = rcu_dereference(box->slot);
-\tn = slot->n;
 \trcu_read_unlock();
+\tn = slot->n; /* finding */
 \treturn n;
 }
""",
    """
== patch: box: unlock once
== mm/box.c
 void drop(struct box *box, struct slot *slot)
 {
 \tspin_lock(&box->lock);
+\tslot_release(slot);
 \tlist_del(&slot->list); /* finding */
-\tslot_release(slot);
 \tspin_unlock(&box->lock);
 }
""",
]


def check_change(change: Change) -> Iterator[Problem]:
    """Yield the uses that come too late now."""
    for one in left_behind(change):
        why = "the RCU read section ends" if one.section else f"{one.call}() gives it back"
        text = f"{one.name} is used here after {why}; before this patch it was used before that."
        yield Problem(one.line, text, "high", ((one.released, f"{one.call}() comes first here"),), about=one.name)
