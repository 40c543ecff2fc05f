# SPDX-License-Identifier: GPL-2.0-or-later
"""A path leaves the function with a lock held that the other paths release

The next one who takes the lock waits for ever, and with a spinlock the CPU sleeps or returns to user space in an
atomic context.

To fix it, leave by the label that unlocks, or unlock before the return.

Paths whose conditions contradict each other do not count, nor do functions that hand the lock to their caller: those
that never release it, and those that return with success and the lock held.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.locking.exits import kept_at_exits
from reviewbot.checks.rule import Code, Problem

id = "missing-unlock-on-exit"
severity = "error"

GOOD = [
    """
int add(struct box *box, int slot)
{
	int err = 0;

	mutex_lock(&box->lock);
	if (slot < 0) {
		err = -EINVAL;
		goto out;
	}
	box->used++;
out:
	mutex_unlock(&box->lock);
	return err;
}
""",
    """
int add(struct box *box, int atomic)
{
	if (!atomic)
		spin_lock(&box->lock);
	box->used++;
	if (!atomic)
		spin_unlock(&box->lock);
	return 0;
}
""",
    """
int grab(struct box *box)
{
	spin_lock(&box->lock);
	if (box->closed) {
		spin_unlock(&box->lock);
		return -ENOENT;
	}
	return 0;
}
int try(struct box *box)
{
	if (!mutex_trylock(&box->mutex))
		return -EBUSY;
	box->used++;
	mutex_unlock(&box->mutex);
	return 0;
}
""",
]

BAD = [
    """
int add(struct box *box, int slot)
{
	mutex_lock(&box->lock);
	if (slot < 0)
		return -EINVAL; /* finding */
	box->used++;
	mutex_unlock(&box->lock);
	return 0;
}
""",
    """
void add(struct box *box, struct slot *slot)
{
	unsigned long flags;

	spin_lock_irqsave(&box->lock, flags);
	if (!slot)
		return; /* finding */
	list_add(&slot->list, &box->slots);
	spin_unlock_irqrestore(&box->lock, flags);
}
""",
    """
struct slot *find(struct box *box, int number)
{
	struct slot *slot = NULL;

	if (mutex_lock_interruptible(&box->mutex))
		return ERR_PTR(-EINTR);
	rcu_read_lock();
	if (box->closed) {
		mutex_unlock(&box->mutex);
		return NULL; /* finding */
	}
	slot = box_slot(box, number);
	rcu_read_unlock();
	mutex_unlock(&box->mutex);
	return slot;
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the exits that keep a lock."""
    for kept in kept_at_exits(code):
        text = f"{kept.name} is still held on this way out of {code.function.name or 'the function'}()."
        evidence = [(kept.taken, f"{kept.name} is taken here")]
        evidence += [(line, "another way out releases it") for line in kept.released[:2]]
        yield Problem(kept.line, text, "high", tuple(evidence), about=kept.name)
