# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch no longer moves a loop on to its end

The loop's condition asks for a variable, and the statement that changed it is gone: the loop never ends. Or its body
still works on a variable that nothing in it moves on any more: each round does the same.

To fix it, keep the step, or go by what does change.

Only what a patch takes away is seen here; code that has always been so is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.change import Change
from reviewbot.checks.rule import Problem
from reviewbot.checks.steps import asked, frozen, stepless

id = "dropped-step"
severity = "error"

GOOD = [
    """
== patch: box: count from the end
== mm/box.c
 void copy(struct box *box, int *out, int n)
 {
 \tstruct slot *slot;
+\tint at = 0;
 \tlist_for_each_entry(slot, &box->slots, list) {
-\t\t*out = slot->n;
-\t\tout++;
+\t\tout[at++] = slot->n;
 \t}
 }
""",
    """
== patch: box: step in the head
== mm/box.c
 void drain(struct box *box, int n)
 {
-\twhile (n > 0) {
+\tfor (; n > 0; n--) {
 \t\tbox_drop(box);
-\t\tn--;
 \t}
 }
""",
    """
== patch: box: one is enough
== mm/box.c
 void drain(struct box *box, int n)
 {
 \twhile (n > 0) {
 \t\tbox_drop(box);
-\t\tn--;
+\t\tbreak;
 \t}
 }
""",
    """
== patch: box: let the callee step
== mm/box.c
 void drain(struct box *box, int n)
 {
 \twhile (n > 0) {
-\t\tbox_drop(box);
-\t\tn--;
+\t\tbox_drop_some(box, &n);
 \t}
 }
""",
]

BAD = [
    """
== patch: box: shorten copy()
== mm/box.c
 void copy(struct box *box, int *out)
 {
 \tstruct slot *slot;
 \tlist_for_each_entry(slot, &box->slots, list) { /* finding */
 \t\t*out = slot->n;
-\t\tout++;
 \t}
 }
""",
    """
== patch: box: shorten drain()
== mm/box.c
 void drain(struct box *box, int n)
 {
 \twhile (n > 0) { /* finding */
 \t\tbox_drop(box);
-\t\tn--;
 \t}
 }
""",
    """
== patch: box: shorten drain()
== mm/box.c
 void drain(struct slot *slot)
 {
 \twhile (slot) { /* finding */
 \t\tslot_drop(slot);
-\t\tslot = slot->next;
 \t}
 }
""",
    """
== patch: box: shorten fill()
== mm/box.c
 void fill(struct box *box, unsigned long at, unsigned long end)
 {
 \twhile (at < end) { /* finding */
 \t\tif (box_has(box, at))
 \t\t\tbox_fill(box, at);
-\t\tat += PAGE_SIZE;
 \t}
 }
""",
]


def check_change(change: Change) -> Iterator[Problem]:
    """Yield the heads of the loops that stand still."""
    seen = set()
    for loop, condition, names in asked(change.after.cfg):
        name = frozen(change, loop, condition, names)
        if name is not None:
            line = change.after.cfg.nodes[condition].line
            text = f"The patch drops what changed {name} in this loop, and nothing else in it ends the loop."
            yield Problem(line, text, "high", about=name)
            seen.add(name)
    for head, name in stepless(change):
        if name not in seen:
            text = f"The patch drops what moved {name} on in this loop: each round works on the same {name} now."
            yield Problem(change.after.cfg.nodes[head].line, text, "high", about=name)
