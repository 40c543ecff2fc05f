# SPDX-License-Identifier: GPL-2.0-or-later
"""A message is printed with each attempt of a loop that nothing bounds

The loop sleeps and tries again until it succeeds. The message in it comes with every attempt: when success is far off,
it fills the log, pushes out what matters, and with a slow console takes most of the CPU's time.

To fix it, print once (printk_once(), or before the loop), or use a _ratelimited variant.

Reported are messages of level notice and above on a way that leads to the next attempt, in loops with no count, no
walk and no time limit. A message behind a flag that the loop sets is printed once.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.floods import floods
from reviewbot.checks.rule import Code, Problem

id = "unlimited-printk-in-retry"
severity = "warning"

GOOD = [
    """
int fill(struct box *box)
{
	int tries = MOST_TRIES;

	while (box_put(box)) {
		pr_warn("box is full\\n");
		if (!tries--)
			return -ENOMEM;
		schedule_timeout_killable(1);
	}
	return 0;
}
""",
    """
int fill(struct box *box)
{
	bool told = false;

	while (box_put(box)) {
		if (!told)
			pr_warn("box is full\\n");
		told = true;
		schedule_timeout_killable(HZ);
	}
	return 0;
}
""",
    """
int fill(struct box *box)
{
	while (box_put(box)) {
		if (box->closed) {
			pr_err("box is closed\\n");
			return -EPIPE;
		}
		pr_warn_ratelimited("box is full\\n");
		msleep(10);
	}
	return 0;
}
""",
]

BAD = [
    """
int fill(struct box *box)
{
	while (box_put(box)) {
		pr_warn("box is full\\n"); /* finding */
		schedule_timeout_killable(1);
	}
	return 0;
}
""",
    """
int fill(struct box *box)
{
again:
	if (!box_put(box))
		return 0;
	if (box->closed)
		return -EPIPE;
	if (box_squeeze(box))
		printk(KERN_WARNING "nothing to squeeze\\n"); /* finding */
	msleep(10);
	goto again;
}
""",
    """
static void box_nap(struct box *box) { schedule_timeout_uninterruptible(HZ / 10); }
int fill(struct box *box)
{
	int err;

	for (;;) {
		err = box_put(box);
		if (err != -EAGAIN)
			return err;
		dev_err(box->dev, "busy, waiting\\n"); /* finding */
		box_nap(box);
	}
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the messages."""
    for flood in floods(code):
        text = f"{flood.call}() prints with each attempt here, and nothing bounds the attempts: is once enough?"
        evidence = ((flood.head, f"the loop sleeps in {flood.sleeper}() and tries again"),)
        yield Problem(flood.line, text, "medium", evidence, about="message")
