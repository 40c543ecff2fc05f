# SPDX-License-Identifier: GPL-2.0-or-later
"""An object is freed twice, or a reference is given back twice

The second kfree() frees memory that may be somebody else's by then; the second put takes away a reference that somebody
else holds, and the object is freed while it is in use. Both are holes that can be used to attack the machine.

To fix it, drop one of the two, or set the pointer to NULL after the first.

Reported are two releases of one pointer on one path, without a new value in between. A put is only judged where the
function can hold but one reference on the object.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.released import released_twice
from reviewbot.checks.rule import Code, Problem

id = "double-put"
severity = "error"

GOOD = [
    """
int fill(struct box *box)
{
	char *name = kmalloc(16, GFP_KERNEL);

	if (box_fill(box, name)) {
		kfree(name);
		return -EIO;
	}
	box_close(box);
	kfree(name);
	return 0;
}
""",
    """
void reset(struct box *box, int again)
{
	char *name = box->name;

	kfree(name);
	name = again ? kstrdup("box", GFP_KERNEL) : NULL;
	box_show(box, name);
	kfree(name);
}
""",
    """
void look(struct box *box, int twice)
{
	get_device(&box->dev);
	if (twice)
		get_device(&box->dev);
	box_look(box);
	put_device(&box->dev);
	if (twice)
		put_device(&box->dev);
}
""",
]

BAD = [
    """
int fill(struct box *box)
{
	char *name = kmalloc(16, GFP_KERNEL);
	int err = box_fill(box, name);

	if (err) {
		kfree(name);
		goto out;
	}
	box_close(box);
out:
	kfree(name); /* finding */
	return err;
}
""",
    """
int look(struct box *box, pid_t nr)
{
	struct task_struct *task = find_get_task_by_vpid(nr);

	if (!task)
		return -ESRCH;
	box_let_in(box, task->comm);
	put_task_struct(task);
	if (box_is_full(box)) {
		put_task_struct(task); /* finding */
		return -EBUSY;
	}
	return 0;
}
""",
    """
void drop(struct box *box)
{
	struct slot *slot = box->slot;

	kfree(box->slot);
	if (!box->shared) {
		box_close(box);
		kfree(box->slot); /* finding */
	}
	box->slot = NULL;
	slot = NULL;
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the second release of each object."""
    for late in released_twice(code):
        text = (
            f"{late.name} was given back by {late.call}() already on a path that comes here, and is given back again."
        )
        evidence = ((late.released, f"{late.call}() gives {late.name} back here"),)
        yield Problem(late.line, text, "high" if late.frees else "medium", evidence, about=late.name)
