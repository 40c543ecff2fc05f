# SPDX-License-Identifier: GPL-2.0-or-later
"""What RCU protects is used after rcu_read_unlock()

Between rcu_read_lock() and rcu_read_unlock() an object that was reached by rcu_dereference() cannot be freed. After the
unlock it can, at any time: what is read then may be somebody else's memory.

To fix it, move the unlock behind the last use, copy out what is needed, or take a reference in the section.

Reported are loads with rcu_dereference(), and uses of a pointer that it gave, in a function that has its own section,
surely after its end. Where another lock may be held, or a function was given the pointer (which may take a
reference), nothing is said. Kernel documentation: Documentation/RCU/rcu_dereference.rst.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.locking.rcu import outside_of_section
from reviewbot.checks.rule import Code, Problem

id = "rcu-dereference-outside-lock"
severity = "error"

GOOD = [
    """
int size(struct box *box)
{
	struct lid *lid;
	int size = 0;

	rcu_read_lock();
	lid = rcu_dereference(box->lid);
	if (lid)
		size = lid->size;
	rcu_read_unlock();
	return size;
}
""",
    """
struct lid *get(struct box *box)
{
	struct lid *lid;

	rcu_read_lock();
	lid = rcu_dereference(box->lid);
	if (lid && !lid_tryget(lid))
		lid = NULL;
	rcu_read_unlock();
	if (lid)
		lid->seen = 1;
	return lid;
}
""",
    """
int size(struct box *box)
{
	struct lid *lid;
	int found;

	rcu_read_lock();
	lid = rcu_dereference(box->lid);
	found = lid != NULL;
	rcu_read_unlock();
	if (!found)
		return -ENOENT;
	rcu_read_lock();
	lid = rcu_dereference(box->lid);
	found = lid ? lid->size : 0;
	rcu_read_unlock();
	return found;
}
""",
]

BAD = [
    """
int size(struct box *box)
{
	struct lid *lid;

	rcu_read_lock();
	lid = rcu_dereference(box->lid);
	rcu_read_unlock();
	return lid->size; /* finding */
}
""",
    """
int size(struct box *box)
{
	struct lid *lid;
	int other;

	rcu_read_lock();
	other = rcu_dereference(box->other)->size;
	rcu_read_unlock();
	lid = rcu_dereference(box->lid); /* finding */
	return lid ? other : 0;
}
""",
    """
void mark(struct box *box)
{
	struct lid *lid;

	rcu_read_lock();
	lid = rcu_dereference(box->lid);
	if (!lid) {
		rcu_read_unlock();
		return;
	}
	lid->seen = 1;
	rcu_read_unlock();
	lid->marked = 1; /* finding */
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the uses outside of the section."""
    for outside in outside_of_section(code):
        if outside.loads:
            text = f"{outside.name} is loaded with rcu_dereference() here, but the RCU section has ended."
        else:
            text = f"{outside.name} is used here after rcu_read_unlock(): what it points to may be freed by now."
        yield Problem(outside.line, text, "high", ((outside.ended, "the section ends here"),), about=outside.name)
