# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch no longer sets the task state before the task gives up the processor

With the state TASK_RUNNING, schedule() returns at once: what was a sleep is a busy loop, or a time-out of nothing.

To fix it, keep set_current_state(), or sleep with a function that sets the state itself.

Only what a patch takes away is seen here; code that has always been so is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.change import Change
from reviewbot.checks.rule import Problem
from reviewbot.csource.api import kernel_api

id = "dropped-state"
severity = "error"

GOOD = [
    """
== patch: box: use the function that sets it
== mm/box.c
 void wait(struct box *box)
 {
-\tset_current_state(TASK_INTERRUPTIBLE);
-\tschedule_timeout(HZ);
+\tschedule_timeout_interruptible(HZ);
 }
""",
    """
== patch: box: wait on the queue
== mm/box.c
 void wait(struct box *box, struct wait_queue_entry *one)
 {
-\tset_current_state(TASK_INTERRUPTIBLE);
+\tprepare_to_wait(&box->wait, one, TASK_INTERRUPTIBLE);
 \tschedule();
 }
""",
    """
== patch: box: do not sleep
== mm/box.c
 void wait(struct box *box)
 {
-\tset_current_state(TASK_INTERRUPTIBLE);
-\tschedule();
 \tbox->n++;
 }
""",
]

BAD = [
    """
== patch: box: shorten wait()
== mm/box.c
 void wait(struct box *box)
 {
-\tset_current_state(TASK_INTERRUPTIBLE);
 \tschedule(); /* finding */
 }
""",
    """
== patch: box: shorten wait()
== mm/box.c
 void wait(struct box *box)
 {
 \twhile (!box->n) {
-\t\tset_current_state(TASK_UNINTERRUPTIBLE);
 \t\tschedule_timeout(HZ); /* finding */
 \t}
 }
""",
    """
== patch: box: shorten wait()
== mm/box.c
 void wait(struct box *box)
 {
-\t__set_current_state(TASK_UNINTERRUPTIBLE);
 \tif (!box->n)
 \t\tio_schedule(); /* finding */
 }
""",
]


_PLAIN = ["schedule", "schedule_timeout", "io_schedule", "io_schedule_timeout", "schedule_hrtimeout", "blk_io_schedule"]


def check_change(change: Change) -> Iterator[Problem]:
    """Yield the first call that sleeps behind the place of the call that is gone."""
    cfg, api = change.after.cfg, kernel_api()
    calls = change.after.function.calls
    sets = {node.id for site in calls if site.name in api.sets_state for node in cfg.at_line(site.line)}
    for site in change.calls_gone:
        if site.name not in api.sets_state or any("state" in w or "wait" in w for w in change.added):
            continue
        sleepy = "INTERRUPTIBLE" in change.before.function.line_text(site.line)
        starts = [node.id for node in change.next_nodes(site.line) if node.id not in sets] if sleepy else []
        for sleep in calls:
            goals = {node.id for node in cfg.at_line(sleep.line)} if sleep.name in _PLAIN else set()
            if goals and any(start in goals or cfg.path(start, goals, sets) for start in starts):
                text = f"The patch drops {site.name}() before {sleep.name}(), which does not sleep without it."
                yield Problem(sleep.line, text, "high", about=site.name or "")
                break
