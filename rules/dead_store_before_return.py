# SPDX-License-Identifier: GPL-2.0-or-later
"""A variable is set right before a return that does not look at it

The value is lost: either the wrong thing is returned, or the code that was to act on the value is not reached.

To fix it, return the variable, drop the return, or drop the assignment.

Reported are constants and errors that are stored in a local variable; NULL is not (clearing a pointer that was freed is
a habit), and neither is a variable whose address is taken.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import Code, Problem
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.facts import scope
from reviewbot.csource.functions import walk
from reviewbot.csource.spell import spell

id = "dead-store-before-return"
severity = "warning"

GOOD = [
    """
int find(struct box *box, char *name)
{
	int err = 0;

	if (!name) {
		err = -EINVAL;
		return err;
	}
	return box_find(box, name);
}
""",
    """
int take(struct box *box, int *left)
{
	struct slot *slot = box_slot(box);

	*left = 0;
	kfree(slot);
	slot = NULL;
	return 0;
}
""",
    """
int find(struct box *box, char *name)
{
	int err = box_read(box, name);

	if (err && box_is_new(box))
		err = 0;
	return err;
}
""",
]

BAD = [
    """
int register_listener(struct box *box, char *name)
{
	int all = 0, err = box_parse(box, name);

	if (err) {
		if (!strcmp(name, "all"))
			all = 1; /* finding */
		return err;
	}
	return box_listen(box, all);
}
""",
    """
int find(struct box *box, char *name)
{
	int err;

	if (!name) {
		err = -EINVAL; /* finding */
		return 0;
	}
	return box_find(box, name);
}
""",
    """
void drain(struct box *box)
{
	bool done = false;

	while (!done) {
		if (box_is_empty(box)) {
			done = true; /* finding */
			return;
		}
		done = box_drop(box);
	}
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the stores that no way out reads."""
    cfg = code.cfg
    private = scope(cfg, code.introduced).private
    statics = {v.name for v in code.function.locals if "static" in v.storage or v.cleanup}
    own = {v.name for v in code.function.locals if not v.type.pointers and not v.type.dims}
    for node in cfg.nodes:
        store = node.expr
        if node.kind != "expression" or not isinstance(store, c.Assign) or store.op != "=":
            continue
        target = store.target
        if not isinstance(target, c.Name) or target.name not in (own & private) - statics or not _constant(store.value):
            continue
        end = _return_after(code, node.id)
        if end is None or _names(cfg.nodes[end].expr, target.name):
            continue
        line = cfg.nodes[end].line
        text = f"`{spell(store)}` is lost: the function returns right after it and does not look at {target.name}."
        yield Problem(node.line, text, "proved", ((line, "the function returns here"),), about=target.name)


def _names(expr: c.Expr | None, name: str) -> bool:
    return expr is not None and any(part == c.Name(name) for part in walk(expr))


def _constant(expr: c.Expr) -> bool:
    expr = strip(expr)
    if isinstance(expr, c.Unary) and expr.op == "-":
        expr = expr.operand
    return isinstance(expr, (c.Number, c.Name)) and expr != c.Name("NULL")


def _return_after(code: Code, node: int) -> int | None:
    """Return the return that follows a node with nothing in between."""
    cfg = code.cfg
    for _ in range(len(cfg.nodes)):
        following = cfg.successors(node)
        if len(following) != 1 or following[0].label == "unknown":
            return None
        node = following[0].target
        if cfg.nodes[node].kind == "return":
            return node
        if cfg.nodes[node].kind not in ("join", "unguard"):
            return None
    return None
