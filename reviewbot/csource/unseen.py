# SPDX-License-Identifier: GPL-2.0-or-later
"""How unseen code is written where a piece of a function is parsed on its own."""

from __future__ import annotations

from reviewbot.csource import syntax as c
from reviewbot.csource.functions import children, walk

# words that the fragment model writes where code is unseen; no identifier of a kernel begins so
UNSEEN = "__unseen_code"
UNOPENED = "__unseen_head"
UNCLOSED = "__unseen_end"


# an expression of which nothing is seen
NOTHING_SEEN = c.OpaqueExpr("")


def partly_unseen(expr: c.Expr) -> bool:
    """Tell whether something of an expression is unseen."""
    return any(isinstance(part, c.OpaqueExpr) and part == NOTHING_SEEN for part in walk(expr))


def begins_unseen(expr: c.Expr) -> bool:
    """Tell whether the beginning of an expression is unseen."""
    while expr != NOTHING_SEEN:
        first = next(children(expr), None)
        if first is None:
            return False
        expr = first
    return True
