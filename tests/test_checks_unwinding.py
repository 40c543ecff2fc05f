# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways out that undo what failed: what may look like it and is right, and what is it in spite of its looks."""

from __future__ import annotations

import pytest

from reviewbot.checks.examples import example_file
from reviewbot.checks.load import load_rules
from tests.conftest import ROOT

RULE = next(rule for rule in load_rules(ROOT / "rules") if rule.id == "wrong-error-label")

RIGHT = {
    "each round of a loop has its own start": """
int box_start_all(struct box *box, int n)
{
	int i, ret = 0;

	for (i = 0; i < n; i++) {
		ret = slot_start(box);
		if (ret)
			goto stop;
	}
	return 0;
stop:
	slot_stop(box);
	return ret;
}
""",
    "what frees may be told that there is nothing": """
int box_fill(struct box *box)
{
	int ret = -ENOMEM;

	box->count = alloc_percpu(int);
	if (!box->count)
		goto free;
	ret = box_register(box);
	if (ret)
		goto free;
	return 0;
free:
	free_percpu(box->count);
	return ret;
}
""",
}

ANOTHER_USER_OF_THE_LABEL = """
int box_add(struct box *box)
{
	int err;

	err = device_add(&box->dev);
	if (err)
		goto remove;
	if (!box->slots) {
		err = -EINVAL;
		goto remove;
	}
	return 0;
remove:
	device_del(&box->dev);
	return err;
}
"""


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_a_way_out_that_undoes_what_was_done_is_right(text: str) -> None:
    file = example_file(text)
    assert list(RULE.problems(file, file.unit.functions)) == []


def test_a_label_that_later_failures_use_rightly_is_wrong_for_the_first() -> None:
    file = example_file(ANOTHER_USER_OF_THE_LABEL)
    [problem] = RULE.problems(file, file.unit.functions)
    assert ANOTHER_USER_OF_THE_LABEL.splitlines()[problem.line - 1].strip() == "err = device_add(&box->dev);"


MADE = """
int box_make(struct box *box)
{
	int err = slot_init(&box->slot);

	if (err)
		goto exit_slot;
	err = box_register(box);
	if (err)
		goto exit_slot;
	return 0;
exit_slot:
	slot_exit(&box->slot);
	return err;
}
"""
MADE_ELSEWHERE = """
int lid_make(struct lid *lid)
{
	int err = lid_open(lid);

	if (err)
		return err;
	err = slot_init(&lid->slot);
	if (err)
		goto close;
	return 0;
close:
	lid_close(lid);
	return err;
}
"""


def test_what_ends_an_object_may_cope_with_a_failed_start() -> None:
    file = example_file(MADE)
    assert list(RULE.problems(file, file.unit.functions)) == []


def test_what_ends_an_object_is_not_for_a_failed_start_where_the_file_leaves_it_out_elsewhere() -> None:
    file = example_file(MADE + MADE_ELSEWHERE)
    [problem] = RULE.problems(file, file.unit.functions)
    assert problem.message.startswith(
        "When slot_init() fails, the way out goes to exit_slot, where slot_exit(&box->slot)"
    )
