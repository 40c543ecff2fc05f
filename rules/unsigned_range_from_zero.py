# SPDX-License-Identifier: GPL-2.0-or-later
"""A range is tested as if its lower end could be below zero, of an unsigned value

`x <= 0 || x > most` refuses zero, but no negative number: there is none of an unsigned type, so that what a caller
gives as one is far above zero and only caught by the other half, if at all.

To fix it, write `!x`, or make the value signed if negative ones are to be refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import Code, Problem
from reviewbot.checks.unsigned import unsigned_type
from reviewbot.csource import syntax as c
from reviewbot.csource.spell import spell

id = "unsigned-range-from-zero"
severity = "note"

GOOD = [
    """
int set_window(struct box *box, int window)
{
	if (window <= 0 || window > 1000)
		return -EINVAL;
	box->window = window;
	return 0;
}
""",
    """
int set_window(struct box *box, u32 window)
{
	if (!window || window > 1000)
		return -EINVAL;
	box->window = window;
	return 0;
}
""",
    """
int drain(struct box *box, unsigned int left)
{
	if (left <= 0)
		return 0;
	return box_drain(box, left);
}
""",
    """
int set_window(struct box *box, u32 window, long most)
{
	if (most <= 0 || window > most)
		return -EINVAL;
	return 0;
}
""",
]

BAD = [
    """
int set_window(struct box *box, u32 window)
{
	if (window <= 0 || window > 1000) /* finding */
		return -EINVAL;
	box->window = window;
	return 0;
}
""",
    """
struct box { unsigned long size; };
bool fits(struct box *box)
{
	return !(box->size > MOST || box->size <= 0); /* finding */
}
""",
    """
int pick(struct box *box, size_t n)
{
	if (box_is_closed(box) || n <= 0 || n >= box->n) /* finding */
		return -EINVAL;
	return box_slot(box, n);
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the tests whose lower half asks for what cannot be."""
    seen = set()
    for expr in code.function.expressions:
        parts = [one for one in _parts(expr) if isinstance(one, c.Binary)]
        above = {spell(one.left) for one in parts if one.op in (">", ">=")}
        for one in parts if len(parts) > 1 else ():
            if one.op != "<=" or one.right != c.Number("0", 0) or spell(one.left) not in above or _place(one) in seen:
                continue
            kind = unsigned_type(code, one.left)
            if kind is not None:
                seen.add(_place(one))
                name = spell(one.left)
                text = f"{name} is of the unsigned type {kind}: it is never below zero. Is `!{name}` what is meant?"
                yield Problem(one.line, text, "proved", about=name)


def _parts(expr: c.Expr) -> Iterator[c.Expr]:
    """Yield what `||` combines."""
    todo = [expr]
    while todo:
        one = todo.pop()
        if isinstance(one, c.Binary) and one.op == "||":
            todo += (one.right, one.left)
        else:
            yield one


def _place(expr: c.Binary) -> tuple[int, str]:
    """Return what tells a test from others: longer combinations hold the same once more."""
    return expr.line, spell(expr)
