# SPDX-License-Identifier: GPL-2.0-or-later
"""A result that tells of a failure is not looked at

The call may fail, and what comes after it goes on as if it had not: with data that never arrived, a lock that is not
held, or an error pointer that is followed like an object.

To fix it, test the result and give up with the error.

Reported are calls whose result is thrown away though it is all there is to go by (copy_from_user(), a lock that can be
interrupted, krealloc()), and error pointers that are followed without IS_ERR().
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewbot.checks.rule import Code, Problem
from reviewbot.checks.untested import judge, results
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.api import kernel_api
from reviewbot.csource.functions import call_name

id = "unchecked-return"
severity = "error"

GOOD = [
    """
int take(struct box *box, void __user *from)
{
	struct slot slot;

	if (copy_from_user(&slot, from, sizeof(slot)))
		return -EFAULT;
	return box_take(box, &slot);
}
""",
    """
int start(struct box *box)
{
	struct task_struct *task = kthread_run(box_work, box, "box");

	if (IS_ERR(task))
		return PTR_ERR(task);
	return task->pid;
}
""",
    """
int add(struct box *box)
{
	int err = mutex_lock_interruptible(&box->lock);

	if (err)
		return err;
	box->used++;
	mutex_unlock(&box->lock);
	return 0;
}
""",
]

BAD = [
    """
int take(struct box *box, void __user *from)
{
	struct slot slot;

	copy_from_user(&slot, from, sizeof(slot)); /* finding */
	return box_take(box, &slot);
}
""",
    """
int start(struct box *box)
{
	struct task_struct *task = kthread_run(box_work, box, "box"); /* finding */

	box->pid = task->pid;
	return 0;
}
""",
    """
void add(struct box *box)
{
	mutex_lock_interruptible(&box->lock); /* finding */
	box->used++;
	mutex_unlock(&box->lock);
}
""",
]

_SWITCHES = re.compile(r"(?:clk|regulator|reset)_\w+")


def check(code: Code) -> Iterator[Problem]:
    """Yield the results that are thrown away, and the error pointers that are followed."""
    api = kernel_api()
    tells = code.function.returns.base != "void" or code.function.returns.pointers
    for node in code.cfg.nodes:
        call = node.expr
        if not tells and call is not None and _SWITCHES.fullmatch(call_name(call) or ""):
            continue  # there is nobody to tell, and no harm in going on
        if node.kind == "expression" and isinstance(call, c.Call) and call_name(call) in api.must_check:
            text = f"{call_name(call)}() may fail, and nothing looks at its result."
            yield Problem(node.line, text, "high", about=call_name(call) or "")
    for result in results(code, lambda made: call_name(made) in api.error_pointer and not _constant(made)):
        untested = judge(code, result)
        if untested is not None and untested.followed is not None:
            place = str(result.place)
            text = f"{result.maker}() may return an error pointer, and {place} is followed without IS_ERR()."
            yield Problem(result.line, text, "high", ((untested.followed, f"{place} is followed here"),), about=place)


def _constant(made: c.Call) -> bool:
    """Tell whether a call is not one that may fail: ERR_PTR() is an error by intent."""
    return call_name(made) in ("ERR_PTR", "ERR_CAST") or not made.args or strip(made.args[0]) == c.Name("NULL")
