# SPDX-License-Identifier: GPL-2.0-or-later
"""Interrupts come on too early, or stay off, because of how their state was saved

spin_lock_irqsave() saves whether interrupts were on; the matching irqrestore puts that back. A second save into the
same variable overwrites what the first one saved: the outer irqrestore then leaves interrupts off. And
spin_unlock_irq() or local_irq_enable() inside of the section switches them on while the outer lock is held, which must
not be interrupted.

To fix it, use spin_lock() and spin_unlock() for the inner lock: interrupts are off already.

Paths whose conditions contradict each other do not count, nor does what happens after the flags were handed to another
function. Kernel documentation: Documentation/locking/spinlocks.rst.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.locking.interrupts import misuses
from reviewbot.checks.rule import Code, Problem

id = "irq-flags-misuse"
severity = "error"

GOOD = [
    """
void move(struct box *from, struct box *to)
{
	unsigned long flags;

	spin_lock_irqsave(&from->lock, flags);
	spin_lock(&to->lock);
	to->used += from->used;
	spin_unlock(&to->lock);
	spin_unlock_irqrestore(&from->lock, flags);
}
""",
    """
void move(struct box *from, struct box *to)
{
	unsigned long flags;

	spin_lock_irqsave(&from->lock, flags);
	from->used = 0;
	spin_unlock_irqrestore(&from->lock, flags);
	spin_lock_irqsave(&to->lock, flags);
	to->used = 1;
	spin_unlock_irqrestore(&to->lock, flags);
}
""",
    """
void move(struct box *from, struct box *to)
{
	unsigned long flags, inner;

	spin_lock_irqsave(&from->lock, flags);
	spin_lock_irqsave(&to->lock, inner);
	to->used += from->used;
	spin_unlock_irqrestore(&to->lock, inner);
	spin_unlock_irqrestore(&from->lock, flags);
	spin_lock_irq(&to->lock);
	to->seen++;
	spin_unlock_irq(&to->lock);
}
""",
]

BAD = [
    """
void move(struct box *from, struct box *to)
{
	unsigned long flags;

	spin_lock_irqsave(&from->lock, flags);
	spin_lock_irqsave(&to->lock, flags); /* finding */
	to->used += from->used;
	spin_unlock_irqrestore(&to->lock, flags);
	spin_unlock_irqrestore(&from->lock, flags);
}
""",
    """
void move(struct box *from, struct box *to)
{
	unsigned long flags;

	spin_lock_irqsave(&from->lock, flags);
	spin_lock_irq(&to->lock);
	to->used += from->used;
	spin_unlock_irq(&to->lock); /* finding */
	spin_unlock_irqrestore(&from->lock, flags);
}
""",
    """
void empty(struct box *box)
{
	unsigned long flags;

	local_irq_save(flags);
	if (box->used) {
		box_drop(box);
		local_irq_enable(); /* finding */
	}
	box->seen = 0;
	local_irq_restore(flags);
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the calls that spoil a saved state."""
    for misuse in misuses(code):
        if misuse.what == "overwrites":
            text = f"{misuse.call}() overwrites {misuse.flags}, which still holds the state to restore at the end."
        else:
            text = f"{misuse.call}() switches interrupts on in a section that saved their state to keep them off."
        evidence = ((misuse.saved, f"the state is saved in {misuse.flags} here"),)
        yield Problem(misuse.line, text, "high", evidence, about=f"{misuse.call} {misuse.flags}")
