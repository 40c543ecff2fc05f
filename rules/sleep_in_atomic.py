# SPDX-License-Identifier: GPL-2.0-or-later
"""A call sleeps where nobody may sleep

With a spinlock held, in an RCU read section, with preemption or interrupts off, a task must not give up the CPU: who
spins for the lock spins for as long as it sleeps, on one CPU for ever, and a grace period that should have waited for
it ends. What sleeps are mutexes, allocations with GFP_KERNEL, waits, copies to and from user space.

To fix it, do what sleeps before the lock is taken, use a mutex, or GFP_ATOMIC where the memory may be refused.

Calls are followed into functions of the same file, as far as these surely sleep: one that takes flags or drops the
lock itself does not count. Kernel documentation: Documentation/kernel-hacking/locking.rst.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.locking.sleeping import sleeps_in_atomic
from reviewbot.checks.rule import Code, Problem

id = "sleep-in-atomic"
severity = "error"

GOOD = [
    """
int add(struct box *box)
{
	struct slot *slot = kmalloc(sizeof(*slot), GFP_KERNEL);

	if (!slot)
		return -ENOMEM;
	spin_lock(&box->lock);
	list_add(&slot->list, &box->slots);
	spin_unlock(&box->lock);
	return 0;
}
""",
    """
int add(struct box *box)
{
	struct slot *slot;

	spin_lock(&box->lock);
	slot = kmalloc(sizeof(*slot), GFP_ATOMIC);
	if (slot)
		list_add(&slot->list, &box->slots);
	spin_unlock(&box->lock);
	return slot ? 0 : -ENOMEM;
}
""",
    """
static void box_wait(struct box *box, bool may_sleep)
{
	if (may_sleep)
		msleep(10);
}
void empty(struct box *box)
{
	spin_lock(&box->lock);
	box_wait(box, false);
	spin_unlock(&box->lock);
}
""",
    """
static void box_wait(struct box *box)
{
	spin_unlock(&box->lock);
	msleep(10);
	spin_lock(&box->lock);
}
void empty(struct box *box)
{
	spin_lock(&box->lock);
	while (box->used)
		box_wait(box);
	spin_unlock(&box->lock);
}
""",
]

BAD = [
    """
int add(struct box *box)
{
	struct slot *slot;

	spin_lock(&box->lock);
	slot = kmalloc(sizeof(*slot), GFP_KERNEL); /* finding */
	if (slot)
		list_add(&slot->list, &box->slots);
	spin_unlock(&box->lock);
	return slot ? 0 : -ENOMEM;
}
""",
    """
static void box_tell(struct box *box)
{
	mutex_lock(&box->mutex);
	box->told++;
	mutex_unlock(&box->mutex);
}
void find(struct box *box)
{
	rcu_read_lock();
	box_tell(box); /* finding */
	rcu_read_unlock();
}
""",
    """
void drain(struct box *box)
{
	DEFINE_WAIT(wait);

	spin_lock(&box->lock);
	prepare_to_wait(&box->waitq, &wait, TASK_UNINTERRUPTIBLE);
	if (box->used)
		schedule(); /* finding */
	finish_wait(&box->waitq, &wait);
	spin_unlock(&box->lock);
}
""",
    """
static void box_show(struct box *box, struct range *range)
{
	rcu_read_lock();
	box_print(rcu_dereference(box->user));
	rcu_read_unlock();
	if (range_is_bound(range) && !range_has(range, box))
		return;
	cond_resched();
}
void show(struct range *range)
{
	rcu_read_lock();
	box_show(first_box(), range); /* finding */
	rcu_read_unlock();
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the calls that sleep."""
    for sleep in sleeps_in_atomic(code):
        where = f"(in {sleep.through[-1]}())" if sleep.through else "here"
        text = f"{sleep.call}() sleeps {where}, but {sleep.lock} is held, and nobody may sleep with it."
        evidence = [(sleep.taken, f"{sleep.lock} is taken here")]
        if sleep.sleeps is not None:
            evidence.append((sleep.sleeps, f"{sleep.through[-1]}() is called here"))
        yield Problem(sleep.line, text, "high", tuple(evidence), about=f"{sleep.call} under {sleep.lock}")
