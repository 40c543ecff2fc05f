# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads of local variables that nothing was assigned to, without those that only look like it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.assignment import UninitializedRead, definite_assignment
from reviewbot.csource.events import Write, events
from reviewbot.csource.kernelmacros import words
from reviewbot.csource.spell import spell

_WORD = re.compile(r"[A-Za-z_]\w*")
_GIVES = words("= declare foreach macro asm")


@dataclass(frozen=True, slots=True)
class UnassignedRead:
    """A read of `name` at `line`; `always` when no assignment can come before it.

    `declared` is the line of the declaration, `branch` (line, condition, "true" or "false") what skips the assignment.
    """

    name: str
    line: int
    declared: int
    always: bool
    branch: tuple[int, str, str] | None


def unassigned_reads(code: Code) -> Iterator[UnassignedRead]:
    """Yield the first unassigned read of each local variable.

    Reads that need a loop to have no round, or a value that no case of a switch has, are left out.
    """
    seen: set[str] = set()
    for read in sorted(definite_assignment(code.cfg, code.introduced), key=lambda one: one.line):
        if read.empty_loop or read.skipped_switch or read.name in seen or _assigned_unseen(code, read):
            continue
        seen.add(read.name)
        declared = next(v.line for v in code.function.locals if v.name == read.name)
        yield UnassignedRead(read.name, read.line, declared, _never(code, read), _skipping_branch(code, read))


def _never(code: Code, read: UninitializedRead) -> bool:
    return code.cfg.path(code.cfg.entry, _assigning(code, read.name), [read.node]) is None


def _assigned_unseen(code: Code, read: UninitializedRead) -> bool:
    """Tell whether something may assign the variable that does not look like an assignment.

    A macro of the file may name it. A structure is filled in by its fields. And a variable without a value that is
    given to a call is given to a macro that assigns it: as the argument of a function it would be of no use.
    """
    function = code.function
    name = c.Name(read.name)
    if any(isinstance(e, c.Member) and not e.arrow and e.base == name for e in function.expressions):
        return True
    used = {e.name for e in function.expressions if isinstance(e, c.Name)}
    if any(m.name in used and read.name in _WORD.findall(m.body) for m in code.unit.macros.values()):
        return True
    given = [call for call in function.calls if name in map(strip, call.args) and not _is_function(code, call.name)]
    if not given or not _never(code, read):
        return False
    return not _assigning(code, read.name) or any(call.line <= read.line for call in given)


def _is_function(code: Code, name: str | None) -> bool:
    return name is None or code.unit.function(name) is not None or any(p.name == name for p in code.unit.prototypes)


def _assigning(code: Code, name: str) -> set[int]:
    """Return the nodes that give the variable a value which does not come from the one it has."""
    cfg = code.cfg
    return {
        node.id
        for node in cfg.nodes
        if any(
            isinstance(event, Write) and event.path.root == name and event.op in _GIVES
            for event in events(cfg, node.id)
        )
    }


def _skipping_branch(code: Code, read: UninitializedRead) -> tuple[int, str, str] | None:
    """Return the last condition of the path whose other outcome leads aside to an assignment."""
    cfg = code.cfg
    assigning = _assigning(code, read.name)
    found = None
    for source, target in pairwise(read.path):
        node = cfg.nodes[source]
        if node.kind != "condition" or node.expr is None:
            continue
        for edge in cfg.successors(source):
            if edge.target == target or edge.label == "unknown":
                continue
            if edge.target in assigning or cfg.path(edge.target, assigning, read.path) is not None:
                found = node.line, spell(node.expr), "true" if edge.label == "false" else "false"
    return found
