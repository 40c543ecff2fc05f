# SPDX-License-Identifier: GPL-2.0-or-later
"""The same user memory is read twice, with a check in between

The first copy was checked; before the second read another thread of the process can change the memory. What is used
then was never checked: a length that has grown writes beyond the buffer that was allocated for the first.

To fix it, read once and work on the copy, or check the second copy again (or take the checked value over into it).
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.fetches import double_fetches
from reviewbot.checks.rule import Code, Problem

id = "user-pointer-double-fetch"
severity = "error"

GOOD = [
    """
int take(struct box *box, struct request __user *from)
{
	struct request request;

	if (copy_from_user(&request, from, sizeof(request)))
		return -EFAULT;
	if (request.length > 64)
		return -EINVAL;
	return box_take(box, &request);
}
""",
    """
int take(struct box *box, struct request __user *from)
{
	struct request request;
	u32 kind;

	if (get_user(kind, &from->kind))
		return -EFAULT;
	if (get_user(request.length, &from->length))
		return -EFAULT;
	if (request.length > 64)
		return -EINVAL;
	return box_take(box, &request);
}
""",
    """
int take(struct box *box, struct request __user *from, u32 size)
{
	struct request request;

	if (copy_from_user(&request, from, sizeof(u32)))
		return -EFAULT;
	if (request.length > 64)
		return -EINVAL;
	from += size;
	if (copy_from_user(&request, from, sizeof(request)))
		return -EFAULT;
	return box_take(box, &request);
}
""",
]

BAD = [
    """
int take(struct box *box, struct request __user *from)
{
	struct request request;
	u32 length;

	if (get_user(length, &from->length))
		return -EFAULT;
	if (length > 64)
		return -EINVAL;
	if (copy_from_user(&request, from, sizeof(request))) /* finding */
		return -EFAULT;
	return box_take(box, &request);
}
""",
    """
int take(struct box *box, void __user *from)
{
	struct request head, *request;

	if (copy_from_user(&head, from, sizeof(head)))
		return -EFAULT;
	request = kmalloc(head.length, GFP_KERNEL);
	if (!request)
		return -ENOMEM;
	if (copy_from_user(request, from, head.length)) { /* finding */
		kfree(request);
		return -EFAULT;
	}
	return box_take(box, request);
}
""",
    """
int take(struct box *box, u32 __user *from)
{
	u32 slot, again;

	if (get_user(slot, from) || slot >= 16)
		return -EINVAL;
	box_lock(box);
	if (get_user(again, from)) /* finding */
		return -EFAULT;
	box_unlock(box);
	return box->slots[again];
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the second reads."""
    for fetch in double_fetches(code):
        text = f"{fetch.source} is read from user space again: it may have changed since it was read and checked."
        evidence = ((fetch.first, f"{fetch.source} is read here first"),)
        yield Problem(fetch.line, text, "medium", evidence, about=fetch.source)
