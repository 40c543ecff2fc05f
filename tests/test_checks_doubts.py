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
    "unchecked-return: what returns nothing has nobody to tell": """
void box_resume(struct box *box)
{
	clk_prepare_enable(box->clk);
	box->on = 1;
}
""",
    "missing-unlock-on-exit: sparse is told that the lock is taken": """
static struct slot *box_find(struct box *box, int n)
	__acquires(RCU)
{
	rcu_read_lock();
	if (n < 0)
		return ERR_PTR(-EINVAL);
	if (n > box->most) {
		rcu_read_unlock();
		return NULL;
	}
	return box->slots;
}
""",
    "unlimited-printk-in-retry: each round takes another message": """
void box_listen(struct box *box)
{
	while (1) {
		box_take(box);
		switch (box->message.kind) {
		case BOX_OPEN:
			box_open(box);
			break;
		default:
			pr_err("box: what is %d?\\n", box->message.kind);
		}
		msleep(10);
	}
}
""",
    "counter-reset-instead-of-decrement: it is a place in an array": """
struct gate { int waiting; char data[9]; wait_queue_head_t queue; };
static void gate_wait(struct gate *gate)
{
	gate->data[gate->waiting++] = 1;
	wait_event(gate->queue, gate_is_open(gate));
	gate->waiting = 0;
}
static void gate_open(struct gate *gate)
{
	if (gate->waiting)
		wake_up_all(&gate->queue);
}
""",
    "wait-without-wake: nobody is in other functions of a file that is closed for good": """
struct box { int open; wait_queue_head_t queue; };
static ssize_t box_read(struct file *file, char __user *to, size_t size, loff_t *at)
{
	struct box *box = file->private_data;

	wait_event(box->queue, !box->open);
	return 0;
}
static void box_close(struct box *box)
{
	box->open = 0;
	wake_up(&box->queue);
}
static int box_release(struct inode *inode, struct file *file)
{
	struct box *box = file->private_data;

	box->open = 0;
	return 0;
}
static const struct file_operations box_operations = { .read = box_read, .release = box_release };
""",
}
SAME = {case.partition(":")[0]: text for case, text in EXCUSED.items()}
UNEXCUSED = {
    "missing-error-code": SAME["missing-error-code"].replace(
        "if (!IS_ERR(made)) {\n\t\tbox_replace(box, made);\n\t\treturn -EINTR;\n\t}",
        "if (IS_ERR(made))\n\t\tgoto out;\n\tret = box_replace(box, made);\nout:",
    ),
    "use-after-put": SAME["use-after-put"].replace("refcnt of 2", "lid"),
    "uninitialized-use": SAME["uninitialized-use"].replace("SIZEOF", "SIZE"),
    "unchecked-return": SAME["unchecked-return"].replace(
        "clk_prepare_enable(box->clk)", "mutex_lock_interruptible(&box->lock)"
    ),
    "missing-unlock-on-exit": SAME["missing-unlock-on-exit"].replace("\n\t__acquires(RCU)", ""),
    "counter-reset-instead-of-decrement": SAME["counter-reset-instead-of-decrement"].replace(
        "gate->data[gate->waiting++] = 1", "gate->waiting++"
    ),
    "wait-without-wake": SAME["wait-without-wake"].replace(".release = ", ".flush = "),
    "unlimited-printk-in-retry": SAME["unlimited-printk-in-retry"].replace(
        "switch (box->message.kind) {\n\t\tcase BOX_OPEN:\n\t\t\tbox_open(box);\n\t\t\tbreak;\n\t\tdefault:\n", "{\n"
    ),
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
