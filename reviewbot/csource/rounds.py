# SPDX-License-Identifier: GPL-2.0-or-later
"""What a loop asks in each of its rounds."""

from __future__ import annotations

from reviewbot.csource import syntax as c
from reviewbot.csource.cfg import Cfg
from reviewbot.csource.functions import walk
from reviewbot.csource.memo import kept


@kept
def _asked(cfg: Cfg) -> dict[int, frozenset[c.Expr]]:
    return {}


def asked_in_rounds(cfg: Cfg, head: int) -> frozenset[c.Expr]:
    """Return what the conditions of a loop are about: who asks again in each round waits for another answer."""
    known = _asked(cfg)
    if head not in known:
        inside = {node for loop in cfg.loops if loop.head == head for node in loop.body}
        conditions = [node.expr for node in map(cfg.nodes.__getitem__, inside) if node.kind in ("condition", "switch")]
        known[head] = frozenset(part for expr in conditions if expr is not None for part in walk(expr))
    return known[head]
