# SPDX-License-Identifier: GPL-2.0-or-later
"""Lost wake-ups in the many shapes that they come in, and what looks like one and is right."""

from __future__ import annotations

import pytest

from reviewbot.checks.examples import example_file
from reviewbot.checks.load import load_rule
from tests.conftest import ROOT

RULE = load_rule(ROOT / "rules" / "wait_without_wake.py")
HEAD = """
struct herd { int state; bool busy; unsigned long flags; atomic_t users; struct list_head young; };
static DECLARE_WAIT_QUEUE_HEAD(herd_queue);
static void herd_wake(void)
{
	wake_up_all(&herd_queue);
}
"""
SLEEPERS = {
    "asks after it queued": """
static void herd_sleep(struct herd *herd)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&herd_queue, &wait, TASK_KILLABLE);
	if (herd->busy)
		schedule();
	finish_wait(&herd_queue, &wait);
}
""",
    "leaves a loop": """
static int herd_sleep(struct herd *herd)
{
	DEFINE_WAIT(wait);
	int err = 0;

	for (;;) {
		prepare_to_wait(&herd_queue, &wait, TASK_INTERRUPTIBLE);
		if (!herd->busy)
			break;
		if (signal_pending(current)) {
			err = -EINTR;
			break;
		}
		schedule();
	}
	finish_wait(&herd_queue, &wait);
	return err;
}
""",
    "goes round while it has to": """
static void herd_sleep(struct herd *herd)
{
	DEFINE_WAIT(wait);

	while (READ_ONCE(herd->busy)) {
		prepare_to_wait(&herd_queue, &wait, TASK_UNINTERRUPTIBLE);
		if (READ_ONCE(herd->busy) != false)
			schedule();
	}
	finish_wait(&herd_queue, &wait);
}
""",
    "is a macro": "static int herd_sleep(struct herd *herd) { return wait_event_killable(herd_queue, !herd->busy); }\n",
    "is a macro that asks a predicate": """
static bool herd_is_busy(struct herd *herd)
{
	if (herd->busy)
		return true;
	return false;
}
static void herd_sleep(struct herd *herd)
{
	wait_event(herd_queue, !herd_is_busy(herd));
}
""",
}
WRITERS = {
    "plain": """
static int herd_leave(struct herd *herd)
{
	herd->busy = false; /* finding */
	return 0;
}
""",
    "through a walk": """
static int clear_cb(struct herd *herd, void *unused)
{
	herd->busy = 0;
	return 0;
}
static void herd_leave(struct herd *herd)
{
	herd_for_each_young(herd, NULL, clear_cb); /* finding */
}
""",
    "one way out only": """
static int herd_leave(struct herd *herd, int error)
{
	WRITE_ONCE(herd->busy, false); /* finding */
	if (error < 0)
		return error;
	herd_wake();
	return 0;
}
""",
    "asks the flag that it has cleared": """
static void herd_leave(struct herd *herd)
{
	herd->busy = false; /* finding */
	if (herd->busy)
		herd_wake();
}
""",
    "another queue": """
static DECLARE_WAIT_QUEUE_HEAD(other_queue);
static void herd_leave(struct herd *herd)
{
	herd->busy = false; /* finding */
	wake_up(&other_queue);
}
""",
}
RIGHT = {
    "wakes": "static void herd_leave(struct herd *herd)\n{\n\therd->busy = false;\n\therd_wake();\n}\n",
    "wakes if somebody sleeps": """
static void herd_leave(struct herd *herd)
{
	herd->busy = false;
	smp_mb();
	if (waitqueue_active(&herd_queue))
		wake_up(&herd_queue);
}
""",
    "every caller wakes": """
static void herd_clear(struct herd *herd) { herd->busy = false; }
static void herd_leave(struct herd *herd)
{
	herd_clear(herd);
	herd_wake();
}
static void herd_stop(struct herd *herd)
{
	herd_clear(herd);
	wake_up_interruptible(&herd_queue);
}
""",
    "the walker wakes": """
static int clear_cb(struct herd *herd, void *unused) { herd->busy = false; return 0; }
static void herd_leave(struct herd *herd)
{
	herd_for_each_young(herd, NULL, clear_cb);
	herd_wake();
}
""",
    "makes them sleep": "static void herd_enter(struct herd *herd) { herd->busy = true; }\n",
    "has just made it": """
static struct herd *herd_get(void)
{
	struct herd *herd = kmalloc(sizeof(*herd), GFP_KERNEL);

	if (herd)
		herd->busy = false;
	return herd;
}
""",
    "leaves the wake-up to a worker": """
static void herd_leave(struct herd *herd)
{
	herd->busy = false;
	schedule_work(&herd->work);
}
""",
}


def found(text: str) -> tuple[list[int], list[int]]:
    """Return the lines that a text marks, and those that the rule reports."""
    file = example_file(text)
    marked = [number for number, line in enumerate(text.split("\n"), 1) if "/* finding */" in line]
    return marked, [problem.line for problem in RULE.problems(file, file.unit.functions)]


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("sleeper", SLEEPERS)
def test_a_write_that_ends_a_wait_needs_a_wake_up(sleeper: str, writer: str) -> None:
    marked, reported = found(HEAD + SLEEPERS[sleeper] + WRITERS[writer])
    assert reported == marked


@pytest.mark.parametrize("writer", RIGHT)
@pytest.mark.parametrize("sleeper", SLEEPERS)
def test_what_only_looks_like_it_is_met_with_silence(sleeper: str, writer: str) -> None:
    assert found(HEAD + SLEEPERS[sleeper] + RIGHT[writer])[1] == []


@pytest.mark.parametrize(
    ("condition", "write"),
    [
        ("atomic_read(&herd->users) == 0", "atomic_set(&herd->users, 0)"),
        ("!atomic_read(&herd->users)", "atomic_dec(&herd->users)"),
        ("!test_bit(HERD_BUSY, &herd->flags)", "clear_bit(HERD_BUSY, &herd->flags)"),
        ("!(herd->flags & HERD_BUSY)", "herd->flags &= ~HERD_BUSY"),
        ("herd->state == 2", "herd->state = 2"),
        ("herd->state != 0", "herd->state++"),
        ("herd->state < 3", "herd->state--"),
    ],
)
def test_conditions_of_all_kinds_are_understood(condition: str, write: str) -> None:
    sleeper = f"static void herd_sleep(struct herd *herd)\n{{\n\twait_event(herd_queue, {condition});\n}}\n"
    writer = f"static void herd_leave(struct herd *herd)\n{{\n\t{write}; /* finding */\n}}\n"
    marked, reported = found(HEAD + sleeper + writer)
    assert reported == marked
    woken = writer.replace("\n}", "\n\therd_wake();\n}")
    assert found(HEAD + sleeper + woken)[1] == []


def test_a_wait_that_ends_by_itself_needs_nobody() -> None:
    sleeper = "static void herd_sleep(struct herd *herd) { wait_event_timeout(herd_queue, !herd->busy, HZ); }\n"
    assert found(HEAD + sleeper + WRITERS["plain"])[1] == []


def test_a_lost_wake_up_is_seen_where_only_pieces_are_known() -> None:
    added = HEAD + SLEEPERS["asks after it queued"] + WRITERS["through a walk"]
    lines = [line + " /* added */" if line else line for line in added.split("\n")]
    marked, reported = found("\n".join(["/* unseen */", *lines, "/* unseen */"]))
    assert reported == marked
