# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch no longer gives back what a function takes: a lock, memory or a reference

The function did give it back on this way out, still takes it, and now leaves with it: the next one who takes the lock
waits for ever, and memory and references leak.

To fix it, keep the call, or say in the changelog who gives it back instead. Moving the call along the way, leaving it
to guard() or a label, handing the object on and taking nothing in the first place are all seen.

Only what a patch takes away is seen here; code that has always been so is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.change import Change
from reviewbot.checks.givenback import given_back, handed_on, left_out
from reviewbot.checks.rule import Problem

id = "dropped-release"
severity = "error"

GOOD = [
    """
== patch: box: use the common way out
== mm/box.c
 int add(struct box *box, int n)
 {
 \tint err = 0;
 \tmutex_lock(&box->lock);
 \tif (n < 0) {
-\t\tmutex_unlock(&box->lock);
-\t\treturn -EINVAL;
+\t\terr = -EINVAL;
+\t\tgoto out;
 \t}
 \tbox->n += n;
+out:
 \tmutex_unlock(&box->lock);
-\treturn 0;
+\treturn err;
 }
""",
    """
== patch: box: guard the lock
== mm/box.c
 int add(struct box *box, int n)
 {
-\tmutex_lock(&box->lock);
+\tguard(mutex)(&box->lock);
 \tbox->n += n;
-\tmutex_unlock(&box->lock);
 \treturn 0;
 }
""",
    """
== patch: box: unlock early
== mm/box.c
 int add(struct box *box, int n)
 {
 \tmutex_lock(&box->lock);
 \tbox->n += n;
+\tmutex_unlock(&box->lock);
 \tbox_tell(n);
-\tmutex_unlock(&box->lock);
 \treturn 0;
 }
""",
    """
== patch: box: keep the slot
== mm/box.c
 int add(struct box *box, int n)
 {
 \tstruct slot *slot = kmalloc(sizeof(*slot), GFP_KERNEL);
 \tif (!slot)
 \t\treturn -ENOMEM;
-\tkfree(slot);
+\tlist_add(&slot->list, &box->slots);
 \treturn 0;
 }
""",
]

BAD = [
    """
== patch: box: shorten add()
== mm/box.c
 int add(struct box *box, int n)
 {
 \tmutex_lock(&box->lock);
 \tif (n < 0) {
-\t\tmutex_unlock(&box->lock);
 \t\treturn -EINVAL; /* finding */
 \t}
 \tbox->n += n;
 \tmutex_unlock(&box->lock);
 \treturn 0;
 }
""",
    """
== patch: box: shorten fill()
== mm/box.c
 int fill(struct box *box)
 {
 \tstruct slot *slot = kmalloc(sizeof(*slot), GFP_KERNEL);
 \tif (!slot)
 \t\treturn -ENOMEM;
 \tif (box_full(box)) {
-\t\tkfree(slot);
 \t\treturn -ENOSPC; /* finding */
 \t}
 \tlist_add(&slot->list, &box->slots);
 \treturn 0;
 }
""",
    """
== patch: box: shorten look()
== mm/box.c
 int look(struct box *box)
 {
 \tstruct page *page = find_get_page(box->mapping, 0);
 \tif (!page)
 \t\treturn -ENOENT;
 \tbox->seen++;
-\tput_page(page);
 \treturn 0; /* finding */
 }
""",
]


def check_change(change: Change) -> Iterator[Problem]:
    """Yield where control goes on without the call that is gone."""
    for site in change.calls_gone:
        what = given_back(site)
        if what is None or (what.kind == "object" and handed_on(change.after, what)):
            continue
        line = left_out(change, what)
        if line is not None:
            text = f"The patch drops {site.name}() before this, and {what.name} is still taken on the way here."
            yield Problem(line, text, "high", about=f"{site.name} {what.place}")
