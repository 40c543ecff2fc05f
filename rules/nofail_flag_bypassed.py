# SPDX-License-Identifier: GPL-2.0-or-later
"""A wait comes before the flag is looked at that says whether to wait

The function has a parameter by which its callers say whether it may wait; one of its waits asks for it first. This one
does not: callers that said no, because they hold a lock, or have something to undo on failure, sleep here all the same.

To fix it, look at the flag first, as the other wait does.

Reported is a call that sleeps without a timeout in a function of the same file, in a function where another such call
is only reached when a parameter is true. Waits that are for something else than what the flag is about should say so
in a comment of the function.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.flags_asked import bypassed_flags
from reviewbot.checks.rule import Code, Problem

id = "nofail-flag-bypassed"
severity = "warning"

_WAITS = """
static void box_wait(struct box *box)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&box->waitq, &wait, TASK_KILLABLE);
	if (box->full)
		schedule();
	finish_wait(&box->waitq, &wait);
}
static bool box_empty(struct box *box)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&box->emptied, &wait, TASK_KILLABLE);
	box_kick(box);
	schedule();
	finish_wait(&box->emptied, &wait);
	return !box->full;
}
static void box_nap(struct box *box) { schedule_timeout_killable(1); }
"""

GOOD = [
    _WAITS
    + """
int fill(struct box *box, bool may_wait)
{
	while (!box_put(box)) {
		if (!may_wait)
			return -EAGAIN;
		if (box->full)
			box_wait(box);
		box_empty(box);
	}
	return 0;
}
""",
    _WAITS
    + """
int fill(struct box *box, bool may_wait)
{
	while (!box_put(box)) {
		box_nap(box);
		if (may_wait)
			box_empty(box);
		else
			return -EAGAIN;
	}
	return 0;
}
""",
    _WAITS
    + """
int fill(struct box *box, bool loud)
{
	while (!box_put(box)) {
		if (loud)
			box_tell(box);
		box_wait(box);
		box_empty(box);
	}
	return 0;
}
""",
]

BAD = [
    _WAITS
    + """
int fill(struct box *box, bool may_wait)
{
	while (!box_put(box)) {
		if (box->full)
			box_wait(box); /* finding */
		if (!may_wait)
			return -EAGAIN;
		box_empty(box);
	}
	return 0;
}
""",
    _WAITS
    + """
int fill(struct box *box, int may_wait)
{
	box_wait(box); /* finding */
	if (may_wait)
		box_empty(box);
	return box_put(box);
}
""",
    _WAITS
    + """
static void box_settle(struct box *box) { box_wait(box); }
int fill(struct box *box, bool may_wait)
{
again:
	if (box_put(box))
		return 0;
	if (box->settling) {
		box_settle(box); /* finding */
		goto again;
	}
	if (!may_wait || !box_empty(box))
		return -EAGAIN;
	goto again;
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the waits that do not ask."""
    for found in bypassed_flags(code):
        text = (
            f"{found.call}() sleeps here whatever {found.flag} says, while {found.other}() is only called when it is "
            f"set: may callers that do not set it sleep?"
        )
        yield Problem(found.line, text, "medium", ((found.asked, f"{found.flag} is asked here"),), about=found.flag)
