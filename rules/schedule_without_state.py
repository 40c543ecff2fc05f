# SPDX-License-Identifier: GPL-2.0-or-later
"""schedule_timeout() is called in TASK_RUNNING and returns at once

schedule_timeout() sleeps only when the task has said before that it wants to: with set_current_state(), or with
prepare_to_wait(). In TASK_RUNNING the scheduler puts the task back on the run queue, and the "sleep" ends as soon as
nobody else wants the CPU: a delay that is none, and a loop around it that burns the CPU. After each sleep the state is
TASK_RUNNING again.

To fix it, call schedule_timeout_uninterruptible(), schedule_timeout_killable() or schedule_timeout_interruptible(),
which set the state themselves, or set it before each call.

Reported is a call that no path reaches with a state set. Plain schedule() is not: without a state it yields the CPU,
which may be what is meant. Source: the comment of schedule_timeout() in the kernel's kernel/time/timer.c.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import Code, Problem
from reviewbot.checks.taskstate import states_before
from reviewbot.csource.kernelmacros import words

id = "schedule-without-state"
severity = "error"

GOOD = [
    """
static void nap(void)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_timeout(1);
}
""",
    """
static void nap(struct box *box)
{
	if (box_is_full(box))
		schedule_timeout_uninterruptible(1);
	schedule();
}
""",
    """
static long drain(struct box *box, long left)
{
	DEFINE_WAIT(wait);

	while (left && !box_is_empty(box)) {
		prepare_to_wait(&box->waitq, &wait, TASK_KILLABLE);
		if (!box_is_empty(box))
			left = schedule_timeout(left);
	}
	finish_wait(&box->waitq, &wait);
	return left;
}
""",
    """
static void arm(void)
{
	__set_current_state(TASK_INTERRUPTIBLE);
}
static void nap(void)
{
	arm();
	schedule_timeout(HZ);
}
""",
    """
/* unseen: static int fill(struct box *box) */
		prepare_to_wait(&box->waitq, &wait, TASK_KILLABLE);
		if (box_is_full(box))
			schedule_timeout(1); /* added */
		finish_wait(&box->waitq, &wait);
/* unseen */
""",
]

BAD = [
    """
static void nap(struct box *box)
{
	while (box_is_full(box))
		schedule_timeout(1); /* finding */
}
""",
    """
static void nap(struct box *box)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_timeout(1);
	box_poke(box);
	schedule_timeout(1); /* finding */
}
""",
    """
static void nap(struct box *box)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&box->waitq, &wait, TASK_INTERRUPTIBLE);
	if (box_is_full(box))
		schedule();
	finish_wait(&box->waitq, &wait);
	io_schedule_timeout(HZ / 10); /* finding */
}
""",
    """
/* unseen: static int fill(struct box *box) */
		if (!tries--) {
			box_complain(box);
			/* give the others a chance */
			schedule_timeout(1); /* added */ /* finding */
			tries = MOST_TRIES;
		}
/* unseen */
""",
]

_SLEEPS = words("schedule_timeout io_schedule_timeout schedule_hrtimeout schedule_hrtimeout_range io_schedule")


def check(code: Code) -> Iterator[Problem]:
    """Yield the calls that are only reached in TASK_RUNNING."""
    for call, states in states_before(code, _SLEEPS):
        if states == {"running"}:
            text = (
                f"{call.name}() returns at once here: no path sets the task's state before it, and in TASK_RUNNING it "
                f"does not sleep. schedule_timeout_uninterruptible() or schedule_timeout_killable() do."
            )
            yield Problem(call.line, text, "medium" if code.function.fragment else "high", about=call.name or "")
