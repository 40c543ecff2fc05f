# SPDX-License-Identifier: GPL-2.0-or-later
"""An entry is deleted while the list is walked by it

list_for_each_entry() finds the next entry through the current one, after the round. When the round has taken the
current entry off the list, there is no next one there: list_del() leaves poison, list_del_init() an entry that leads to
itself for ever, list_move() one of another list, and kfree() memory that is somebody else's by now.

To fix it, use the _safe variant, which looks up the next entry before the round, or leave the loop after the deletion.

Not reported are loops that are left after the deletion, or start anew, other links than the one that is walked, and
deletions under RCU, which leave the way on in place. Source: the kernel's include/linux/list.h.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.iteration import gone_entries
from reviewbot.checks.rule import Code, Problem

id = "list-iteration-while-deleting"
severity = "error"

GOOD = [
    """
void drop(struct box *box)
{
	struct slot *slot, *next;

	list_for_each_entry_safe(slot, next, &box->slots, list) {
		list_del(&slot->list);
		kfree(slot);
	}
}
""",
    """
void drop(struct box *box, int number)
{
	struct slot *slot;

	list_for_each_entry(slot, &box->slots, list) {
		if (slot->number == number) {
			list_del(&slot->list);
			kfree(slot);
			break;
		}
	}
}
""",
    """
void drop(struct box *box)
{
	struct slot *slot;
again:
	list_for_each_entry(slot, &box->slots, list) {
		list_del_init(&slot->waiting);
		if (slot->stale) {
			list_del(&slot->list);
			goto again;
		}
	}
	list_for_each_entry_rcu(slot, &box->shown, list) {
		if (slot->stale)
			list_del_rcu(&slot->list);
	}
}
""",
]

BAD = [
    """
void drop(struct box *box)
{
	struct slot *slot;

	list_for_each_entry(slot, &box->slots, list) {
		list_del(&slot->list); /* finding */
		kfree(slot);
	}
}
""",
    """
void move(struct box *box, int number)
{
	struct slot *slot;

	list_for_each_entry(slot, &box->slots, list) {
		if (slot->number < number)
			continue;
		list_move_tail(&slot->list, &box->old); /* finding */
	}
}
""",
    """
void drop(struct box *box)
{
	struct slot *slot;

	hlist_for_each_entry(slot, &box->slots, node) {
		slot_close(slot);
		if (slot->stale)
			kfree(slot); /* finding */
	}
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the deletions."""
    for gone in gone_entries(code):
        what = "frees" if gone.frees else "takes off the list"
        text = (
            f"{gone.call}() {what} {gone.entry}, from which {gone.macro}() goes on to the next: use the _safe variant?"
        )
        yield Problem(gone.line, text, "high", ((gone.head, "the list is walked here"),), about=gone.entry)
