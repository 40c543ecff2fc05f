# SPDX-License-Identifier: GPL-2.0-or-later
"""A counter goes up on every way through a function, and down on some only

Tasks are counted in by one helper and out by another; sleepers and wakers go by the count. A way out that counts nobody
out leaves the counter raised for ever: whoever waits until it is zero waits for ever, too.

To fix it, count down on each way out what was counted up, best at one label.

Reported are counters that sleepers or wakers of the file look at, in functions that call (or hand to an iterator) both
a helper that raises the counter and one that lowers or clears it, where some way out comes without the second.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.balance import unbalanced
from reviewbot.checks.rule import File, Problem

id = "unbalanced-counter"
severity = "warning"

_GATE = """
struct gate { atomic_t inside; int open; };
static DECLARE_WAIT_QUEUE_HEAD(gate_waitq);
static void gate_enter(struct gate *gate) { atomic_inc(&gate->inside); }
static void gate_leave(struct gate *gate)
{
	if (atomic_dec_and_test(&gate->inside))
		wake_up_all(&gate_waitq);
}
void gate_close(struct gate *gate) { wait_event(gate_waitq, atomic_read(&gate->inside) == 0); }
"""

GOOD = [
    _GATE
    + """
int pass(struct gate *gate)
{
	int err = -EPERM;

	gate_enter(gate);
	if (gate->open)
		err = walk_through(gate);
	gate_leave(gate);
	return err;
}
""",
    _GATE
    + """
int pass(struct gate *gate)
{
	if (!gate->open)
		return -EPERM;
	gate_enter(gate);
	walk_through(gate);
	gate_leave(gate);
	return 0;
}
""",
    _GATE
    + """
void go_in(struct gate *gate) { gate_enter(gate); walk_in(gate); }
void go_out(struct gate *gate) { walk_out(gate); gate_leave(gate); }
int try_in(struct gate *gate, bool stay)
{
	gate_enter(gate);
	if (!stay)
		gate_leave(gate);
	walk_in(gate);
	if (stay)
		gate_leave(gate);
	return 0;
}
""",
]

BAD = [
    _GATE
    + """
int pass(struct gate *gate)
{
	gate_enter(gate); /* finding */
	if (!gate->open)
		return -EPERM;
	walk_through(gate);
	gate_leave(gate);
	return 0;
}
""",
    """
struct lane { atomic_t users; };
static DECLARE_WAIT_QUEUE_HEAD(lane_waitq);
static int raise_cb(struct lane *lane, void *data) { atomic_inc(&lane->users); return 0; }
static int clear_cb(struct lane *lane, void *data) { atomic_set(&lane->users, 0); return 0; }
static bool lane_busy(struct lane *lane) { return atomic_read(&lane->users) > 0; }
static void lane_wait(struct lane *lane) { wait_event(lane_waitq, !lane_busy(lane)); }
static void lane_use(struct lane *lane, bool first)
{
	lane_walk(lane, raise_cb); /* finding */
	if (first) {
		lane_work(lane);
		lane_walk(lane, clear_cb);
		wake_up_all(&lane_waitq);
	} else {
		schedule_timeout_killable(1);
	}
	lane_tell(lane);
}
""",
    _GATE
    + """
int pass(struct gate *gate, int how)
{
	int err;

	gate_enter(gate); /* finding */
	err = walk_through(gate);
	if (err)
		goto out;
	gate->open = how;
	gate_leave(gate);
out:
	return err;
}
""",
]


def check_file(file: File) -> Iterator[Problem]:
    """Yield where the counters are raised."""
    for found in unbalanced(file):
        text = (
            f"This raises {found.counter}, and a way out of {found.function.name or 'the function'}() does not lower "
            f"it again as the other does: it stays raised for those who go by it."
        )
        evidence = ((found.lowered, "it is lowered here"), (found.left, "this way out leaves it raised"))
        yield Problem(found.line, text, "medium", evidence, str(found.counter), function=found.function)
