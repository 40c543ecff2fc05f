# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch no longer takes a lock that the function still releases

Releasing a lock that nobody holds wakes waiters too early or lets two tasks in at once.

To fix it, keep the call, or remove the release as well.

Only what a patch takes away is seen here; code that has always been so is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.change import Change
from reviewbot.checks.givenback import given_back, lock_of
from reviewbot.checks.rule import Problem

id = "dropped-acquire"
severity = "error"

GOOD = [
    """
== patch: box: take no lock
== mm/box.c
 int add(struct box *box, int n)
 {
-\tmutex_lock(&box->lock);
 \tbox->n += n;
-\tmutex_unlock(&box->lock);
 \treturn 0;
 }
""",
    """
== patch: box: lock later
== mm/box.c
 int add(struct box *box, int n)
 {
-\tmutex_lock(&box->lock);
 \tn += 1;
+\tmutex_lock(&box->lock);
 \tbox->n += n;
 \tmutex_unlock(&box->lock);
 \treturn 0;
 }
""",
    """
== patch: box: lock by a helper
== mm/box.c
 int add(struct box *box, int n)
 {
-\tmutex_lock(&box->lock);
+\tbox_lock(box);
 \tbox->n += n;
 \tmutex_unlock(&box->lock);
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
-\tmutex_lock(&box->lock);
 \tbox->n += n;
 \tmutex_unlock(&box->lock); /* finding */
 \treturn 0;
 }
""",
    """
== patch: box: shorten add()
== mm/box.c
 void add(struct box *box, int n)
 {
-\tspin_lock(&box->lock);
 \tif (n)
 \t\tbox->n += n;
 \tspin_unlock(&box->lock); /* finding */
 }
""",
    """
== patch: box: shorten look()
== mm/box.c
 int look(struct box *box)
 {
 \tint n;
-\trcu_read_lock();
 \tn = rcu_dereference(box->slot)->n;
 \trcu_read_unlock(); /* finding */
 \treturn n;
 }
""",
]


def check_change(change: Change) -> Iterator[Problem]:
    """Yield the releases that are reached from where a lock was taken."""
    cfg = change.after.cfg
    for site in change.calls_gone:
        key = lock_of(site)
        if key is None or any("lock" in word or "guard" in word for word in change.added):
            continue
        taken = [one for one in change.after.function.calls if lock_of(one) == key]
        if taken:
            continue
        starts = change.next_nodes(site.line)
        for back in change.after.function.calls:
            what = given_back(back)
            if what is None or what.kind != "lock" or (what.place, what.lock_kind) != key:
                continue
            goals = {node.id for node in cfg.at_line(back.line)}
            if any(start.id in goals or cfg.path(start.id, goals) for start in starts):
                text = f"The patch drops {site.name}(), and {what.name} is still released here."
                yield Problem(back.line, text, "high", about=f"{site.name} {what.place}")
                break
