# SPDX-License-Identifier: GPL-2.0-or-later
"""An object is used after it was freed, or after the reference that kept it was given back

kfree() makes the memory somebody else's. A put may be the last one: then it frees the object, and what is read from it
afterwards is anything. That it works in tests only says that somebody else held a reference.

To fix it, move the last use before the put, or keep what is needed of the object in a local variable.

Reported is a use of the same pointer on a path after the put, without a new value in between. A function that takes a
reference of its own, by a get or a lookup, is not judged by its puts: one of several may be left.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.released import used_after_release
from reviewbot.checks.rule import Code, Problem

id = "use-after-put"
severity = "error"

GOOD = [
    """
void drop(struct box *box)
{
	struct lid *lid = box->lid;

	lid->boxes--;
	kfree(box);
}
""",
    """
void drain(struct lid *lid)
{
	struct box *box, *next;

	for (box = lid->first; box; box = next) {
		next = box->next;
		kfree(box);
	}
	lid->first = NULL;
}
""",
    """
void look(struct box *box)
{
	css_get(&box->css);
	box_read(box);
	css_put(&box->css);
	box->looks++;
}
""",
    """
int drop(struct box *box, int last)
{
	if (last)
		kfree(box);
	else
		box->users--;
	box = NULL;
	return last;
}
""",
]

BAD = [
    """
void drop(struct box *box)
{
	kfree(box);
	box->lid->boxes--; /* finding */
}
""",
    """
static bool is_full(struct box *box) { return box->used == box->size; }
static void cancel(struct box *box, int count)
{
	box->used -= count;
	css_put(&box->css);
	if (is_full(box)) /* finding */
		box_wake();
}
""",
    """
int drop(struct lid *lid, struct box *box)
{
	if (box->used) {
		put_device(&box->dev);
		if (box->used > 1) /* finding */
			lid->boxes--;
		return 1;
	}
	return 0;
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the first use of each object that comes too late."""
    for late in used_after_release(code):
        may = "frees it" if late.frees else "may drop the last reference to it"
        text = f"{late.name} is used after {late.call}(), which {may}."
        evidence = ((late.released, f"{late.call}() gives {late.name} back here"),)
        yield Problem(late.line, text, "high" if late.frees else "medium", evidence, about=late.name)
