# SPDX-License-Identifier: GPL-2.0-or-later
"""Variables that were always assigned before they were read, until a patch took an assignment away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.change import Change
from reviewbot.checks.rule import Code
from reviewbot.checks.unassigned import unassigned_reads
from reviewbot.csource.assignment import UninitializedRead, definite_assignment
from reviewbot.csource.events import AddressOf, Write, events


@dataclass(frozen=True, slots=True)
class OnceAssigned:
    """A read of `name` at `line` that may come first now; `empty_loop`: when a loop that assigns has no round."""

    name: str
    line: int
    empty_loop: bool


def once_assigned(change: Change) -> Iterator[OnceAssigned]:
    """Yield the first read of each variable that nothing need assign any more, where before something surely did.

    Reads that can be told from the function after the patch alone are left to `unassigned_reads`, except those that it
    doubts.
    """
    dropped = {name for line, name in _assigned(change.before) if change.gone(line)}
    if not dropped:
        return
    there = [read for read in definite_assignment(change.after.cfg) if read.name in dropped]
    if not there:
        return
    dropped -= {read.name for read in definite_assignment(change.before.cfg)}
    dropped -= {read.name for read in unassigned_reads(change.after)}
    dropped &= _declared(change.after)
    seen: set[str] = set()
    for read in sorted(there, key=lambda one: one.line):
        if read.name in dropped and read.name not in seen and not _unasked(change, read):
            seen.add(read.name)
            yield OnceAssigned(read.name, read.line, read.empty_loop)


def _assigned(code: Code) -> Iterator[tuple[int, str]]:
    """Yield the lines where a variable gets a value, or its address is handed to what may give it one."""
    own = _declared(code)
    for node in code.cfg.nodes:
        for event in events(code.cfg, node.id):
            if isinstance(event, (Write, AddressOf)) and event.path.is_variable and event.path.root in own:
                yield event.line, event.path.root


def _declared(code: Code) -> set[str]:
    """Return the local variables whose names stand for nothing else in the function."""
    names = Counter(variable.name for variable in (*code.function.params, *code.function.locals))
    return {variable.name for variable in code.function.locals if names[variable.name] == 1}


def _unasked(change: Change, read: UninitializedRead) -> bool:
    """Tell whether the patch brings the read, or whether a switch is what has to have no case for it."""
    stay = set(change.moved.values())
    return read.line not in stay or read.skipped_switch
