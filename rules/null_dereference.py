# SPDX-License-Identifier: GPL-2.0-or-later
"""A pointer is followed on a way on which it is NULL

Either it was set to NULL, or found to be NULL, and a jump leads to code that follows it all the same; or it comes from
a lookup that everybody else in the file tests, and here nobody does.

To fix it, test the pointer before it is followed, or jump to a label after the code that follows it.

Paths whose conditions contradict each other do not count, nor do those that pass over a loop which would set the
pointer.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.nulls import null_uses, unlike_others
from reviewbot.checks.rule import Code, Problem

id = "null-dereference"
severity = "error"

GOOD = [
    """
int look(struct box *box, int slot)
{
	struct lid *lid = NULL;

	if (slot > 0)
		lid = box_lid(box, slot);
	if (slot > 0 && lid->closed)
		return -EBUSY;
	return lid ? lid->used : 0;
}
""",
    """
int find(struct box *box, int wanted)
{
	struct slot *slot, *best = NULL;

	list_for_each_entry(slot, &box->slots, list)
		if (slot->used < wanted)
			best = slot;
	return best->used;
}
""",
    """
static int one(struct box *box)
{
	struct lid *lid = box_find_lid(box);

	return lid->used;
}
static int two(struct box *box)
{
	struct lid *lid = box_find_lid(box);

	return lid ? lid->used : 0;
}
""",
]

BAD = [
    """
int look(struct box *box, int slot)
{
	struct lid *lid = NULL;

	if (slot > 0)
		lid = box_lid(box, slot);
	box_lock(box);
	return lid->used; /* finding */
}
""",
    """
int look(struct box *box, int slot)
{
	struct lid *lid = box_lid(box, slot);
	int err = -ENOENT;

	if (!lid)
		goto out;
	err = lid_open(lid);
out:
	lid->opened = !err; /* finding */
	return err;
}
""",
    """
static int one(struct box *box)
{
	struct lid *lid = rcu_dereference(box->lid);

	return lid->used; /* finding */
}
static int two(struct box *box)
{
	struct lid *lid = rcu_dereference(box->lid);

	return lid ? lid->used : 0;
}
static void three(struct box *box)
{
	struct lid *lid = rcu_dereference(box->lid);

	if (!lid)
		return;
	lid_open(lid);
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the uses of pointers that are NULL, and of those that others test."""
    for use in null_uses(code):
        how = "was found to be NULL" if use.tested else "is NULL"
        evidence = ((use.since, f"{use.name} {how} here"),)
        text = f"{use.name} is followed here, but on a way that comes here it {how}."
        yield Problem(use.line, text, "high", evidence, about=use.name)
    for unlike in unlike_others(code):
        place, maker = str(unlike.result.place), unlike.result.maker
        rest = f": {len(unlike.others)} other places in this file test it" if unlike.others else ""
        text = f"{maker}() may return NULL{rest}, and {place} is followed here without a test."
        lines = [(unlike.result.line, f"{place} comes from {maker}()")]
        lines += [(line, "tested here") for line in unlike.others[:2]]
        yield Problem(unlike.followed, text, "medium", tuple(lines), about=place)
