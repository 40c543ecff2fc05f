# SPDX-License-Identifier: GPL-2.0-or-later
"""A reference is not given back on a way out of the function

The count never comes down to zero again: the object, and what it keeps alive, stays for ever. A count that can be
raised at will overflows in the end, and the object is freed while it is in use.

To fix it, put the reference on this way, or leave by the label that does.

Paths whose conditions contradict each other do not count. A reference taken on something that the function was given is
reported where the function itself gives it back on another way, and this way is a failure.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.owning.exits import leaks
from reviewbot.checks.rule import Code, Problem

id = "missing-put-on-exit"
severity = "error"

GOOD = [
    """
int look(struct box *box, int slot)
{
	int err = -EINVAL;

	get_device(&box->dev);
	if (slot < 0)
		goto out;
	err = box_look(box, slot);
out:
	put_device(&box->dev);
	return err;
}
""",
    """
int look(struct box *box, pid_t nr)
{
	struct task_struct *task = find_get_task_by_vpid(nr);

	if (!task)
		return -ESRCH;
	box->task = task;
	return 0;
}
""",
    """
int attach(struct box *box, struct lid *lid)
{
	int err;

	if (!css_tryget(&lid->css))
		return -ENODEV;
	err = box_attach(box, lid);
	if (err)
		css_put(&lid->css);
	return err;
}
""",
]

BAD = [
    """
int look(struct box *box, int slot)
{
	int err;

	get_device(&box->dev);
	if (slot < 0)
		return -EINVAL; /* finding */
	err = box_look(box, slot);
	put_device(&box->dev);
	return err;
}
""",
    """
int look(struct box *box, pid_t nr)
{
	struct task_struct *task = find_get_task_by_vpid(nr);

	if (!task)
		return -ESRCH;
	if (box_is_full(box))
		return -EBUSY; /* finding */
	box_let_in(box, task->comm);
	put_task_struct(task);
	return 0;
}
""",
    """
int attach(struct box *box, struct lid *lid)
{
	int err;

	if (!css_tryget(&lid->css))
		return -ENODEV;
	err = box_attach(box, lid);
	if (err)
		goto put;
	err = box_open(box);
	if (err < 0)
		goto out; /* finding */
	return 0;
put:
	css_put(&lid->css);
out:
	return err;
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the first way out on which each reference is kept for nothing."""
    for leak in leaks(code, "found", "counted"):
        taking = leak.taking
        text = f"The reference that {taking.call}() takes on {taking.pointer} is not given back on this way out."
        evidence = [(taking.line, f"{taking.call}() takes it here")]
        if leak.released is not None:
            evidence.append((leak.released, "another way gives it back here"))
        yield Problem(leak.line, text, "high", tuple(evidence), about=str(taking.pointer))
