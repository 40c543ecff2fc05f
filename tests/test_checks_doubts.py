# SPDX-License-Identifier: GPL-2.0-or-later
"""Code that looks like a defect and has a reason, of kinds that real trees have."""

from __future__ import annotations

import pytest

from reviewbot.checks.examples import example_file
from tests.checkskit import RULES

EXCUSED = {
    "missing-error-code: what goes on behind a branch for success does without": """
int box_collect(struct box *box)
{
	struct box *made;
	int ret = 0;

	made = box_clone(box);
	if (!IS_ERR(made)) {
		box_replace(box, made);
		return -EINTR;
	}
	box_sweep(box);
	return ret;
}
""",
    "use-after-put: a comment says that there are two references": """
void box_close_now(struct sock *sk)
{
	/* the clone is locked and has a refcnt of 2 */
	bh_unlock_sock(sk);
	sock_put(sk);
	sk->box_number = 0;
}
""",
    "uninitialized-use: what is named for sizeof reads nothing": """
void *box_add(struct box *box)
{
	struct slot *slot;
	int size;

	size = BOX_CHUNKSIZEOF(*slot);
	slot = box_alloc(box, size);
	return slot;
}
""",
}
UNEXCUSED = {
    "missing-error-code": EXCUSED["missing-error-code: what goes on behind a branch for success does without"].replace(
        "if (!IS_ERR(made)) {\n\t\tbox_replace(box, made);\n\t\treturn -EINTR;\n\t}",
        "if (IS_ERR(made))\n\t\tgoto out;\n\tret = box_replace(box, made);\nout:",
    ),
    "use-after-put": EXCUSED["use-after-put: a comment says that there are two references"].replace(
        "refcnt of 2", "lid"
    ),
    "uninitialized-use": EXCUSED["uninitialized-use: what is named for sizeof reads nothing"].replace("SIZEOF", "SIZE"),
}


def found(rule: str, text: str) -> list[str]:
    """Return the messages of a rule on an example."""
    file = example_file(text)
    checks = next(one for one in RULES if one.id == rule)
    return [problem.message for problem in checks.problems(file, file.unit.functions)]


@pytest.mark.parametrize("case", EXCUSED)
def test_what_has_a_reason_is_passed_over(case: str) -> None:
    assert found(case.partition(":")[0], EXCUSED[case]) == []


@pytest.mark.parametrize("rule", UNEXCUSED)
def test_the_same_without_the_reason_is_found(rule: str) -> None:
    assert len(found(rule, UNEXCUSED[rule])) == 1
