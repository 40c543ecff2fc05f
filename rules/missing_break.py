# SPDX-License-Identifier: GPL-2.0-or-later
"""A case runs on into the next one

Without `break` at its end, a case goes on with the statements of the next label, which are for another value. When
that is meant, the kernel wants `fallthrough;` to say so; where nothing says so, it is nearly always forgotten.

To fix it, add `break;`, or `fallthrough;` where the next case is meant to run, too.

Not reported: labels with nothing in between, a case whose every way leaves, one that a comment about falling through
ends, and one that runs into nothing but a break or return. Kernel documentation: Documentation/process/deprecated.rst.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewbot.checks.rule import Code, Problem
from reviewbot.csource import syntax as c
from reviewbot.csource.cfg import known
from reviewbot.csource.functions import call_name

id = "missing-break"
severity = "warning"

GOOD = [
    """
int price(int size)
{
	switch (size) {
	case SMALL:
		return 1;
	case LARGE:
		return 5;
	}
	return 0;
}
""",
    """
int price(struct box *box)
{
	int price = 0;

	switch (box->size) {
	case LARGE:
		price += 4;
		fallthrough;
	case MEDIUM:
	case SMALL:
		price += 1;
		/* fall through */
	case TINY:
		price += 1;
	}
	return price;
}
""",
    """
int price(struct box *box)
{
	switch (box->size) {
	case LARGE:
		if (box->full)
			return 5;
		else
			return 4;
	default:
		return 1;
	}
}
""",
]

BAD = [
    """
int price(int size, int price)
{
	switch (size) {
	case SMALL:
		price = 1; /* finding */
	case LARGE:
		price = 5;
	}
	return price;
}
""",
    """
int price(struct box *box)
{
	int price = 0;

	switch (box->size) {
	case LARGE:
		if (box->full)
			return 5;
		price = 4; /* finding */
	default:
		price = 1;
	}
	return price;
}
""",
    """
void sell(struct box *box, int how)
{
	switch (how) {
	case BY_MAIL:
		box_send(box); /* finding */
	case BY_HAND:
		box_give(box);
	}
}
""",
]

_LEAVES = (c.Break, c.Return, c.Goto, c.Continue)
_UNCLEAR = (c.Case, c.Label, c.Fallthrough, c.Declare, c.Gap, c.Unparsed, c.Choice, c.Branch, c.Asm)
_MAY_LEAVE = re.compile(r"[A-Z_0-9]+|_?exit")
_SAYS_SO = re.compile(r"fall[a-z\s-]{0,12}(?:thr|into|down)|FALL", re.IGNORECASE)


def check(code: Code) -> Iterator[Problem]:
    """Yield the ends of cases that run on."""
    for stmt in code.function.statements:
        body = stmt.body.body if isinstance(stmt, c.Switch) and isinstance(stmt.body, c.Block) else ()
        for place, label in enumerate(body):
            rest = [one for one in body[place:] if not isinstance(one, c.Case)]
            worth = isinstance(label, c.Case) and place and rest and not isinstance(rest[0], _LEAVES)
            if worth and not _ends(body[place - 1]):
                yield from _runs_on(code, body[place - 1], label)


def _ends(stmt: c.Stmt) -> bool:
    """Tell whether nothing runs on after a statement, or whether it says that something does."""
    call = call_name(stmt.expr) if isinstance(stmt, c.ExprStmt) else None
    # a macro of another file in capitals may return, as its name often says
    return isinstance(stmt, (*_LEAVES, *_UNCLEAR)) or bool(call and _MAY_LEAVE.fullmatch(call))


def _runs_on(code: Code, before: c.Stmt, label: c.Stmt) -> Iterator[Problem]:
    cfg, function = code.cfg, code.function
    marks = [node for node in cfg.nodes if node.stmt is label]
    coming = [edge for mark in marks for edge in cfg.predecessors(mark.id) if edge.label not in ("case", "default")]
    if not any(known(edge) and edge.source in cfg.reachable for edge in coming):
        return
    last = max((cfg.nodes[edge.source].line for edge in coming if edge.source in cfg.reachable), default=before.line)
    if any(_SAYS_SO.search(function.line_text(n)) for n in range(before.line, label.line + 1)):
        return
    text = "This case has no break and runs on into the next one: is a `break` missing, or a `fallthrough`?"
    yield Problem(max(last, before.line), text, "high", ((label.line, "the next case begins here"),), about="case")
