# SPDX-License-Identifier: GPL-2.0-or-later
"""A value that sleepers wait for is set from outside, and nobody wakes the sleepers

Tasks sleep on a wait queue as long as a field or variable has some value. Here it gets a value that is only known at
run time (a knob, a limit): when that is one which ends the wait, nobody tells the sleepers, and they sleep on.

To fix it, call wake_up() on the queue after the value is stored. A wake-up too many is harmless.

See also wait-without-wake, which is about values that surely end the wait.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import File, Problem
from reviewbot.checks.waits.lost import lost_wakeups

id = "condition-write-without-wake"
severity = "warning"

_SLEEPER = """
struct lane { int closed; int speed; };
static DECLARE_WAIT_QUEUE_HEAD(lane_waitq);
static void lane_wait(struct lane *lane)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&lane_waitq, &wait, TASK_KILLABLE);
	if (lane->closed)
		schedule();
	finish_wait(&lane_waitq, &wait);
}
static void lane_wake(void) { wake_up_all(&lane_waitq); }
"""

GOOD = [
    _SLEEPER
    + """
int lane_write(struct lane *lane, u64 value)
{
	lane->closed = value;
	lane_wake();
	return 0;
}
""",
    _SLEEPER
    + """
int lane_write(struct lane *lane, u64 value)
{
	lane->speed = value;
	return 0;
}
""",
    _SLEEPER
    + """
struct lane *lane_make(struct lane *parent)
{
	struct lane *lane = kzalloc(sizeof(*lane), GFP_KERNEL);

	if (lane)
		lane->closed = parent->closed;
	return lane;
}
""",
]

BAD = [
    _SLEEPER
    + """
int lane_write(struct lane *lane, u64 value)
{
	if (value > 1)
		return -EINVAL;
	lane->closed = value; /* finding */
	return 0;
}
""",
    _SLEEPER
    + """
int lane_write(struct lane *lane, u64 value)
{
	mutex_lock(&lane_mutex);
	lane->closed = !value; /* finding */
	mutex_unlock(&lane_mutex);
	if (lane->closed)
		lane_wake();
	return 0;
}
""",
    """
static int most;
static int used;
static DECLARE_WAIT_QUEUE_HEAD(room);
static void take(void) { wait_event(room, most == 0); }
static void tell(void) { wake_up(&room); }
int set_most(const char *text, int value)
{
	most = value; /* finding */
	return 0;
}
""",
]


def check_file(file: File) -> Iterator[Problem]:
    """Yield the writes that nobody hears of."""
    for lost in lost_wakeups(file, certain=False):
        queue, sleeper = lost.wait.queue, lost.wait.function.name
        text = (
            f"{lost.gone.place} is set here, and tasks sleep on {queue} as long as {lost.gone}: when this ends that, "
            f"nothing wakes them."
        )
        evidence = ((lost.asked, f"{sleeper}() sleeps as long as {lost.gone}"),)
        place = str(lost.gone.place)
        yield Problem(lost.store.line, text, "medium", evidence, about=place, function=lost.writer)
