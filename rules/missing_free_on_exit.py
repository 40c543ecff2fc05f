# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory is lost on a way out of the function

What was allocated is neither freed nor stored anywhere when the function leaves: nobody has a pointer to it any more.
An error path that can be taken again and again eats the memory of the machine.

To fix it, free it on this way, or leave by the label that does; __free(kfree) does it on every way.

Paths whose conditions contradict each other do not count. Memory that was handed to a function may be kept there; it
is only reported when this function itself frees it on another way after that call, and this way is a failure.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.owning.exits import leaks
from reviewbot.checks.rule import Code, Problem

id = "missing-free-on-exit"
severity = "error"

GOOD = [
    """
int fill(struct box *box, int many)
{
	char *name = kmalloc(16, GFP_KERNEL);
	int err = -EINVAL;

	if (!name)
		return -ENOMEM;
	if (many < 0)
		goto out;
	err = box_fill(box, name);
out:
	kfree(name);
	return err;
}
""",
    """
struct slot *make(struct box *box, int many)
{
	struct slot *slot = kzalloc(sizeof(*slot), GFP_KERNEL);

	if (!slot)
		return NULL;
	slot->many = many;
	list_add(&slot->list, &box->slots);
	return slot;
}
""",
    """
int make(struct box *box, int many)
{
	struct slot *slot = NULL;

	if (many)
		slot = kzalloc(sizeof(*slot), GFP_KERNEL);
	if (many && !slot)
		return -ENOMEM;
	box_look(box, many);
	if (many)
		kfree(slot);
	return 0;
}
""",
]

BAD = [
    """
int fill(struct box *box, int many)
{
	char *name = kmalloc(16, GFP_KERNEL);

	if (!name)
		return -ENOMEM;
	if (many < 0)
		return -EINVAL; /* finding */
	box->name = name;
	return 0;
}
""",
    """
int fill(struct box *box, int many)
{
	struct slot *slot;
	int err;

	slot = kzalloc(sizeof(*slot), GFP_KERNEL);
	if (!slot)
		return -ENOMEM;
	err = slot_open(slot);
	if (err)
		goto free;
	err = box_open(box);
	if (err)
		goto out; /* finding */
	box->slot = slot;
	return 0;
free:
	kfree(slot);
out:
	return err;
}
""",
    """
void show(struct box *box)
{
	char *text = kmalloc(PAGE_SIZE, GFP_KERNEL);

	if (!text)
		return;
	scnprintf(text, PAGE_SIZE, "%d", box->used);
	pr_info("%s", text); /* finding */
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the first way out on which each allocation is lost."""
    for leak in leaks(code, "memory", "made"):
        taking = leak.taking
        text = f"{taking.pointer}, which comes from {taking.call}(), is not given back on this way out."
        evidence = [(taking.line, f"{taking.pointer} is made here")]
        if leak.released is not None:
            evidence.append((leak.released, "another way gives it back here"))
        yield Problem(leak.line, text, "high", tuple(evidence), about=str(taking.pointer))
