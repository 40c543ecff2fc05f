# SPDX-License-Identifier: GPL-2.0-or-later
"""A variable is set right before a return that does not look at it

The value is lost: either the wrong thing is returned, or the code that was to act on the value is not reached.

To fix it, return the variable, drop the return, or drop the assignment.

Reported are constants and errors that are stored in a local variable; NULL is not (clearing a pointer that was freed is
a habit), and neither is a variable whose address is taken.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.deadstores import dead_stores
from reviewbot.checks.rule import Code, Problem
from reviewbot.csource.spell import spell

id = "dead-store-before-return"
severity = "warning"

GOOD = [
    """
int find(struct box *box, char *name)
{
	int err = 0;

	if (!name) {
		err = -EINVAL;
		return err;
	}
	return box_find(box, name);
}
""",
    """
int take(struct box *box, int *left)
{
	struct slot *slot = box_slot(box);

	*left = 0;
	kfree(slot);
	slot = NULL;
	return 0;
}
""",
    """
int find(struct box *box, char *name)
{
	int err = box_read(box, name);

	if (err && box_is_new(box))
		err = 0;
	return err;
}
""",
]

BAD = [
    """
int register_listener(struct box *box, char *name)
{
	int all = 0, err = box_parse(box, name);

	if (err) {
		if (!strcmp(name, "all"))
			all = 1; /* finding */
		return err;
	}
	return box_listen(box, all);
}
""",
    """
int find(struct box *box, char *name)
{
	int err;

	if (!name) {
		err = -EINVAL; /* finding */
		return 0;
	}
	return box_find(box, name);
}
""",
    """
void drain(struct box *box)
{
	bool done = false;

	while (!done) {
		if (box_is_empty(box)) {
			done = true; /* finding */
			return;
		}
		done = box_drop(box);
	}
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the stores that no way out reads."""
    for dead in dead_stores(code):
        store = spell(dead.store)
        text = f"`{store}` is lost: the function returns right after it and does not look at {dead.name}."
        evidence = ((dead.end.line, "the function returns here"),)
        yield Problem(dead.node.line, text, "proved", evidence, about=dead.name)
