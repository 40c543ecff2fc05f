# SPDX-License-Identifier: GPL-2.0-or-later
"""An interruptible sleep in a loop that looks at no signal

In TASK_INTERRUPTIBLE a task with a signal pending does not sleep: schedule() returns at once. The loop around it goes
round again, finds nothing changed, and comes back: it spins until the signal is handled, which it never is, because
the task does not leave the kernel.

To fix it, ask for signal_pending(current) and leave, or sleep in TASK_KILLABLE (and ask for fatal_signal_pending())
or TASK_UNINTERRUPTIBLE.

Kernel threads get no signals and are left out, as far as the file shows that a function runs in one; so are loops
that end by a count or a time. Kernel documentation: Documentation/scheduler/completion.rst on the kinds of waiting.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.ignored_signals import ignored_signals
from reviewbot.checks.rule import File, Problem

id = "interruptible-sleep-ignores-signal"
severity = "warning"

_NAP = """
static void box_nap(struct box *box)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&box->waitq, &wait, TASK_INTERRUPTIBLE);
	if (box->full)
		schedule();
	finish_wait(&box->waitq, &wait);
}
"""

GOOD = [
    _NAP
    + """
int fill(struct box *box)
{
	while (!box_put(box)) {
		if (signal_pending(current))
			return -ERESTARTSYS;
		box_nap(box);
	}
	return 0;
}
""",
    _NAP
    + """
int fill(struct box *box)
{
	box_nap(box);
	return box_put(box);
}
""",
    _NAP
    + """
static int box_thread(void *data)
{
	for (;;)
		box_nap(data);
}
int start(struct box *box)
{
	box->task = kthread_run(box_thread, box, "box");
	return 0;
}
""",
    _NAP.replace("INTERRUPTIBLE", "UNINTERRUPTIBLE")
    + """
void fill(struct box *box)
{
	while (!box_put(box))
		box_nap(box);
}
""",
]

BAD = [
    _NAP.replace("TASK_INTERRUPTIBLE);", "TASK_INTERRUPTIBLE); /* finding */")
    + """
void fill(struct box *box)
{
	while (!box_put(box))
		box_nap(box);
}
""",
    """
void drain(struct box *box)
{
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE); /* finding */
		if (!box->used)
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}
""",
    """
int fill(struct box *box)
{
	DEFINE_WAIT(wait);
again:
	if (box_put(box))
		return 0;
	if (box->closed)
		return -EPIPE;
	prepare_to_wait(&box->waitq, &wait, TASK_INTERRUPTIBLE); /* finding */
	if (box->full)
		schedule();
	finish_wait(&box->waitq, &wait);
	goto again;
}
""",
]


def check_file(file: File) -> Iterator[Problem]:
    """Yield the sleeps that a signal turns into a spin."""
    for found in ignored_signals(file):
        where = "the loop around it"
        if found.looper is not found.function:
            where = f"the loop in {found.looper.name or 'its caller'}() that comes here"
        text = f"With a signal pending this does not sleep, and {where} looks at no signal: it spins."
        evidence = ((found.round, "the loop goes round again whatever signal is pending"),)
        yield Problem(found.line, text, "medium", evidence, "TASK_INTERRUPTIBLE", function=found.function)
