# SPDX-License-Identifier: GPL-2.0-or-later
"""A way that is meant to succeed returns an error that was set before

The error variable holds what was set in case that something fails, or what an earlier attempt said. Nothing fails after
that, and nobody clears it: the caller is told of an error that there is not.

To fix it, set the variable to zero where it is known that all went well.

Reported are functions of which every way out returns an error though they work on past the last test, and errors that
are returned right after the case was recognised and noted in a variable that the rest of the function asks for.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import Code, Problem
from reviewbot.checks.stale import stale_errors

id = "stale-error-on-success"
severity = "warning"

GOOD = [
    """
int fill(struct box *box)
{
	int err = -ENOMEM;
	char *name = kmalloc(16, GFP_KERNEL);

	if (!name)
		goto out;
	box->name = name;
	err = 0;
out:
	return err;
}
""",
    """
int refuse(struct box *box)
{
	int err = -EOPNOTSUPP;

	box_log(box, "refused");
	return err;
}
""",
    """
int find(struct box *box, char *text)
{
	int all = 0, err = box_parse(box, text);

	if (err && strcmp(text, "all"))
		return err;
	if (err)
		all = 1;
	return box_listen(box, all);
}
""",
]

BAD = [
    """
int fill(struct box *box)
{
	int err = -ENOMEM;
	char *name = kmalloc(16, GFP_KERNEL);

	if (!name)
		goto out;
	box->name = name;
	box_wake(box);
out:
	return err; /* finding */
}
""",
    """
int open(struct box *box)
{
	int err = -EBUSY;

	mutex_lock(&box->lock);
	if (box->used)
		goto unlock;
	err = -EINVAL;
	if (box->closed)
		goto unlock;
	box->used = 1;
unlock:
	mutex_unlock(&box->lock);
	return err; /* finding */
}
""",
    """
int find(struct box *box, char *text)
{
	int all = 0, err = box_parse(box, text);

	if (err) {
		if (!strcmp(text, "all"))
			all = 1;
		return err; /* finding */
	}
	return box_listen(box, all);
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the returns of errors that are none."""
    for stale in stale_errors(code):
        if stale.noted is None:
            text = f"Every way out of the function returns an error: {stale.result} is not cleared when all went well."
            yield Problem(stale.line, text, "high", ((stale.since, f"{stale.result} is set here"),), about=stale.result)
        else:
            text = f"{stale.noted} notes what was recognised, but {stale.result} is returned, which holds an error."
            yield Problem(stale.line, text, "medium", ((stale.since, f"{stale.noted} is set here"),), about=stale.noted)
