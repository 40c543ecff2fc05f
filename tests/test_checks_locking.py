# SPDX-License-Identifier: GPL-2.0-or-later
"""Locks along paths: what may look like a defect and is none, and what is one in spite of its looks."""

from __future__ import annotations

import pytest

from reviewbot.checks.examples import example_file
from reviewbot.checks.load import load_rules
from tests.conftest import ROOT

RULES = {rule.id: rule for rule in load_rules(ROOT / "rules")}
LOCKS = ("missing-unlock-on-exit", "double-lock", "sleep-in-atomic", "irq-flags-misuse")


def lines(rule: str, text: str) -> list[int]:
    """Return the lines that a rule reports in a file."""
    file = example_file(text)
    return sorted(problem.line for problem in RULES[rule].problems(file, file.unit.functions))


SILENT = {
    "a helper of the file unlocks": """
static void done(struct box *b) { b->n--; mutex_unlock(&b->lock); }
int f(struct box *b) { mutex_lock(&b->lock); if (b->bad) { done(b); return -EIO; } mutex_unlock(&b->lock); return 0; }
""",
    "the same condition takes and gives back": """
int f(struct box *b, int how)
{
	if (how & FAST) spin_lock(&b->lock);
	b->n++;
	if (how & FAST) spin_unlock(&b->lock);
	return -EIO;
}
""",
    "a guard gives back by itself": """
int f(struct box *b) { guard(mutex)(&b->lock); if (b->bad) return -EIO; return 0; }
""",
    "a trylock that fails": """
int f(struct box *b) { if (!spin_trylock(&b->lock)) return -EBUSY; b->n++; spin_unlock(&b->lock); return 0; }
""",
    "the flags are handed on": """
int f(struct box *b)
{
	unsigned long flags;
	spin_lock_irqsave(&b->lock, flags);
	if (box_leave(b, flags)) return -EIO;
	spin_unlock_irqrestore(&b->lock, flags);
	return 0;
}
""",
    "the lock is another one in each round": """
void f(struct box *b) { for (; b; b = b->next) { spin_lock(&b->lock); b->n++; spin_unlock(&b->lock); } }
""",
    "the caller holds it": """
int f(struct box *b) { mutex_unlock(&b->lock); msleep(1); mutex_lock(&b->lock); return -EAGAIN; }
""",
    "a wait that drops the lock": """
void f(struct box *b) { spin_lock_irq(&b->lock); wait_event_lock_irq(b->q, !b->n, b->lock); spin_unlock_irq(&b->lock); }
""",
    "allocated with the caller's flags": """
void f(struct box *b, gfp_t gfp) { spin_lock(&b->lock); b->p = kmalloc(8, gfp); spin_unlock(&b->lock); }
""",
    "the read section is left for a rest": """
static void rest(void) { rcu_read_unlock(); cond_resched(); rcu_read_lock(); }
void f(struct box *b) { rcu_read_lock(); while (b->n) rest(); rcu_read_unlock(); }
""",
    "a lock that does not nest is given back": """
static void rest(struct box *b) { spin_unlock(&b->lock); msleep(1); spin_lock(&b->lock); }
void f(struct box *b) { spin_lock(&b->lock); while (b->n) rest(b); spin_unlock(&b->lock); }
""",
}


@pytest.mark.parametrize("why", SILENT)
def test_right_code_that_looks_alike_is_met_with_silence(why: str) -> None:
    assert {rule: lines(rule, SILENT[why]) for rule in LOCKS} == {rule: [] for rule in LOCKS}


def test_a_sleep_is_found_through_two_functions() -> None:
    text = """
static void low(struct box *b) { if (!b) return; mutex_lock(&b->mutex); b->n++; mutex_unlock(&b->mutex); }
static void mid(struct box *b) { low(b); }
void high(struct box *b)
{
	spin_lock(&b->lock);
	mid(b);
	spin_unlock(&b->lock);
}
"""
    assert lines("sleep-in-atomic", text) == [7]


def test_a_read_section_goes_on_behind_one_that_is_nested_in_it() -> None:
    text = """
static void tell(struct box *b) { rcu_read_lock(); print(rcu_dereference(b->user)); rcu_read_unlock(); }
void f(struct box *b)
{
	rcu_read_lock();
	tell(b);
	cond_resched();
	rcu_read_unlock();
}
"""
    assert lines("sleep-in-atomic", text) == [7]


def test_a_sleep_under_a_guard_is_found() -> None:
    text = """
void f(struct box *b)
{
	guard(spinlock)(&b->lock);
	msleep(10);
}
"""
    assert lines("sleep-in-atomic", text) == [5]


def test_an_exit_in_a_loop_keeps_the_lock() -> None:
    text = """
int f(struct box *b, int n)
{
	mutex_lock(&b->lock);
	while (n--) {
		if (b->slots[n].bad)
			return -EINVAL;
	}
	mutex_unlock(&b->lock);
	return 0;
}
"""
    assert lines("missing-unlock-on-exit", text) == [7]


def test_comments_are_no_calls() -> None:
    text = """
static void tell(struct box *b) { /* like schedule() and prepare_to_wait() */ b->told = 1; }
static void nap(struct box *b)
{
	DEFINE_WAIT(wait);
	prepare_to_wait(&b->q, &wait, TASK_KILLABLE);
	if (b->full)
		schedule();
	finish_wait(&b->q, &wait);
}
int f(struct box *b, bool may_wait) { tell(b); if (may_wait) nap(b); return b->full; }
"""
    assert lines("nofail-flag-bypassed", text) == []
