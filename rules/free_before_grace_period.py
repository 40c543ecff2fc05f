# SPDX-License-Identifier: GPL-2.0-or-later
"""An object is freed right after it was taken off an RCU list

Readers that came to the object before it was taken off still look at it, until the grace period ends. Freed at once, it
becomes something else under their eyes.

To fix it, free it with kfree_rcu() or from call_rcu(), or call synchronize_rcu() in between.

Reported is a free of the very object that an RCU list removal took off, or that rcu_assign_pointer() has replaced, on a
path with nothing in between that waits for readers.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.graceless import freed_under_readers
from reviewbot.checks.rule import Code, Problem

id = "free-before-grace-period"
severity = "error"

GOOD = [
    """
void drop(struct box *box)
{
	list_del_rcu(&box->list);
	synchronize_rcu();
	kfree(box);
}
""",
    """
void drop(struct box *box)
{
	list_del_rcu(&box->list);
	kfree_rcu(box, rcu);
}
""",
    """
int add(struct lid *lid, struct box *box)
{
	struct box *old = rcu_dereference_protected(lid->box, 1);

	if (old == box) {
		kfree(box);
		return -EEXIST;
	}
	rcu_assign_pointer(lid->box, box);
	call_rcu(&old->rcu, box_free_rcu);
	return 0;
}
""",
]

BAD = [
    """
void drop(struct box *box)
{
	spin_lock(&box_lock);
	list_del_rcu(&box->list);
	spin_unlock(&box_lock);
	kfree(box); /* finding */
}
""",
    """
void replace(struct lid *lid, struct box *box)
{
	struct box *old = rcu_dereference_protected(lid->box, 1);

	rcu_assign_pointer(lid->box, box);
	kfree(old); /* finding */
}
""",
    """
int forget(struct lid *lid, int key)
{
	struct box *box = box_find(lid, key);

	if (!box)
		return -ENOENT;
	hlist_del_rcu(&box->node);
	lid->boxes--;
	kmem_cache_free(box_cache, box); /* finding */
	return 0;
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the frees that readers may still be there for."""
    for freed in freed_under_readers(code):
        text = f"{freed.name} is freed by {freed.call}() while RCU readers that found it before may still look at it."
        evidence = ((freed.removed, "readers can find it until here"),)
        yield Problem(freed.line, text, "high", evidence, about=freed.name)
