# SPDX-License-Identifier: GPL-2.0-or-later
"""The size of an allocation is a product with a number from user space that nothing bounds

The product wraps around: a small buffer is allocated, and what is then written by the number of elements goes far
beyond it. This is one of the oldest ways into a kernel.

To fix it, use kmalloc_array(), kcalloc(), memdup_array_user(), array_size() or struct_size(), which do not wrap, and
refuse numbers that make no sense before.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.fetches import unbounded_sizes
from reviewbot.checks.rule import Code, Problem

id = "integer-overflow-size"
severity = "error"

GOOD = [
    """
int take(struct box *box, u32 __user *from)
{
	u32 many;

	if (get_user(many, from))
		return -EFAULT;
	box->slots = kcalloc(many, sizeof(*box->slots), GFP_KERNEL);
	return box->slots ? 0 : -ENOMEM;
}
""",
    """
int take(struct box *box, u32 __user *from)
{
	u32 many;

	if (get_user(many, from))
		return -EFAULT;
	if (many > 64)
		return -EINVAL;
	box->slots = kmalloc(many * sizeof(*box->slots), GFP_KERNEL);
	return box->slots ? 0 : -ENOMEM;
}
""",
    """
int take(struct box *box, struct request __user *from)
{
	struct request request;

	if (copy_from_user(&request, from, sizeof(request)))
		return -EFAULT;
	box->slots = kmalloc(array_size(request.many, sizeof(*box->slots)), GFP_KERNEL);
	return box->slots ? 0 : -ENOMEM;
}
""",
]

BAD = [
    """
int take(struct box *box, u32 __user *from)
{
	u32 many;

	if (get_user(many, from))
		return -EFAULT;
	box->slots = kmalloc(many * sizeof(*box->slots), GFP_KERNEL); /* finding */
	return box->slots ? 0 : -ENOMEM;
}
""",
    """
int take(struct box *box, struct request __user *from)
{
	struct request request;

	if (copy_from_user(&request, from, sizeof(request)))
		return -EFAULT;
	box->slots = kzalloc(sizeof(*box) + request.many * sizeof(u64), GFP_KERNEL); /* finding */
	return box->slots ? 0 : -ENOMEM;
}
""",
    """
SYSCALL_DEFINE2(boxes, unsigned int, many, u64 __user *, from)
{
	u64 *all = vmalloc(many * sizeof(u64)); /* finding */

	if (!all)
		return -ENOMEM;
	return boxes_take(all, from);
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the products that may wrap around."""
    for size in unbounded_sizes(code):
        text = f"{size.number} comes from user space and nothing bounds it: `{size.product}` may wrap around."
        evidence = ((size.read, f"{size.number} comes from user space here"),)
        yield Problem(size.line, text, "high", evidence, about=size.number)
