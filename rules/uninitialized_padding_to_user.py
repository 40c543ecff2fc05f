# SPDX-License-Identifier: GPL-2.0-or-later
"""A structure goes to user space with bytes in it that nobody has written

The structure lies on the stack and is filled field by field. A field that is left out, and the padding that the
compiler puts between fields, hold what was on the stack before: addresses and secrets of the kernel.

To fix it, clear the structure with memset() first. An initializer (`= { }`) need not clear the padding.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.layout import leaked_structures
from reviewbot.checks.rule import Code, Problem

id = "uninitialized-padding-to-user"
severity = "error"

_REPLY = "struct reply { u32 used; u64 size; };\n"

GOOD = [
    _REPLY
    + """
int tell(struct box *box, void __user *to)
{
	struct reply reply;

	memset(&reply, 0, sizeof(reply));
	reply.used = box->used;
	reply.size = box->size;
	return copy_to_user(to, &reply, sizeof(reply)) ? -EFAULT : 0;
}
""",
    """
struct reply { u64 size; u32 used; u32 most; };
int tell(struct box *box, void __user *to)
{
	struct reply reply;

	reply.used = box->used;
	reply.size = box->size;
	reply.most = 0;
	return copy_to_user(to, &reply, sizeof(reply)) ? -EFAULT : 0;
}
""",
    _REPLY
    + """
int tell(struct box *box, void __user *to)
{
	struct reply reply;

	box_fill(box, &reply);
	return copy_to_user(to, &reply, sizeof(reply)) ? -EFAULT : 0;
}
""",
]

BAD = [
    _REPLY
    + """
int tell(struct box *box, void __user *to)
{
	struct reply reply;

	reply.used = box->used;
	reply.size = box->size;
	return copy_to_user(to, &reply, sizeof(reply)) ? -EFAULT : 0; /* finding */
}
""",
    """
struct reply { u64 size; u32 used; u32 most; };
int tell(struct box *box, void __user *to)
{
	struct reply reply;

	reply.used = box->used;
	reply.size = box->size;
	if (copy_to_user(to, &reply, sizeof(reply))) /* finding */
		return -EFAULT;
	return 0;
}
""",
    """
struct reply { char name[6]; u16 kind; u16 last; u32 used; };
int tell(struct sk_buff *skb, struct box *box)
{
	struct reply reply;

	strscpy(reply.name, box->name, sizeof(reply.name));
	reply.kind = box->kind;
	reply.last = box->last;
	reply.used = box->used;
	return nla_put(skb, BOX_REPLY, sizeof(reply), &reply); /* finding */
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the structures that are handed out with unwritten bytes."""
    for leaked in leaked_structures(code):
        text = f"{leaked.call}() hands {leaked.name} out, and nothing has written {leaked.what}: clear it first."
        evidence = ((leaked.declared, f"{leaked.name} is on the stack and has no value here"),)
        yield Problem(leaked.line, text, "high", evidence, about=leaked.name)
