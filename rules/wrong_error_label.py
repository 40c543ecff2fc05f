# SPDX-License-Identifier: GPL-2.0-or-later
"""A call fails, and the way out undoes just that call

What failed has not been done: a counter goes below what was counted, something is removed that was never added, a lock
is released that others hold.

To fix it, go to the label behind the undoing, which the failures before this one go to.

Reported are calls with a status whose failure jumps to a label that begins with the undoing of the same object, or
from which every way leads to it. By their names, the two differ in one word (register and unregister, charge and
uncharge). Functions of which it is known that they may be called all the same, like those that free, are left out, and
so is what may have been done before (in a loop, or by another call).
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import Code, Problem
from reviewbot.checks.unwinding import undone_failures

id = "wrong-error-label"
severity = "warning"

GOOD = [
    """
int box_make(struct box *box)
{
	int ret = slot_register(&box->slot);

	if (ret)
		goto out;
	ret = box_register(box);
	if (ret)
		goto exit_slot;
	return 0;
exit_slot:
	slot_unregister(&box->slot);
out:
	return ret;
}
""",
    """
int box_fill(struct box *box, int n)
{
	int ret = box_account(box, n);

	if (ret < 0)
		goto out;
	ret = box_copy(box, n);
	if (ret)
		box_unaccount(box, n);
out:
	return ret;
}
""",
    """
int box_fill(struct box *box, struct slot *slot)
{
	int ret;

	mutex_lock(&box->lock);
	ret = slot_lock(slot);
	if (ret)
		goto out;
	ret = box_copy(box, slot);
	slot_unlock(slot);
out:
	mutex_unlock(&box->lock);
	return ret;
}
""",
]

BAD = [
    """
int box_make(struct box *box)
{
	int ret = box_open(box);

	if (ret)
		goto out;
	ret = slot_register(&box->slot); /* finding */
	if (ret)
		goto exit_slot;
	ret = box_register(box);
	if (ret)
		goto exit_slot;
	return 0;
exit_slot:
	slot_unregister(&box->slot);
out:
	return ret;
}
""",
    """
int box_fill(struct box *box, int n)
{
	int ret;

	ret = box_account_pinned(&box->account, n); /* finding */
	if (ret) {
		ret = -ENOMEM;
		goto out;
	}
	ret = box_copy(box, n);
out:
	if (ret < 0) {
		box_clear(box);
		box_unaccount_pinned(&box->account, n);
	}
	return ret;
}
""",
    """
int box_look(struct box *box)
{
	int err = 0;

	if (mutex_lock_interruptible(&box->lock)) { /* finding */
		err = -EINTR;
		goto out;
	}
	box->seen++;
out:
	mutex_unlock(&box->lock);
	return err;
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the calls whose failure is undone as if they had worked."""
    for one in undone_failures(code):
        text = (
            f"When {one.call}() fails, the way out goes to {one.label}, where {one.undo}({one.object}) undoes "
            "what has not been done. Should it go behind that?"
        )
        yield Problem(one.line, text, "high", ((one.undone, "this is done all the same"),), about=one.call)
