# SPDX-License-Identifier: GPL-2.0-or-later
"""A length goes through an int on its way out of a function that returns a wider type

A size_t or long that does not fit into an int is cut: the caller of a write handler sees an error, or fewer bytes than
were written, and repeats what has been done.

To fix it, make the variable as wide as what the function returns.

Only plain copies of lengths are reported that nothing in the function compares with anything or cuts on purpose, and
none in store functions of sysfs, which get no more than a page.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.narrowing import narrowed_results
from reviewbot.checks.rule import Code, Problem

id = "narrowed-result"
severity = "note"

GOOD = [
    """
ssize_t box_write(struct box *box, char *buf, size_t count)
{
	ssize_t ret = box_parse(box, buf);

	if (!ret)
		ret = count;
	return ret;
}
""",
    """
ssize_t box_write(struct box *box, char *buf, size_t count)
{
	int ret = box_parse(box, buf);

	return ret ? ret : count;
}
""",
    """
ssize_t box_write(struct box *box, char *buf, size_t count)
{
	int ret;

	if (count > 16)
		return -EINVAL;
	ret = box_parse(box, buf);
	if (!ret)
		ret = count;
	return ret;
}
""",
    """
int box_write(struct box *box, char *buf, size_t count)
{
	int ret = box_parse(box, buf);

	if (!ret)
		ret = count;
	return ret;
}
""",
]

BAD = [
    """
ssize_t box_write(struct box *box, char *buf, size_t count)
{
	int ret = box_parse(box, buf);

	if (!ret)
		ret = count; /* finding */
	return ret;
}
""",
    """
ssize_t box_write(struct box *box, char *buf, size_t nbytes)
{
	int ret = -EINVAL;

	mutex_lock(&box->lock);
	if (box->closed)
		goto out;
	box_copy(box, buf, nbytes);
	ret = nbytes; /* finding */
out:
	mutex_unlock(&box->lock);
	return ret;
}
""",
    """
long box_length(struct box *box)
{
	unsigned long length = box_scan(box);
	int found = length; /* finding */

	box_tell(box);
	return found;
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the lengths that are cut before they are returned."""
    for one in narrowed_results(code):
        wide, narrow = one.wide, one.narrow
        text = (
            f"{wide.name} is a {wide.type}, but {narrow.name}, in which it is returned, an {narrow.type}: large values "
            f"are cut. Should {narrow.name} be as wide as what {code.function.name}() returns?"
        )
        yield Problem(one.line, text, "high", ((one.returned, f"{narrow.name} is returned here"),), about=narrow.name)
