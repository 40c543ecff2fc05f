# SPDX-License-Identifier: GPL-2.0-or-later
"""A retry ends for the OOM killer's victim only, not for a task that is killed in another way

TIF_MEMDIE is set for one thread of the process that the OOM killer picks. Its other threads, and a process that gets
SIGKILL from somewhere else, have a fatal signal pending and no such flag: they go on trying and cannot be killed.

To fix it, ask for fatal_signal_pending(current), too, or in its place.

Reported is a test of the flag that decides whether a loop is left, or what a function returns that has slept, when
nothing in the function asks for a signal. A test before anything was tried is no matter of retries.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import Code, Problem
from reviewbot.checks.victims import tests_for_victims_only

id = "memdie-without-fatal-signal"
severity = "warning"

GOOD = [
    """
int fill(struct box *box)
{
	while (box_is_full(box)) {
		box_kill_somebody(box);
		if (test_thread_flag(TIF_MEMDIE) || fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}
""",
    """
int fill(struct box *box)
{
	/* The victim may use the reserves. */
	if (test_thread_flag(TIF_MEMDIE))
		return 0;
	while (box_is_full(box))
		box_squeeze(box);
	return box_fill(box);
}
""",
    """
int fill(struct box *box)
{
	do {
		if (fatal_signal_pending(current))
			return -EINTR;
		box_squeeze(box);
		if (!test_thread_flag(TIF_MEMDIE))
			schedule_timeout_killable(1);
	} while (box_is_full(box));
	return 0;
}
""",
]

BAD = [
    """
int fill(struct box *box)
{
	while (box_is_full(box)) {
		box_squeeze(box);
		if (test_thread_flag(TIF_MEMDIE)) /* finding */
			return 0;
		schedule_timeout_uninterruptible(1);
	}
	return 0;
}
""",
    """
bool wait_for_room(struct box *box)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&box->waitq, &wait, TASK_UNINTERRUPTIBLE);
	schedule();
	finish_wait(&box->waitq, &wait);
	return !test_thread_flag(TIF_MEMDIE); /* finding */
}
""",
    """
int fill(struct box *box)
{
again:
	if (!box_is_full(box))
		return 0;
	box_kill_somebody(box);
	if (test_tsk_thread_flag(current, TIF_MEMDIE)) /* finding */
		goto out;
	goto again;
out:
	return -ENOMEM;
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the tests that only the victim passes."""
    for line in tests_for_victims_only(code):
        text = (
            "Only TIF_MEMDIE ends this: a task with a fatal signal pending that is not the OOM killer's victim "
            "does not leave. Is fatal_signal_pending(current) meant?"
        )
        yield Problem(line, text, "medium", about="TIF_MEMDIE")
