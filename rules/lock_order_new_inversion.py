# SPDX-License-Identifier: GPL-2.0-or-later
"""Two functions take the same two locks in opposite order

One task takes the first lock and waits for the second, another has the second and waits for the first: both wait for
ever. It takes both at the same moment to show, so that tests seldom do.

To fix it, take the locks in the order that the rest of the file has, or drop the one before the other is taken.

Only functions of one file are compared, and only locks that are surely held: a trylock gives no order, and objects of
one structure are taken to be one kind of lock. Kernel documentation: Documentation/locking/lockdep-design.rst.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.locking.order import inversions
from reviewbot.checks.rule import File, Problem

id = "lock-order-new-inversion"
severity = "error"

_USUAL = """
struct box { struct mutex lock; int used; };
static DEFINE_SPINLOCK(list_lock);
static DEFINE_MUTEX(table_lock);
void add(struct box *box)
{
	mutex_lock(&table_lock);
	mutex_lock(&box->lock);
	box->used++;
	mutex_unlock(&box->lock);
	mutex_unlock(&table_lock);
}
"""

GOOD = [
    _USUAL
    + """
void drop(struct box *box)
{
	mutex_lock(&table_lock);
	mutex_lock(&box->lock);
	box->used--;
	mutex_unlock(&box->lock);
	mutex_unlock(&table_lock);
}
""",
    _USUAL
    + """
void drop(struct box *box)
{
	mutex_lock(&box->lock);
	box->used--;
	mutex_unlock(&box->lock);
	mutex_lock(&table_lock);
	box_forget(box);
	mutex_unlock(&table_lock);
}
""",
    _USUAL
    + """
void drop(struct box *box)
{
	mutex_lock(&box->lock);
	if (mutex_trylock(&table_lock)) {
		box_forget(box);
		mutex_unlock(&table_lock);
	}
	mutex_unlock(&box->lock);
}
""",
]

BAD = [
    _USUAL
    + """
void drop(struct box *box)
{
	mutex_lock(&box->lock);
	mutex_lock(&table_lock); /* finding */
	box_forget(box);
	mutex_unlock(&table_lock);
	mutex_unlock(&box->lock);
}
""",
    _USUAL
    + """
static void forget(struct box *box)
{
	mutex_lock(&table_lock);
	box_forget(box);
	mutex_unlock(&table_lock);
}
void drop(struct box *box)
{
	mutex_lock(&box->lock);
	if (!--box->used)
		forget(box); /* finding */
	mutex_unlock(&box->lock);
}
""",
    """
struct disk { spinlock_t queue_lock; spinlock_t state_lock; int state; };
void start(struct disk *disk)
{
	unsigned long flags;

	spin_lock_irqsave(&disk->queue_lock, flags);
	spin_lock(&disk->state_lock);
	disk->state = 1;
	spin_unlock(&disk->state_lock);
	spin_unlock_irqrestore(&disk->queue_lock, flags);
}
void stop(struct disk *d)
{
	spin_lock_irq(&d->state_lock);
	spin_lock(&d->queue_lock); /* finding */
	d->state = 0;
	spin_unlock(&d->queue_lock);
	spin_unlock_irq(&d->state_lock);
}
""",
]


def check_file(file: File) -> Iterator[Problem]:
    """Yield the nestings that contradict another."""
    for found in inversions(file):
        rare, usual = found.rare, found.usual
        text = (
            f"{rare.inner} is taken here with {rare.outer} held; {usual.function.name}() takes them the other way "
            f"round: two tasks can wait for each other for ever."
        )
        evidence = (
            (rare.taken, f"{rare.outer} is taken here"),
            (usual.line, f"{usual.function.name}() takes {usual.inner} while it holds {usual.outer}"),
        )
        yield Problem(rare.line, text, "medium", evidence, f"{rare.outer} and {rare.inner}", function=rare.function)
