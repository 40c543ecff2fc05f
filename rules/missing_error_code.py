# SPDX-License-Identifier: GPL-2.0-or-later
"""A failure leaves the function with its error variable still zero

The caller takes zero for success and goes on with something that was never made.

To fix it, set the error before the jump: -ENOMEM after an allocation, PTR_ERR() after IS_ERR().

Reported is a way on which an allocation gave NULL, or IS_ERR() found an error, or that jumps to a label whose name says
that something failed, where the result is known to be zero at the return.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.failures import unreported_failures
from reviewbot.checks.rule import Code, Problem

id = "missing-error-code"
severity = "error"

GOOD = [
    """
int fill(struct box *box)
{
	struct slot *slot;
	int err = -EINVAL;

	if (box->closed)
		goto out;
	err = -ENOMEM;
	slot = kmalloc(sizeof(*slot), GFP_KERNEL);
	if (!slot)
		goto out;
	err = box_add(box, slot);
out:
	return err;
}
""",
    """
int fill(struct box *box)
{
	struct slot *slot;
	int err = 0;

	slot = kmalloc(sizeof(*slot), GFP_KERNEL);
	if (!slot) {
		err = -ENOMEM;
		goto out;
	}
	box_add(box, slot);
out:
	return err;
}
""",
    """
int fill(struct box *box)
{
	char *name = kstrdup(box->name, GFP_KERNEL);
	int err = box_open(box);

	if (err == -ENOENT)
		err = -EINVAL;
	if (!name)
		box_warn(box);
	return err;
}
""",
]

BAD = [
    """
int fill(struct box *box)
{
	struct slot *slot;
	int err;

	err = box_open(box);
	if (err)
		goto out;
	slot = kmalloc(sizeof(*slot), GFP_KERNEL);
	if (!slot) /* finding */
		goto close;
	err = box_add(box, slot) ? -EIO : 0;
close:
	box_close(box);
out:
	return err;
}
""",
    """
int start(struct box *box)
{
	int err = box_open(box);

	if (err)
		return err;
	box->task = kthread_run(box_work, box, "box");
	if (IS_ERR(box->task)) { /* finding */
		box->task = NULL;
		goto out;
	}
out:
	return err;
}
""",
    """
int copy(struct box *box, int many)
{
	int ret = 0;

	if (many < 0)
		ret = -ERANGE;
	if (ret)
		goto out;
	box->name = kstrdup("box", GFP_KERNEL);
	if (!box->name) /* finding */
		goto out;
	box->many = many;
out:
	return ret;
}
""",
    """
struct slot *open_slot(struct box *box, int slot)
{
	int err = box_open(box);

	if (err)
		goto fail;
	if (slot < 0 || slot > box->last)
		goto fail; /* finding */
	return box_slot(box, slot);
fail:
	box_close(box);
	return ERR_PTR(err);
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the failures that nobody is told of."""
    for failure in unreported_failures(code):
        text = (
            f"{failure.what}, and {failure.result} is zero when it is returned on this way: the caller sees no error."
        )
        evidence = ((failure.returned, f"{failure.result} is returned here"),)
        yield Problem(failure.line, text, "high", evidence, about=failure.what)
