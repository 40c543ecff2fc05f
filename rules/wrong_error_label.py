# SPDX-License-Identifier: GPL-2.0-or-later
"""A step has failed, and the way out undoes that very step

The label belongs to the step before: what was never registered, added or mapped is unregistered, removed or unmapped.
At best that warns, at worst it takes away what belongs to somebody else.

To fix it, jump to the next label, the one that undoes the steps before the one that failed.

Reported is a call whose failure was just tested, followed on this path by its counterpart (`box_add` and `box_del`,
`register_x` and `unregister_x`) with the same object.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.owning.undone import undone_failures
from reviewbot.checks.rule import Code, Problem

id = "wrong-error-label"
severity = "warning"

GOOD = [
    """
int start(struct box *box)
{
	int err = register_box(box);

	if (err)
		return err;
	err = box_open(box);
	if (err)
		goto unregister;
	return 0;
unregister:
	unregister_box(box);
	return err;
}
""",
    """
int start(struct box *box, struct lid *lid)
{
	int err = slot_add(box, lid);

	if (err == -EEXIST) {
		slot_del(box, lid);
		err = slot_add(box, lid);
	}
	return err;
}
""",
    """
int start(struct box *box, struct lid *lid)
{
	int err = device_add(&box->dev);

	if (err)
		goto out;
	err = device_add(&lid->dev);
	if (err)
		device_del(&box->dev);
out:
	return err;
}
""",
]

BAD = [
    """
int start(struct box *box)
{
	int err = register_box(box);

	if (err)
		goto unregister; /* finding */
	err = box_open(box);
	if (err)
		goto unregister;
	return 0;
unregister:
	unregister_box(box);
	return err;
}
""",
    """
int start(struct box *box, struct lid *lid)
{
	int err = device_add(&box->dev);

	if (err < 0)
		return err;
	err = device_add(&lid->dev);
	if (err < 0)
		goto lid; /* finding */
	return 0;
lid:
	device_del(&lid->dev);
	device_del(&box->dev);
	return err;
}
""",
    """
int start(struct box *box)
{
	int err;

	err = box_create_files(box);
	if (err) {
		pr_warn("no files");
		box_remove_files(box); /* finding */
		return err;
	}
	return 0;
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the failures after which the failed step is undone."""
    for undone in undone_failures(code):
        text = f"{undone.step}() has failed on this way, and {undone.undo}() undoes what it has not done."
        evidence = ((undone.tested, f"{undone.step}() has failed here"), (undone.at, f"{undone.undo}() is called here"))
        yield Problem(undone.line, text, "medium", evidence, about=undone.step)
