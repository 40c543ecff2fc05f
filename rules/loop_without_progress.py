# SPDX-License-Identifier: GPL-2.0-or-later
"""A `continue` skips the only progress of its loop

The loop ends when a counter of its own runs out, and this `continue` goes round before the counter is touched. What
it asks for is the same in each round, and nothing in between sleeps or changes it: as long as it holds the loop spins,
without a bound and without giving way.

To fix it, leave the loop with `break` (an error code set right before says so), count the round, or sleep first.

Not reported is a `continue` that asks for something which the round itself has fetched (an entry that is skipped, a
read that came out short), one after a call that sleeps or yields, and a loop that waits for somebody on purpose
(cpu_relax(), READ_ONCE()). Where the head of the loop is unseen, the condition has to be about values that were there
before the loop, and a counter has to be set up for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rounds import Round, rounds
from reviewbot.checks.rule import Code, Problem
from reviewbot.csource.spell import spell

id = "loop-without-progress"
severity = "error"

GOOD = [
    """
int shrink(struct box *box, int size, int tries, int err)
{
	while (tries) {
		err = box_set_size(box, size);
		if (!err)
			break;
		if (box_is_busy(box)) {
			err = -EBUSY;
			break;
		}
		tries--;
	}
	return err;
}
""",
    """
void count(struct box *box, int left)
{
	while (left) {
		struct slot *slot = box_next(box);

		if (slot_is_used(slot))
			continue;
		left--;
	}
}
""",
    """
void drain(struct box *box, int tries, int i)
{
	while (tries) {
		if (box_is_busy(box)) {
			schedule_timeout_uninterruptible(1);
			continue;
		}
		box_empty(box);
		tries--;
	}
	for (i = 0; i < box->count; i++) {
		if (box_is_busy(box))
			continue;
		box_empty(box);
	}
}
""",
    """
/* unseen: static int check_all(struct list_head *boxes) */
	struct box *box;
/* unseen */
		if (box_is_busy(box)) { /* added */
			err = -EBUSY; /* added */
			continue; /* added */
		} /* added */
		box_empty(box);
/* unseen */
""",
]

BAD = [
    """
int shrink(struct box *box, int size, int tries, int err)
{
	while (tries) {
		err = box_set_size(box, size);
		if (!err)
			break;
		if (box_is_busy(box)) {
			err = -EBUSY;
			continue; /* finding */
		}
		box_empty(box);
		tries--;
	}
	return err;
}
""",
    """
void fill(struct box *box, int left)
{
	while (left > 0) {
		if (box->closed)
			continue; /* finding */
		box_add(box, left);
		left -= box->step;
	}
}
""",
    """
/* unseen: static int shrink(struct box *box, int size) */
	int tries, err = 0;
	tries = box_slots(box) * 5;
/* unseen */
		box_unlock(box);
		if (!err)
			break;
		if (box_is_busy(box)) { /* added */
			err = -EBUSY; /* added */
			continue; /* added */ /* finding */
		} /* added */
		box_empty(box);
/* unseen */
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the rounds that make no progress."""
    for found in rounds(code):
        yield _problem(code, found)


def _problem(code: Code, found: Round) -> Problem:
    asked, counter = spell(found.guard), found.counter
    evidence = [(found.guard.line, f"`{asked}` does not depend on anything that the round changes")]
    if found.head is None:
        rest = f"the rest of the loop: {counter}, set up before the loop, is not counted down on the way"
    else:
        rest = f"what changes {counter}, on which alone the loop ends"
        evidence.append((found.head, f"the loop goes on while {counter} says so"))
    evidence += [(line, f"{counter} changes only here") for line in found.progress[:2]]
    text = f"This `continue` goes round again as long as `{asked}` holds, and passes by {rest}. Nothing there sleeps."
    return Problem(found.line, text, "medium" if found.head is None else "high", tuple(evidence), about=asked)
