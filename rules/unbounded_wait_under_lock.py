# SPDX-License-Identifier: GPL-2.0-or-later
"""A task sleeps with a lock held that everybody needs who could wake it

The sleeper goes on when it is woken. Whoever wakes its queue takes a lock first that the sleeper still holds: the
waker waits for the lock, the sleeper for the waker, both for ever.

To fix it, drop the lock before the sleep and take it again after it (and look again at what may have changed), or
wake before the lock is taken.

Reported are waits without a timeout on a queue that only this file can wake, with a lock that is surely held there
and that each wake-up of the queue comes after. A wait under a lock that only others need is slow, but it ends.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import File, Problem
from reviewbot.checks.waits.underlock import stuck_waits

id = "unbounded-wait-under-lock"
severity = "error"

_LANE = """
struct lane { int busy; };
static DEFINE_MUTEX(lane_lock);
static DECLARE_WAIT_QUEUE_HEAD(lane_waitq);
void lane_leave(struct lane *lane)
{
	mutex_lock(&lane_lock);
	lane->busy = 0;
	wake_up(&lane_waitq);
	mutex_unlock(&lane_lock);
}
"""

GOOD = [
    _LANE
    + """
void lane_enter(struct lane *lane)
{
	wait_event(lane_waitq, !lane->busy);
	mutex_lock(&lane_lock);
	lane->busy = 1;
	mutex_unlock(&lane_lock);
}
""",
    _LANE
    + """
void lane_enter(struct lane *lane)
{
	DEFINE_WAIT(wait);

	mutex_lock(&lane_lock);
	while (lane->busy) {
		prepare_to_wait(&lane_waitq, &wait, TASK_UNINTERRUPTIBLE);
		mutex_unlock(&lane_lock);
		schedule();
		mutex_lock(&lane_lock);
	}
	finish_wait(&lane_waitq, &wait);
	lane->busy = 1;
	mutex_unlock(&lane_lock);
}
""",
    _LANE
    + """
static DEFINE_MUTEX(lane_order);
void lane_enter(struct lane *lane)
{
	mutex_lock(&lane_order);
	wait_event(lane_waitq, !lane->busy);
	lane->busy = 1;
	mutex_unlock(&lane_order);
}
""",
]

BAD = [
    _LANE
    + """
void lane_enter(struct lane *lane)
{
	mutex_lock(&lane_lock);
	wait_event(lane_waitq, !lane->busy); /* finding */
	lane->busy = 1;
	mutex_unlock(&lane_lock);
}
""",
    _LANE
    + """
void lane_enter(struct lane *lane)
{
	DEFINE_WAIT(wait);

	mutex_lock(&lane_lock);
	while (lane->busy) {
		prepare_to_wait(&lane_waitq, &wait, TASK_UNINTERRUPTIBLE);
		schedule(); /* finding */
	}
	finish_wait(&lane_waitq, &wait);
	lane->busy = 1;
	mutex_unlock(&lane_lock);
}
""",
    """
struct port { struct mutex lock; int users; wait_queue_head_t idle; };
void port_put(struct port *port)
{
	mutex_lock(&port->lock);
	port->users--;
	mutex_unlock(&port->lock);
	wake_up_all(&port->idle);
}
int port_close(struct port *p)
{
	if (mutex_lock_interruptible(&p->lock))
		return -EINTR;
	wait_event(p->idle, p->users == 0); /* finding */
	mutex_unlock(&p->lock);
	return 0;
}
""",
]


def check_file(file: File) -> Iterator[Problem]:
    """Yield the waits that hold what their wakers need."""
    for stuck in stuck_waits(file):
        text = (
            f"This sleeps on {stuck.wait.queue} with {stuck.lock} held, and {stuck.waker.name}(), which would wake it, "
            f"takes {stuck.lock} first: both wait for ever."
        )
        evidence = (
            (stuck.taken, f"{stuck.lock} is taken here"),
            (stuck.woken, f"{stuck.waker.name}() wakes the queue"),
        )
        about = f"{stuck.wait.queue} under {stuck.lock}"
        yield Problem(stuck.wait.sleep, text, "high", evidence, about, function=stuck.wait.function)
