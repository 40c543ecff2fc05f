# SPDX-License-Identifier: GPL-2.0-or-later
"""A pointer is followed first and tested for NULL afterwards

Either the pointer cannot be NULL, and the test misleads who reads it, or it can, and the code above the test crashes.
A compiler may even drop the test, because the pointer has been followed.

To fix it, test before the first use, or drop the test.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.pointers import asked, nodes_where
from reviewbot.checks.rule import Code, Problem
from reviewbot.csource.access import AccessPath
from reviewbot.csource.cfg import known

id = "dereference-before-check"
severity = "warning"

GOOD = [
    """
int used(struct box *box)
{
	if (!box)
		return 0;
	return box->used;
}
""",
    """
void drain(struct slot *slot)
{
	while (slot) {
		struct slot *next = slot->next;

		slot_free(slot);
		slot = next;
	}
}
""",
    """
int used(struct box *box, struct lid *lid)
{
	struct list_head *slots = &box->slots;

	if (lid)
		box = lid->box;
	return box ? list_count(slots) : 0;
}
""",
]

BAD = [
    """
int used(struct box *box)
{
	int used = box->used;

	if (!box) /* finding */
		return 0;
	return used;
}
""",
    """
int used(struct lid *lid)
{
	struct box *box = lid->box;

	if (box->closed)
		return 0;
	box_lock(box);
	if (box && box->used) /* finding */
		return 1;
	return 0;
}
""",
    """
void close(struct box *box)
{
	box->closed = true;
	if (box == NULL) /* finding */
		return;
	box_flush(box);
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the tests that come too late."""
    cfg = code.cfg
    pointers = {v.name: v for v in (*code.function.params, *code.function.locals) if v.type.pointers == 1}
    seen = set()
    for node in cfg.nodes:
        question = asked(node.expr) if node.kind == "condition" and node.expr is not None else None
        if question is None or question.about != "null" or question.path.steps or node.id not in cfg.reachable:
            continue
        name = question.path.root
        if name not in pointers or name in seen or _in_macro(code, node.line, name):
            continue
        first = _followed_before(code, question.path, node.id)
        if first is not None:
            seen.add(name)
            text = f"{name} is tested for NULL here, but it has been followed already: the test is late or needless."
            yield Problem(node.line, text, "high", ((first, f"{name} is followed here"),), about=name)


def _followed_before(code: Code, pointer: AccessPath, test: int) -> int | None:
    """Return the line of a node that follows the pointer on each way to the test, after which it stays the same."""
    cfg = code.cfg
    replacing = nodes_where(cfg, pointer, "replaces")
    if test in replacing:
        return None
    tests = {n.id for n in cfg.nodes if n.kind == "condition" and n.expr and (q := asked(n.expr)) and q.path == pointer}
    for node in sorted(nodes_where(cfg, pointer, "follows") - replacing):
        if node == test or not cfg.dominates(node, test) or cfg.nodes[node].line == cfg.nodes[test].line:
            continue
        if any(cfg.path(way, test, [node]) for way in replacing):
            continue
        if any(cfg.dominates(other, node) for other in tests - {test}):
            continue
        if cfg.path(node, test, follow=known) is not None and not _gap_between(code, node, test):
            return cfg.nodes[node].line
    return None


def _gap_between(code: Code, start: int, end: int) -> bool:
    cfg = code.cfg
    return any(n.kind == "gap" and cfg.path(start, n.id) and cfg.path(n.id, end) for n in cfg.nodes)


def _in_macro(code: Code, line: int, name: str) -> bool:
    """Tell whether the line is one of a loop over something, whose own test is no doubt about the pointer."""
    return code.function.line_text(line).startswith(("for", "while", "} while"))
