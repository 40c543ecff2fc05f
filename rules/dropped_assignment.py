# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch takes away the assignment that a later read relied on

On every way to the read something was assigned; now there is a way on which nothing is, and what is read is left over
from another call. A loop that assigns need not have a round: a list may be empty, and a count zero.

To fix it, give the variable a value where it is declared, or keep the assignment.

Only what a patch takes away is seen here. Ways that can be told from the code alone are for `uninitialized-use`.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.change import Change
from reviewbot.checks.onceassigned import once_assigned
from reviewbot.checks.rule import Problem

id = "dropped-assignment"
severity = "warning"

GOOD = [
    """
== patch: box: set it where it is declared
== mm/box.c
 int look(struct box *box)
 {
-\tint err;
+\tint err = 0;
 \tint i;
-\terr = 0;
 \tfor (i = 0; i < box->n; i++)
 \t\terr = slot_look(box, i);
 \treturn err;
 }
""",
    """
== patch: box: it has always been so
== mm/box.c
 int look(struct box *box)
 {
 \tint err, i;
 \tif (box->closed)
-\t\terr = -EINVAL;
+\t\tbox_open(box);
 \tfor (i = 0; i < box->n; i++)
 \t\terr = slot_look(box, i);
 \treturn err;
 }
""",
    """
== patch: box: look once at least
== mm/box.c
 int look(struct box *box)
 {
-\tint err = 0;
+\tint err;
 \tint i = 0;
 \tdo {
 \t\terr = slot_look(box, i);
 \t} while (++i < box->n);
 \treturn err;
 }
""",
    """
== patch: box: let it be told
== mm/box.c
 int look(struct box *box)
 {
 \tint err;
 \tint i;
-\terr = 0;
+\tbox_open(box, &err);
 \tfor (i = 0; i < box->n; i++)
 \t\terr = slot_look(box, i);
 \treturn err;
 }
""",
]

BAD = [
    """
== patch: box: no need for zero
== mm/box.c
 int look(struct box *box)
 {
 \tint err;
 \tint i;
-\terr = 0;
 \tfor (i = 0; i < box->n; i++)
 \t\terr = slot_look(box, i);
 \treturn err; /* finding */
 }
""",
    """
== patch: box: a class for the lookup
== mm/box.c
 int look(int fd, unsigned int n)
 {
-\tstruct box *box;
 \tint err, done = 0;
-\tbox = box_lookup(fd, &err);
-\tif (!box)
-\t\treturn err;
+\tCLASS(box, box)(fd);
+\tif (box_empty(box))
+\t\treturn -EBADF;
 \twhile (done < n) {
 \t\terr = box_next(box);
 \t\tif (err)
 \t\t\tbreak;
 \t\tdone++;
 \t}
 \tif (err == 0) /* finding */
 \t\tbox_end(box);
 \treturn done;
 }
""",
    """
== patch: box: shorten find()
== mm/box.c
 struct slot *find(struct box *box, int n)
 {
-\tstruct slot *slot, *found = NULL;
+\tstruct slot *slot, *found;
 \tlist_for_each_entry(slot, &box->slots, list) {
 \t\tif (slot->n == n) {
 \t\t\tfound = slot;
 \t\t\tbreak;
 \t\t}
 \t}
 \treturn found; /* finding */
 }
""",
]


def check_change(change: Change) -> Iterator[Problem]:
    """Yield the reads that may come before any assignment now."""
    for one in once_assigned(change):
        how = "when the loop that assigns it has no round" if one.empty_loop else "on some way here"
        text = f"Before this patch {one.name} had a value here in any case; now nothing assigns it {how}."
        yield Problem(one.line, text, "high", about=one.name)
