# SPDX-License-Identifier: GPL-2.0-or-later
"""A retry counter starts anew in the loop that it should end

The loop gives up when its counter has run out: that is what the counter is there for. Here the counter gets its first
value again at just that moment, inside of the loop, and the loop goes on: nothing bounds the retries any more, and
when what is asked for never comes, the task never comes back.

To fix it, leave the loop when the counter has run out, or wait for something that ends the wait, and let a fatal
signal end it, too.

Reported are branches that might have left the function when the counter has run out, and sleep instead. Loops that
walk through something and use a counter to do this or that every so often are none of these, nor is a reset after
progress.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.counters import counters_set_back
from reviewbot.checks.rule import Code, Problem

id = "retry-without-exit"
severity = "warning"

GOOD = [
    """
int fill(struct box *box)
{
	int tries = MOST_TRIES;

	while (box_put(box)) {
		box_squeeze(box);
		if (!tries--)
			return -ENOMEM;
	}
	return 0;
}
""",
    """
void count(struct box *box)
{
	int batch = BATCH;

	while (box) {
		box->seen++;
		box = box->next;
		if (!--batch) {
			cond_resched();
			batch = BATCH;
		}
	}
}
""",
    """
int fill(struct box *box)
{
	int tries = MOST_TRIES;

	while (box_put(box)) {
		if (box_squeeze(box)) {
			tries = MOST_TRIES;
			continue;
		}
		if (!tries--)
			return -ENOMEM;
	}
	return 0;
}
""",
]

BAD = [
    """
int fill(struct box *box, bool wait)
{
	int tries = MOST_TRIES;

	while (box_put(box)) {
		box_squeeze(box);
		if (!tries--) {
			if (!wait)
				return -ENOMEM;
			schedule_timeout_uninterruptible(1);
			tries = MOST_TRIES; /* finding */
		}
	}
	return 0;
}
""",
    """
int fill(struct box *box)
{
	int tries = 0, err;

	for (;;) {
		err = box_put(box);
		if (!err)
			break;
		if (++tries > MOST_TRIES) {
			if (box->closed)
				goto out;
			msleep(10);
			tries = 0; /* finding */
		}
	}
out:
	return err;
}
""",
    """
int fill(struct box *box)
{
	int left = MOST_TRIES;
again:
	if (box_put(box) == 0)
		return 0;
	if (left-- == 0) {
		if (box->closed)
			return -EPIPE;
		schedule_timeout_killable(HZ);
		left = MOST_TRIES; /* finding */
	}
	goto again;
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the counters that are set back."""
    for found in counters_set_back(code):
        text = (
            f"{found.counter} has run out here, which should end the loop, and is set back: nothing bounds the retries."
        )
        evidence = ((found.asked, f"{found.counter} has run out"), (found.head, "the loop goes on"))
        yield Problem(found.line, text, "medium", evidence, about=found.counter)
