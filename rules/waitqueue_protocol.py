# SPDX-License-Identifier: GPL-2.0-or-later
"""A task looks, drops the lock, goes on the queue, and sleeps without another look

What it waits for may come true between the look and the queueing: whoever brings it about wakes the queue, finds
nobody there, and is gone. The task sleeps on for something that has happened (a lost wake-up).

To fix it, go on the queue before the lock is dropped, or look again after prepare_to_wait() and before schedule().

Reported is a prepare_to_wait() that plain schedule() follows at once, where the condition was asked under a lock that
has been dropped by then. Kernel documentation: Documentation/memory-barriers.txt, "Sleep and wake-up functions".
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import Code, Problem
from reviewbot.checks.waits.unlooked import unlooked_sleeps

id = "waitqueue-protocol"
severity = "error"

GOOD = [
    """
void lane_wait(struct lane *lane)
{
	DEFINE_WAIT(wait);

	spin_lock(&lane->lock);
	if (lane->busy) {
		prepare_to_wait(&lane->waitq, &wait, TASK_UNINTERRUPTIBLE);
		spin_unlock(&lane->lock);
		schedule();
		finish_wait(&lane->waitq, &wait);
		return;
	}
	spin_unlock(&lane->lock);
}
""",
    """
void lane_wait(struct lane *lane)
{
	DEFINE_WAIT(wait);

	spin_lock(&lane->lock);
	if (lane->closed) {
		spin_unlock(&lane->lock);
		return;
	}
	spin_unlock(&lane->lock);
	prepare_to_wait(&lane->waitq, &wait, TASK_UNINTERRUPTIBLE);
	if (READ_ONCE(lane->busy))
		schedule();
	finish_wait(&lane->waitq, &wait);
}
""",
    """
void lane_wait(struct lane *lane)
{
	DEFINE_WAIT(wait);

	spin_lock(&lane->lock);
	while (lane->busy) {
		prepare_to_wait(&lane->waitq, &wait, TASK_UNINTERRUPTIBLE);
		spin_unlock(&lane->lock);
		schedule();
		spin_lock(&lane->lock);
	}
	spin_unlock(&lane->lock);
	finish_wait(&lane->waitq, &wait);
}
""",
]

BAD = [
    """
void lane_wait(struct lane *lane)
{
	DEFINE_WAIT(wait);

	spin_lock(&lane->lock);
	if (lane->busy) {
		spin_unlock(&lane->lock);
		prepare_to_wait(&lane->waitq, &wait, TASK_UNINTERRUPTIBLE); /* finding */
		schedule();
		finish_wait(&lane->waitq, &wait);
		return;
	}
	spin_unlock(&lane->lock);
}
""",
    """
void lane_wait(struct lane *lane)
{
	DEFINE_WAIT(wait);

	mutex_lock(&lane->mutex);
	while (lane->users > 1) {
		mutex_unlock(&lane->mutex);
		prepare_to_wait(&lane->waitq, &wait, TASK_UNINTERRUPTIBLE); /* finding */
		schedule();
		finish_wait(&lane->waitq, &wait);
		mutex_lock(&lane->mutex);
	}
	mutex_unlock(&lane->mutex);
}
""",
    """
int lane_enter(struct lane *lane)
{
	DEFINE_WAIT(wait);
	unsigned long flags;
again:
	spin_lock_irqsave(&lane->lock, flags);
	if (lane_take(lane)) {
		spin_unlock_irqrestore(&lane->lock, flags);
		return 0;
	}
	spin_unlock_irqrestore(&lane->lock, flags);
	prepare_to_wait_exclusive(&lane->waitq, &wait, TASK_UNINTERRUPTIBLE); /* finding */
	io_schedule();
	finish_wait(&lane->waitq, &wait);
	goto again;
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield where the task goes on the queue too late."""
    for found in unlooked_sleeps(code):
        text = (
            f"The task goes on {found.queue} after the lock was dropped and sleeps without another look: a wake-up in "
            f"between is lost."
        )
        evidence = ((found.asked, "it looks here, with the lock held"), (found.sleep, "and sleeps here"))
        yield Problem(found.line, text, "high", evidence, about=found.queue)
