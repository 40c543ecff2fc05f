# SPDX-License-Identifier: GPL-2.0-or-later
"""A condition always comes out the same

By a slip in an operator the condition asks for nothing: `x != A || x != B` holds for every x, `flags | FLAG` is never
zero, and `!flags & FLAG` asks for the lowest bit of a truth value. One of the two branches is never taken.

To fix it, use the operator that was meant: `&&` for `||`, `&` for `|`, parentheses after `!` and around `&`.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.constants import constant_conditions
from reviewbot.checks.rule import Code, Problem

id = "constant-branch"
severity = "error"

GOOD = [
    """
int kind(struct box *box)
{
	if (box->kind != 1 && box->kind != 2)
		return -EINVAL;
	return !(box->flags & BOX_OPEN);
}
""",
    """
int kind(int kind, int other)
{
	if (kind != BOX_RED || other != BOX_BLUE)
		return -EINVAL;
	return (kind | other) == BOX_RED;
}
""",
    """
#define BOX_EXTRA 0
int flags_of(struct box *box)
{
	if (box->flags | BOX_EXTRA)
		return 1;
	return !box->closed & !box->used;
}
""",
]

BAD = [
    """
int kind(struct box *box)
{
	if (box->kind != 1 || box->kind != 2) /* finding */
		return -EINVAL;
	return 0;
}
""",
    """
#define BOX_OPEN 4
int is_open(struct box *box)
{
	if (box->flags | BOX_OPEN) /* finding */
		return 1;
	if (!box->flags & BOX_OPEN) /* finding */
		return 2;
	return 0;
}
""",
    """
int kind(int kind)
{
	if (kind == BOX_RED && kind == BOX_BLUE) /* finding */
		return 1;
	return 0;
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the conditions that ask for nothing."""
    for found in constant_conditions(code):
        yield Problem(found.line, f"`{found.text}` is always {found.outcome}: {found.why}", "high", about=found.text)
