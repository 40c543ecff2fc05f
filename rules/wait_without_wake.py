# SPDX-License-Identifier: GPL-2.0-or-later
"""A sleeper's condition becomes true, and nobody wakes the sleeper

Tasks sleep on a wait queue until a condition holds. Whoever makes it hold has to wake the queue after that: a sleeper
does not look again by itself. On the way shown here nothing does, neither in the function nor in those that call it.
Wake-ups elsewhere do not help when they first ask whether somebody still has to wait: after the write the answer is
no, so that they pass by those who sleep already, and these sleep on for ever (a lost wake-up).

To fix it, call wake_up() on the queue after the write, on every way out. A wake-up too many is harmless.
What counts as a wait is prepare_to_wait() with schedule(), and wait_event(), without a timeout. Kernel documentation:
Documentation/memory-barriers.txt, "Sleep and wake-up functions".
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import File, Problem
from reviewbot.checks.waits.lost import Lost, lost_wakeups
from reviewbot.csource.functions import Function

id = "wait-without-wake"
severity = "error"

_SLEEPER = """
struct lane { int busy; };
static DECLARE_WAIT_QUEUE_HEAD(lane_waitq);
static bool lane_is_busy(struct lane *lane) { return lane->busy != 0; }
static void lane_wait(struct lane *lane)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&lane_waitq, &wait, TASK_UNINTERRUPTIBLE);
	if (lane_is_busy(lane))
		schedule();
	finish_wait(&lane_waitq, &wait);
}
static void lane_wake(struct lane *lane)
{
	if (lane_is_busy(lane))
		wake_up_all(&lane_waitq);
}
"""

GOOD = [
    _SLEEPER
    + """
static void lane_leave(struct lane *lane)
{
	lane->busy = 0;
	wake_up_all(&lane_waitq);
}
""",
    _SLEEPER
    + """
static void lane_clear(struct lane *lane) { lane->busy = 0; }
void lane_enter(struct lane *lane) { lane->busy = 1; }
void lane_leave(struct lane *lane)
{
	lane_clear(lane);
	wake_up(&lane_waitq);
}
""",
    _SLEEPER
    + """
static struct lane *lane_make(void)
{
	struct lane *lane = kzalloc(sizeof(*lane), GFP_KERNEL);

	if (lane)
		lane->busy = 0;
	return lane;
}
""",
    """
struct port { atomic_t users; wait_queue_head_t idle; };
static void port_put(struct port *port)
{
	if (atomic_dec_and_test(&port->users))
		wake_up(&port->idle);
}
static void port_close(struct port *port) { wait_event(port->idle, atomic_read(&port->users) == 0); }
""",
]

BAD = [
    _SLEEPER
    + """
static void lane_leave(struct lane *lane)
{
	lane->busy = 0; /* finding */
	lane_wake(lane);
}
""",
    _SLEEPER
    + """
static int lane_clear_cb(struct lane *lane, void *data) { lane->busy = 0; return 0; }
static void lane_leave(struct lane *lane)
{
	lane_walk(lane, NULL, lane_clear_cb); /* finding */
}
""",
    """
struct port { atomic_t users; wait_queue_head_t idle; };
static int port_put(struct port *port, int error)
{
	atomic_dec(&port->users); /* finding */
	if (error)
		return error;
	wake_up(&port->idle);
	return 0;
}
static void port_close(struct port *port) { wait_event(port->idle, atomic_read(&port->users) == 0); }
""",
]


def check_file(file: File) -> Iterator[Problem]:
    """Yield the lost wake-ups of a file."""
    for lost in lost_wakeups(file):
        about = f"{lost.gone.place} on {lost.wait.queue}"
        yield Problem(lost.line, _message(lost), "high", tuple(_evidence(lost)), about=about, function=lost.function)


def _message(lost: Lost) -> str:
    queue, sleeper, here = lost.wait.queue, _called(lost.wait.function), _called(lost.function)
    if lost.writer is lost.function:
        what = f"This ends what tasks sleep for on {queue} ({lost.gone})"
    elif lost.call == lost.writer.name:
        what = f"{lost.call}() ends what tasks sleep for on {queue} ({lost.gone})"
    else:
        what = f"{lost.call}() runs {lost.writer.name}(), which ends what tasks sleep for on {queue} ({lost.gone})"
    text = f"{what}, but nothing wakes them on the way out of {here}: those already in {sleeper} sleep on."
    if lost.wakers and all(site.asks for site in lost.wakers):
        text += f" Every other wake-up first asks whether {lost.gone}, so that it does not come either."
    return text


def _evidence(lost: Lost) -> Iterator[tuple[int, str]]:
    yield lost.wait.line, f"{_called(lost.wait.function)} goes on {lost.wait.queue} here"
    yield lost.asked, f"and sleeps as long as {lost.gone}"
    if lost.writer is not lost.function:
        yield lost.store.line, f"{lost.writer.name}() makes that false"
    for site in lost.wakers[:6]:
        asks = f", but only while {lost.gone}" if site.asks else ""
        yield site.line, f"{_called(site.function)} wakes the queue{asks}"


def _called(function: Function) -> str:
    return f"{function.name}()" if function.name else "a function"
