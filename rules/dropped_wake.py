# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch no longer wakes the tasks that sleep on a queue

What they wait for still happens here, and nobody tells them: they sleep until something else wakes them.

To fix it, keep the wake-up, or say in the changelog who wakes them instead.

Only what a patch takes away is seen here; code that has always been so is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.change import Change
from reviewbot.checks.rule import Problem
from reviewbot.checks.waking import still_waited_for, waked

id = "dropped-wake"
severity = "error"

GOOD = [
    """
== patch: box: wake later
== mm/box.c
 void add(struct box *box)
 {
 \tbox->n++;
-\twake_up(&box->wait);
 \tbox_tell(box);
+\twake_up(&box->wait);
 }
 void wait(struct box *box)
 {
 \twait_event(box->wait, box->n);
 }
""",
    """
== patch: box: nobody waits any more
== mm/box.c
 void add(struct box *box)
 {
 \tbox->n++;
-\twake_up(&box->wait);
 }
-void wait(struct box *box)
-{
-\twait_event(box->wait, box->n);
-}
""",
    """
== patch: box: wake all
== mm/box.c
 void add(struct box *box)
 {
 \tbox->n++;
-\twake_up(&box->wait);
+\twake_up_all(&box->wait);
 }
 void wait(struct box *box)
 {
 \twait_event(box->wait, box->n);
 }
""",
]

BAD = [
    """
== patch: box: shorten add()
== mm/box.c
 void add(struct box *box)
 {
 \tbox->n++;
-\twake_up(&box->wait);
 } /* finding */
 void wait(struct box *box)
 {
 \twait_event(box->wait, box->n);
 }
""",
    """
== patch: box: shorten add()
== mm/box.c
 int add(struct box *box)
 {
 \tbox->n++;
-\twake_up_interruptible(&box->wait);
 \treturn 0; /* finding */
 }
 void close(struct box *box)
 {
 \twake_up_interruptible(&box->wait);
 }
""",
    """
== patch: box: shorten done()
== mm/box.c
 int done(struct box *box)
 {
 \tbox->done = 1;
-\tcomplete(&box->ready);
 \treturn 0; /* finding */
 }
 void wait(struct box *box)
 {
 \twait_for_completion(&box->ready);
 }
""",
]


def check_change(change: Change) -> Iterator[Problem]:
    """Yield where control goes on without the wake-up."""
    there = {waked(site) for site in change.after.function.calls}
    for site in change.calls_gone:
        queue = waked(site)
        if queue is None or queue in there or any("wake" in w or "complete" in w for w in change.added):
            continue
        if not still_waited_for(change, queue):
            continue
        nodes = change.next_nodes(site.line)
        if nodes:
            line = change.resumes(site.line, nodes[0])
            text = f"The patch drops {site.name}() before this; those who sleep on {queue} are no longer told."
            yield Problem(line, text, "high", about=f"{site.name} {queue}")
