# SPDX-License-Identifier: GPL-2.0-or-later
"""A counter that each task raises is set to zero by one of them

Each task counts itself in; whoever is done first sets the counter to zero, and with it forgets all others that are
still counted. What goes by the counter (who sleeps, who is woken, who may be the next) is wrong from then on.

To fix it, count down by what was counted up, in each task, on every way out.

Reported are counters that sleepers or wakers look at, which something counts up, nothing counts down, and a function
other than a constructor sets to zero.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import File, Problem
from reviewbot.checks.waits.counters import resets

id = "counter-reset-instead-of-decrement"
severity = "warning"

_LANE = """
struct lane { atomic_t users; int laps; };
static DECLARE_WAIT_QUEUE_HEAD(lane_waitq);
static void lane_wait(struct lane *lane) { wait_event(lane_waitq, atomic_read(&lane->users) == 0); }
static void lane_enter(struct lane *lane) { atomic_inc(&lane->users); lane->laps++; }
"""

GOOD = [
    _LANE
    + """
static void lane_leave(struct lane *lane)
{
	if (atomic_dec_and_test(&lane->users))
		wake_up(&lane_waitq);
}
""",
    _LANE
    + """
void lane_init(struct lane *lane)
{
	atomic_set(&lane->users, 0);
}
""",
    _LANE
    + """
void lane_count(struct lane *lane)
{
	lane->laps = 0;
	wake_up(&lane_waitq);
}
""",
]

BAD = [
    _LANE
    + """
static void lane_leave(struct lane *lane)
{
	atomic_set(&lane->users, 0); /* finding */
	wake_up_all(&lane_waitq);
}
""",
    """
struct gate { int waiting; wait_queue_head_t queue; };
static void gate_wait(struct gate *gate)
{
	gate->waiting++;
	wait_event(gate->queue, gate_is_open(gate));
	gate->waiting = 0; /* finding */
}
static void gate_open(struct gate *gate)
{
	if (gate->waiting)
		wake_up_all(&gate->queue);
}
""",
    """
/* unseen */
static atomic_t users; /* added */
static DECLARE_WAIT_QUEUE_HEAD(lane_waitq); /* added */
static void lane_wait(void) { wait_event(lane_waitq, !atomic_read(&users)); } /* added */
static int lane_enter_cb(struct lane *lane, void *data) { return atomic_inc_return(&users); } /* added */
static int lane_leave_cb(struct lane *lane, void *data) /* added */
{ /* added */
	atomic_set(&users, 0); /* added */ /* finding */
	return 0; /* added */
} /* added */
/* unseen */
""",
]


def check_file(file: File) -> Iterator[Problem]:
    """Yield the resets."""
    for reset in resets(file):
        place = str(reset.store.place)
        text = f"{place} is counted up by {reset.counter.name}(), but here it is set to zero: all others are forgotten."
        evidence = ((reset.up.line, f"{place} is counted up here; nothing counts it down"),)
        yield Problem(reset.store.line, text, "high", evidence, about=place, function=reset.function)
