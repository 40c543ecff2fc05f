# SPDX-License-Identifier: GPL-2.0-or-later
"""An operand was copied and not changed

The same thing stands on both sides of an operator, in two branches of one `if`, or is copied into two fields of a row
in which each has its own: one of the two was meant to be something else, which nobody looks at now.

To fix it, put in what was meant, or drop the repetition.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.operands import repeated_operands
from reviewbot.checks.rule import Code, Problem

id = "copy-paste-wrong-operand"
severity = "warning"

GOOD = [
    """
int same(struct box *a, struct box *b)
{
	return a->used == b->used && a->size == b->size;
}
""",
    """
void copy(struct box *to, struct box *from)
{
	to->used = from->used;
	to->size = from->size;
	to->limit = from->size;
	to->most = from->least;
}
""",
    """
int kind(struct box *box)
{
	if (box_next(box) == 1)
		return 1;
	else if (box_next(box) == 1)
		return 2;
	return box->used == 1 || box->used == 2;
}
""",
]

BAD = [
    """
int same(struct box *a, struct box *b)
{
	return a->used == b->used && a->size == a->size; /* finding */
}
""",
    """
void copy(struct box *to, struct box *from)
{
	to->used = from->used;
	to->size = from->size;
	to->limit = from->size; /* finding */
	to->name = from->name;
	to->kind = from->kind;
}
""",
    """
int kind(struct box *box)
{
	if (box->used > box->size)
		return 1;
	else if (box->closed)
		return 2;
	else if (box->used > box->size) /* finding */
		return 3;
	return 0;
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the operands that are the same where they should differ."""
    for found in repeated_operands(code):
        text = f"`{found.text}`: {found.part} is used {found.why}; was another one meant?"
        evidence = ((found.first, f"{found.part} is used here, too"),) if found.first != found.line else ()
        yield Problem(found.line, text, "high", evidence, about=found.part)
