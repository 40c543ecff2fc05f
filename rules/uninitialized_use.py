# SPDX-License-Identifier: GPL-2.0-or-later
"""A local variable is read on a path that never assigns it

What the variable holds there is left over from another call: the function works by chance. Compilers often stay
silent, because they merge the unassigned value with the one that another path assigns, and kernels are built with
-Wno-maybe-uninitialized; with -ftrivial-auto-var-init=zero the value is zero, which need not be the right one.

To fix it, give the variable a value where it is declared, or assign it on the path that skips the assignment.

Paths whose conditions contradict each other do not count, nor do those that pass over a loop which assigns or need a
value that no case of a switch has. Handing out the variable's address counts as an assignment.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import Code, Problem
from reviewbot.checks.unassigned import unassigned_reads

id = "uninitialized-use"
severity = "error"

GOOD = [
    """
int resize(struct box *box, int size)
{
	int grown;

	if (size > box->size)
		grown = 1;
	else
		grown = 0;
	return grown;
}
""",
    """
int take(struct box *box, int wanted)
{
	int slot;

	if (wanted)
		slot = find_slot(box);
	box_lock(box);
	return wanted ? slot : 0;
}
""",
    """
int ask(struct box *box)
{
	int value;
	int err = box_read(box, &value);

	return err ? err : value;
}
""",
    """
int sum(const int *values, int count)
{
	int i, last;

	for (i = 0; i < count; i++)
		last = values[i];
	return last;
}
""",
    """
/* unseen: static int resize(struct box *box, unsigned lo */
	int ret;
/* unseen */
	if (limit < size)
		enlarge = 1; /* added */
	ret = box_set_limit(box, size);
/* unseen */
	if (!ret) {
		if (enlarge && box_is_full(box)) /* added */
			box_wake(box); /* added */
		break;
	}
""",
]

BAD = [
    """
int resize(struct box *box, int size)
{
	int grown;

	if (size > box->size)
		grown = 1;
	box->size = size;
	return grown; /* finding */
}
""",
    """
void take(struct box *box, int wanted)
{
	int slot;

	while (box_is_full(box)) {
		if (wanted)
			slot = find_slot(box);
		box_drop(box, slot < 0); /* finding */
	}
}
""",
    """
int give(struct box *box)
{
	int err;

	if (!box)
		goto out;
	err = box_close(box);
out:
	return err; /* finding */
}
""",
    """
/* unseen: static int resize(struct box *box, unsigned lo */
	int ret;
	int enlarge; /* added */
/* unseen */
	if (limit < size) /* added */
		enlarge = 1; /* added */
	ret = box_set_limit(box, size);
/* unseen */
	if (!ret) {
		if (enlarge && box_is_full(box)) /* added */ /* finding */
			box_wake(box); /* added */
		break;
	}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the first unassigned read of each variable."""
    for read in unassigned_reads(code):
        evidence = [(read.declared, f"{read.name} is declared without a value")]
        if read.always:
            text = f"{read.name} is read here before anything is assigned to it."
            yield Problem(read.line, text, "proved", tuple(evidence), read.name)
            continue
        message = f"{read.name} is read here, but a path comes here that assigns nothing to it"
        if read.branch is not None:
            line, condition, outcome = read.branch
            evidence.append((line, f"when this is {outcome}, the assignment is skipped"))
            message += f": the one on which `{condition}` is {outcome}"
        yield Problem(read.line, message + ".", "high", tuple(evidence), read.name)
