# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch leaves a variable behind that nothing reads any more

With its last reader gone, the variable is only declared, or set for nobody: the compiler warns, and what computes its
value (a lookup that wants a lock, say) is done for nothing.

To fix it, take it away with what used it.

Only variables that the function read before the patch are seen here. Those that code for another configuration or a
macro names are left alone, and so are attributes, cleanup, and statuses that are taken and let go.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.change import Change
from reviewbot.checks.leftover import leftovers
from reviewbot.checks.rule import Problem

id = "unused-variable"
severity = "note"

GOOD = [
    """
== patch: box: lock it no longer
== mm/box.c
 int walk(struct box *box)
 {
-\tstruct lid *lid = box_lid(box);
 \tint n = box->n;
-\tlid_lock(lid);
 \tn += box_walk(box);
-\tlid_unlock(lid);
 \treturn n;
 }
""",
    """
== patch: box: one user less
== mm/box.c
 int walk(struct box *box)
 {
 \tstruct lid *lid = box_lid(box);
-\tlid_lock(lid);
 #ifdef CONFIG_BOX_DEBUG
 \tlid_check(lid);
 #endif
 \treturn box_walk(box);
 }
""",
    """
== patch: box: one user less
== mm/box.c
 int walk(struct box *box)
 {
 \tstruct lid *lid __maybe_unused = box_lid(box);
-\tlid_lock(lid);
 \treturn box_walk(box);
 }
""",
    """
== patch: box: a macro for it
== mm/box.c
 #define walk_lid() lid_lock(lid)
 int walk(struct box *box)
 {
 \tstruct lid *lid = box_lid(box);
-\tlid_lock(lid);
+\twalk_lid();
 \treturn box_walk(box);
 }
""",
    """
== patch: box: it does not matter
== mm/box.c
 void close(struct box *box)
 {
 \tint ret = box_shut(box);
-\tif (ret)
-\t\tbox_warn(box, ret);
 }
""",
]

BAD = [
    """
== patch: box: lock it no longer
== mm/box.c
 int walk(struct box *box)
 {
 \tstruct lid *lid = box_lid(box); /* finding */
 \tint n = box->n;
-\tlid_lock(lid);
 \tn += box_walk(box);
-\tlid_unlock(lid);
 \treturn n;
 }
""",
    """
== patch: box: count no longer
== mm/box.c
 void walk(struct box *box)
 {
 \tint seen; /* finding */
-\tseen = 0;
 \tbox_walk(box);
-\tseen++;
-\tbox_report(box, seen);
 }
""",
    """
== patch: box: do without flags
== mm/box.c
 void walk(struct box *box)
 {
 \tunsigned long flags; /* finding */
-\tspin_lock_irqsave(&box->lock, flags);
+\tspin_lock(&box->lock);
 \tbox->n++;
-\tspin_unlock_irqrestore(&box->lock, flags);
+\tspin_unlock(&box->lock);
 }
""",
]


def check_change(change: Change) -> Iterator[Problem]:
    """Yield the variables without a reader."""
    for one in leftovers(change):
        what = "is set, but nothing reads it any more" if one.sets else "has no reader any more"
        text = f"With this patch {one.name} {what}: can it go as well?"
        yield Problem(one.line, text, "high", tuple((line, "set here") for line in one.sets[:2]), about=one.name)
