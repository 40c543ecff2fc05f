# SPDX-License-Identifier: GPL-2.0-or-later
"""An unsigned value is compared with zero as if it could be negative

A value of an unsigned type is never below zero: an error code that was stored in it passes the test unseen, and a loop
that counts down to `>= 0` never ends.

To fix it, make the variable signed, or compare with something that it can be.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import Code, Problem
from reviewbot.checks.unsigned import unsigned_type
from reviewbot.csource import syntax as c
from reviewbot.csource.spell import spell

id = "unsigned-below-zero"
severity = "error"

GOOD = [
    """
int first(struct box *box)
{
	int slot = box_find(box);

	return slot < 0 ? slot : 0;
}
""",
    """
unsigned int clamp(unsigned int wanted, unsigned int most)
{
	return wanted > 0 && wanted < most ? wanted : most;
}
""",
    """
int scan(struct box *box, unsigned int count)
{
	unsigned int i;

	for (i = count; i > 0; i--)
		box_drop(box, i - 1);
	return (int)count < 0;
}
""",
]

BAD = [
    """
int first(struct box *box)
{
	unsigned int slot = box_find(box);

	if (slot < 0) /* finding */
		return -ENOENT;
	return slot;
}
""",
    """
void scan(struct box *box, size_t count)
{
	size_t i;

	for (i = count - 1; i >= 0; i--) /* finding */
		box_drop(box, i);
}
""",
    """
struct reply { u32 length; };
int ask(struct reply *reply)
{
	if ((reply->length = box_read(reply)) < 0) /* finding */
		return -EIO;
	return 0;
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the comparisons that always come out the same."""
    for expr in code.function.expressions:
        if not isinstance(expr, c.Binary) or expr.op not in ("<", ">=") or expr.right != c.Number("0", 0):
            continue
        value = expr.left.target if isinstance(expr.left, c.Assign) else expr.left
        kind = unsigned_type(code, value) if isinstance(value, (c.Name, c.Member)) else None
        if kind is None:
            continue
        always = "never" if expr.op == "<" else "always"
        text = f"{spell(value)} is of the unsigned type {kind}: `{spell(expr)}` is {always} true."
        yield Problem(expr.line, text, "proved", about=spell(value))
