# SPDX-License-Identifier: GPL-2.0-or-later
"""Unassigned reads, sleeps without a state, rounds without progress: shapes of each, and what looks like it."""

from __future__ import annotations

import pytest

from reviewbot.checks.examples import example_file
from reviewbot.checks.load import load_rules
from tests.conftest import ROOT

RULES = {rule.id: rule for rule in load_rules(ROOT / "rules")}


def found(rule: str, body: str, head: str = "int f(struct box *box, int n, int tries)") -> list[str]:
    """Return the lines that a rule reports in a function with this body."""
    text = f"{head}\n{{\n{body}\n}}\n"
    file = example_file(text)
    lines = text.split("\n")
    return [lines[problem.line - 1].strip() for problem in RULES[rule].problems(file, file.unit.functions)]


UNASSIGNED = {
    "one branch": "int a;\nif (n)\n\ta = 1;\nreturn a;",
    "goto over the assignment": "int a;\nif (n)\n\tgoto out;\na = g();\nout:\nreturn a;",
    "a switch without the case": "int a;\nswitch (n) {\ncase 1:\n\ta = 1;\n\tbreak;\ndefault:\n\tbreak;\n}\nreturn a;",
    "in a condition": "int a;\nif (n > 2)\n\ta = n;\nif (a && n)\n\tg(box);",
    "in its own round": "bool a;\nwhile (tries--) {\n\tif (n)\n\t\ta = true;\n\tif (a)\n\t\tg(box);\n}",
    "a round that leaves": "bool a;\nwhile (tries--) {\n\tif (n < 3)\n\t\ta = true;\n\tn = g(box);\n"
    "\tif (!n)\n\t\tbreak;\n}\nif (!n && a)\n\tg(box);",
}
ASSIGNED = {
    "both branches": "int a;\nif (n)\n\ta = 1;\nelse\n\ta = 2;\nreturn a;",
    "the same condition twice": "int a;\nif (n)\n\ta = 1;\ng(box);\nif (n)\n\treturn a;\nreturn 0;",
    "an error that guards": "int a, err = -1;\nif (n) {\n\terr = g(box);\n\ta = 2;\n}\n"
    "if (err)\n\treturn err;\nreturn a;",
    "by its address": "int a;\nif (g(box, &a))\n\treturn -1;\nreturn a;",
    "by a loop": "int i, a;\nfor (i = 0; i < n; i++)\n\ta = i;\nreturn a;",
    "a search": "int i, a;\nfor (i = 0; i < n; i++)\n\tif (g(i)) {\n\t\ta = i;\n\t\tbreak;\n\t}\n"
    "if (i == n)\n\treturn 0;\nreturn a;",
    "by a macro": "unsigned long a;\nlocal_irq_save(a);\ng(box);\nlocal_irq_restore(a);",
    "an array": "char a[4];\nmemcpy(a, box, 4);\nreturn a[0];",
    "never on the way": "int a;\nif (!n)\n\tpanic();\nelse\n\ta = 1;\nreturn a;",
    "all cases": "int a;\nswitch (n) {\ncase 0:\n\ta = 1;\n\tbreak;\ndefault:\n\ta = 2;\n}\nreturn a;",
}


@pytest.mark.parametrize("body", UNASSIGNED.values(), ids=UNASSIGNED)
def test_a_read_that_a_path_reaches_unassigned_is_found(body: str) -> None:
    assert len(found("uninitialized-use", body)) == 1


@pytest.mark.parametrize("body", ASSIGNED.values(), ids=ASSIGNED)
def test_a_read_that_every_path_assigns_first_is_not(body: str) -> None:
    assert found("uninitialized-use", body) == []


RUNNING = {
    "nothing before": "g(box);\nschedule_timeout(HZ);",
    "in a loop": "while (g(box)) {\n\tif (n)\n\t\tschedule_timeout(1);\n}",
    "after the wait is over": "prepare_to_wait(&q, &wait, TASK_KILLABLE);\nschedule();\nfinish_wait(&q, &wait);\n"
    "schedule_timeout(1);",
    "set back": "set_current_state(TASK_INTERRUPTIBLE);\n__set_current_state(TASK_RUNNING);\nschedule_timeout(1);",
    "the second of two": "set_current_state(TASK_IDLE);\nschedule_timeout_idle(1);\nschedule_timeout(1);",
}
SLEEPING = {
    "set": "set_current_state(TASK_UNINTERRUPTIBLE);\nschedule_timeout(HZ);",
    "set in the old way": "current->state = TASK_INTERRUPTIBLE;\nschedule_timeout(HZ);",
    "set on one way": "if (n)\n\tset_current_state(TASK_IDLE);\nschedule_timeout(1);",
    "set in each round": "do {\n\tset_current_state(TASK_IDLE);\n\tn = schedule_timeout(n);\n} while (n);",
    "on a queue": "prepare_to_wait_exclusive(&q, &wait, TASK_KILLABLE);\nif (!g(box))\n\tn = schedule_timeout(n);",
    "a yield": "while (g(box))\n\tschedule();",
    "sets it itself": "schedule_timeout_killable(1);",
    "by somebody unknown": "box_prepare_sleep(box);\nschedule_timeout(1);",
}


@pytest.mark.parametrize("body", RUNNING.values(), ids=RUNNING)
def test_a_sleep_in_the_running_state_is_found(body: str) -> None:
    (line,) = found("schedule-without-state", body, "void f(struct box *box, int n)")
    assert line == body.split("schedule_timeout(")[-1].join(["schedule_timeout(", ""]).split("\n")[0]


@pytest.mark.parametrize("body", SLEEPING.values(), ids=SLEEPING)
def test_a_sleep_with_a_state_is_not(body: str) -> None:
    assert found("schedule-without-state", body, "void f(struct box *box, int n)") == []


SPINNING = {
    "a predicate": "while (tries) {\n\tif (box_busy(box))\n\t\tcontinue;\n\tg(box);\n\ttries--;\n}",
    "a field": "while (tries > 0) {\n\tif (box->closed) {\n\t\tn = -EBUSY;\n\t\tcontinue;\n\t}\n\ttries -= 1;\n}",
    "a failure": "while (tries) {\n\tif (!box_shrink(box, n))\n\t\tcontinue;\n\ttries--;\n}",
    "a for without a step": "for (; tries;) {\n\tif (n)\n\t\tcontinue;\n\ttries--;\n}",
    "after other work": "while (tries) {\n\tmutex_lock(&lock);\n\tn = g(box, tries);\n\tmutex_unlock(&lock);\n"
    "\tif (!n)\n\t\tbreak;\n\tif (box_busy(box))\n\t\tcontinue;\n\ttries--;\n}",
}
MOVING = {
    "counts first": "while (tries) {\n\ttries--;\n\tif (box_busy(box))\n\t\tcontinue;\n\tg(box);\n}",
    "counts in the condition": "while (tries--) {\n\tif (box_busy(box))\n\t\tcontinue;\n\tg(box);\n}",
    "counts in the step": "for (; tries; tries--) {\n\tif (box_busy(box))\n\t\tcontinue;\n\tg(box);\n}",
    "skips an entry": "while (tries) {\n\tint slot = g(box);\n\n\tif (slot < 0)\n\t\tcontinue;\n\ttries--;\n}",
    "steps on": "while (tries) {\n\tbox = box->next;\n\tif (box->closed)\n\t\tcontinue;\n\ttries--;\n}",
    "sleeps": "while (tries) {\n\tif (box_busy(box)) {\n\t\tmsleep(1);\n\t\tcontinue;\n\t}\n\ttries--;\n}",
    "gives way": "while (tries) {\n\tcond_resched();\n\tif (box_busy(box))\n\t\tcontinue;\n\ttries--;\n}",
    "waits on purpose": "while (tries) {\n\tif (READ_ONCE(box->closed))\n\t\tcontinue;\n\ttries--;\n}",
    "works before it": "while (tries) {\n\tif (box->used) {\n\t\tbox_empty(box);\n\t\tcontinue;\n\t}\n\ttries--;\n}",
    "asks a call": "while (box_next(box)) {\n\tif (n)\n\t\tcontinue;\n\tg(box);\n}",
}


@pytest.mark.parametrize("body", SPINNING.values(), ids=SPINNING)
def test_a_round_without_progress_is_found(body: str) -> None:
    assert found("loop-without-progress", body) == ["continue;"]


@pytest.mark.parametrize("body", MOVING.values(), ids=MOVING)
def test_a_round_with_progress_is_not(body: str) -> None:
    assert found("loop-without-progress", body) == []
