# SPDX-License-Identifier: GPL-2.0-or-later
"""One of several ways out that are alike does not set what it hands to the caller

The function stores a result where its caller says, and does so on each way out but one. The caller, who is told that
all went well, goes on with what happened to be there: garbage, or what it believes to be its own.

To fix it, store the result (or NULL) on this way as well.

Reported are a parameter that is set before each other `return 0`, and one that is set to NULL wherever the function
gives something back before it returns, but for one place that gives back the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import Code, Problem
from reviewbot.checks.siblings import unset_outs

id = "missing-out-parameter"
severity = "warning"

GOOD = [
    """
int find(struct box *box, int *slot)
{
	if (box->used) {
		*slot = box->first;
		return 0;
	}
	if (box->closed)
		return -ENOENT;
	if (box->fresh) {
		*slot = 0;
		return 0;
	}
	*slot = -1;
	return 0;
}
""",
    """
int find(struct box *box, int *slot)
{
	if (box->used) {
		if (slot)
			*slot = box->first;
		return 0;
	}
	if (box->fresh)
		return 0;
	*slot = -1;
	return 0;
}
""",
    """
int take(struct box **box)
{
	struct box *mine = box_current();

	if (!mine) {
		*box = NULL;
		return 0;
	}
	if (box_fill(mine)) {
		css_put(&mine->css);
		*box = NULL;
		return -ENOMEM;
	}
	*box = mine;
	return 0;
}
""",
]

BAD = [
    """
int find(struct box *box, int *slot)
{
	if (box->used) {
		*slot = box->first;
		return 0;
	}
	if (box->fresh)
		return 0; /* finding */
	*slot = -1;
	return 0;
}
""",
    """
int take(struct box **box)
{
	struct box *mine = *box;

	if (!mine) {
		*box = NULL;
		return 0;
	}
	if (box_fill(mine)) {
		css_put(&mine->css);
		*box = NULL;
		return -ENOMEM;
	}
	if (box_is_gone(mine)) {
		css_put(&mine->css);
		return 0; /* finding */
	}
	return 0;
}
""",
    """
int look(struct box *box, struct lid **lid, int many)
{
	if (!many) {
		*lid = NULL;
		return 0;
	}
	if (many < 0)
		return -EINVAL;
	if (box->closed) {
		box_open(box);
		return 0; /* finding */
	}
	*lid = box->lid;
	return 0;
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the ways out that set less than the others."""
    for unset in unset_outs(code):
        done = "is set to NULL" if unset.cleared else "is set"
        text = f"*{unset.parameter} {done} on the other ways out like this one, but not on this."
        evidence = tuple((line, f"*{unset.parameter} {done} before this return") for line in unset.others[:3])
        yield Problem(unset.line, text, "medium", evidence, about=unset.parameter)
