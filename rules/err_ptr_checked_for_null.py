# SPDX-License-Identifier: GPL-2.0-or-later
"""An error pointer is tested for NULL, or NULL with IS_ERR()

Some functions report failure by an error pointer and never return NULL, others by NULL and never by an error pointer.
The wrong test never fires: the failure goes on as if it were an object.

To fix it, use IS_ERR() and PTR_ERR() for the first kind, and a test for NULL for the second.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.pointers import Asked, asked
from reviewbot.checks.rule import Code, Problem
from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, path_of, strip
from reviewbot.csource.api import kernel_api
from reviewbot.csource.events import Write, events
from reviewbot.csource.functions import call_name

id = "err-ptr-checked-for-null"
severity = "error"

GOOD = [
    """
int start(struct box *box)
{
	struct task_struct *task = kthread_run(box_work, box, "box");

	if (IS_ERR(task))
		return PTR_ERR(task);
	box->task = task;
	return 0;
}
""",
    """
int start(struct box *box)
{
	struct slot *slot = kmalloc(sizeof(*slot), GFP_KERNEL);

	if (!slot)
		return -ENOMEM;
	box_add(box, slot);
	return 0;
}
""",
    """
int start(struct box *box, int named)
{
	char *name = NULL;

	if (named)
		name = memdup_user(box->name, 16);
	if (!name)
		return 0;
	return IS_ERR(name) ? PTR_ERR(name) : box_name(box, name);
}
""",
]

BAD = [
    """
int start(struct box *box)
{
	struct task_struct *task = kthread_run(box_work, box, "box");

	if (!task) /* finding */
		return -ENOMEM;
	box->task = task;
	return 0;
}
""",
    """
int start(struct box *box)
{
	struct slot *slot;

	slot = kmalloc(sizeof(*slot), GFP_KERNEL);
	if (IS_ERR(slot)) /* finding */
		return PTR_ERR(slot);
	box_add(box, slot);
	return 0;
}
""",
    """
int start(struct box *box)
{
	box->name = memdup_user(box->user, 16);
	if (box->name == NULL) /* finding */
		return -ENOMEM;
	return 0;
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the tests that never fire."""
    api = kernel_api()
    sources = _sources(code)
    questions = [(node.line, asked(node.expr)) for node in code.cfg.nodes if node.kind == "condition" and node.expr]
    named = {
        path_of(arg) for call in code.function.calls if (call.name or "").startswith("IS_ERR") for arg in call.args
    }
    for line, question in questions:
        if question is None or len(made := sources.get(question.path, set())) != 1:
            continue
        (maker,) = made
        if (
            question.about == "null"
            and maker in api.error_pointer
            and not maker.startswith(("debugfs_", "ERR_"))
            and question.path not in named
        ):
            text = f"{maker}() returns an error pointer when it fails, never NULL: use IS_ERR({question.path})."
            yield Problem(line, text, "high", about=str(question.path))
        elif question.about == "error" and maker in api.allocated and not _null_tested(question.path, questions):
            text = f"{maker}() returns NULL when it fails, never an error pointer: test {question.path} for NULL."
            yield Problem(line, text, "high", about=str(question.path))


def _null_tested(path: AccessPath, questions: list[tuple[int, Asked | None]]) -> bool:
    return any(q is not None and q.path == path and q.about != "error" for _, q in questions)


def _sources(code: Code) -> dict[AccessPath, set[str]]:
    """Return, for each place that is assigned, the names of what is called for its values ("" for anything else)."""
    found: dict[AccessPath, set[str]] = {}
    for node in code.cfg.nodes:
        for event in events(code.cfg, node.id):
            if isinstance(event, Write):
                value = strip(event.value) if event.value is not None else None
                name = call_name(value) if isinstance(value, c.Call) else None
                found.setdefault(event.path, set()).add(name or "")
    return found
