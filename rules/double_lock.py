# SPDX-License-Identifier: GPL-2.0-or-later
"""A lock is taken twice, given back twice, or given back without being taken

The kernel's locks are not recursive: a task that takes a spinlock or a mutex which it holds already waits for itself
for ever. Giving back a lock that is not held any more lets two tasks into the section that it guards.

To fix it, drop the second call, or the jump that leads over both.

Paths whose conditions contradict each other do not count, nor do read locks (several may be held), locks that go by
two names in one function, and locks whose name stands for another object in between. That a lock was never taken is
said of functions that only this file can call, unless their name or a comment says that they end what others began.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.locking.exits import given_back_only, taken_or_released_twice
from reviewbot.checks.rule import Code, Problem

id = "double-lock"
severity = "error"

GOOD = [
    """
int add(struct box *box, int slot)
{
	mutex_lock(&box->lock);
	if (slot < 0) {
		mutex_unlock(&box->lock);
		return -EINVAL;
	}
	box->used++;
	mutex_unlock(&box->lock);
	return 0;
}
""",
    """
void empty(struct box *box)
{
	spin_lock(&box->lock);
	while (box->used) {
		spin_unlock(&box->lock);
		box_drop_one(box);
		spin_lock(&box->lock);
	}
	spin_unlock(&box->lock);
}
""",
    """
void count(struct box *first)
{
	struct box *box;

	for (box = first; box; box = box->next) {
		spin_lock(&box->lock);
		box->seen++;
		if (box->last)
			break;
		spin_unlock(&box->lock);
	}
	if (box)
		spin_unlock(&box->lock);
}
""",
]

BAD = [
    """
int add(struct box *box, int slot)
{
	int err = 0;

	mutex_lock(&box->lock);
	if (slot < 0) {
		mutex_unlock(&box->lock);
		err = -EINVAL;
		goto out;
	}
	box->used++;
	return box_tell(box);
out:
	mutex_unlock(&box->lock); /* finding */
	return err;
}
""",
    """
void empty(struct box *box)
{
	spin_lock(&box->lock);
	box->used = 0;
	spin_lock(&box->lock); /* finding */
	box->seen = 0;
	spin_unlock(&box->lock);
}
""",
    """
void empty(struct box *box, bool all)
{
	unsigned long flags;

	spin_lock_irqsave(&box->lock, flags);
	if (all)
		box->used = 0;
	spin_unlock_irqrestore(&box->lock, flags);
	if (all)
		box->seen = 0;
	spin_unlock_irqrestore(&box->lock, flags); /* finding */
}
""",
    """
static int count(struct box *box)
{
	int used = box->used;

	mutex_unlock(&box->lock); /* finding */
	return used;
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the second calls, and those that have no first."""
    for use in given_back_only(code):
        text = f"{use.lock.name} is given back here, and neither this function nor one that calls it takes it."
        yield Problem(use.line, text, "medium", about=f"{use.lock.name} never taken")
    for twice in taken_or_released_twice(code):
        if twice.what == "taken":
            text = f"{twice.name} is held already where {twice.call}() takes it again: this never returns."
            evidence = ((twice.before, "it is taken here, and not given back on the way"),)
        else:
            text = f"{twice.name} is not held any more where {twice.call}() gives it back."
            evidence = ((twice.before, "it is given back here"),)
        yield Problem(twice.line, text, "high", evidence, about=f"{twice.name} {twice.what}")
