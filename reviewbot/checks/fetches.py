# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads of user memory: the same one twice, and numbers from there that nothing bounds.

(Wang, Krinke, Lu, Li, Dodier-Lazaro: "How Double-Fetch Situations Turn into Double-Fetch Vulnerabilities", USENIX
Security 2017.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.pointers import writes_of
from reviewbot.checks.rule import Code
from reviewbot.checks.untested import tops
from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, path_of, strip
from reviewbot.csource.api import kernel_api
from reviewbot.csource.cfg import known
from reviewbot.csource.events import CallEvent, events
from reviewbot.csource.functions import call_name, children, walk
from reviewbot.csource.spell import spell

# position of the user pointer, and of where its value goes
_READS = {"copy_from_user": (1, 0), "__copy_from_user": (1, 0), "get_user": (1, 0), "__get_user": (1, 0)}
# what goes back to user space, or into a log, decides nothing
_SHOWS = re.compile(r"(?:__)?(?:copy_to|put)_user|pr_\w+|\w*(?:print|dbg|debug|trace)\w*")


@dataclass(frozen=True, slots=True)
class Fetch:
    """`source` is read at `first` and again at `line`."""

    source: str
    first: int
    line: int


@dataclass(frozen=True, slots=True)
class _Read:
    node: int
    line: int
    source: c.Expr
    pointer: AccessPath
    field: str | None
    target: AccessPath | None
    size: c.Expr | None


def double_fetches(code: Code) -> Iterator[Fetch]:
    """Yield the second read of memory that was read and looked at before."""
    reads = list(_reads(code))
    told = set()
    for first in reads:
        for second in reads:
            if first.node == second.node or second.node in told or not _same_memory(first, second):
                continue
            if not code.cfg.dominates(first.node, second.node) or not _decides(code, first, second):
                continue
            if _taken_over(code, first, second):
                continue
            told.add(second.node)
            yield Fetch(spell(first.source), first.line, second.line)


def _reads(code: Code) -> Iterator[_Read]:
    # a parameter is given from the start, a local variable by one assignment
    own = {v.name: 1 for v in code.function.locals if v.type.pointers}
    own |= {v.name: 0 for v in code.function.params if v.type.pointers}
    written = writes_of(code)
    for node in code.cfg.nodes:
        for event in events(code.cfg, node.id):
            if not isinstance(event, CallEvent) or event.name not in _READS or len(event.args) < 2:
                continue
            source = strip(event.args[1])
            inner = strip(source.operand) if isinstance(source, c.Unary) and source.op == "&" else None
            field = inner.field if isinstance(inner, c.Member) and inner.arrow else None
            pointer = path_of(inner.base if isinstance(inner, c.Member) and field else source)
            if (
                pointer is None
                or pointer.steps
                or pointer.root not in own
                or len(written.get(pointer.root, ())) > own[pointer.root]
            ):
                continue
            if inner is not None and field is None:
                continue
            target = strip(event.args[0])
            place = path_of(target.operand if isinstance(target, c.Unary) and target.op == "&" else target)
            size = event.args[2] if len(event.args) > 2 else None
            yield _Read(node.id, event.line, source, pointer, field, place, size)


def _same_memory(first: _Read, second: _Read) -> bool:
    if first.pointer != second.pointer:
        return False
    return first.source == second.source or (first.field is not None and second.field is None)


def _decides(code: Code, first: _Read, second: _Read) -> bool:
    """Tell whether the value of the first read decides over whether or how the second is made."""
    if first.target is None or code.cfg.path(first.node, second.node, follow=known) is None:
        return False
    for node in code.cfg.nodes:
        between = code.cfg.dominates(first.node, node.id) and code.cfg.dominates(node.id, second.node)
        if not between or node.id in (first.node, second.node) or node.kind not in ("condition", "expression"):
            continue
        for top in tops(node):
            for bound in walk(top):
                limits = isinstance(bound, c.Binary) and bound.op in ("<", "<=", ">", ">=")
                called = call_name(bound) or ""
                sizes = isinstance(bound, c.Call) and not _SHOWS.fullmatch(called) and node.kind == "expression"
                parts = [*walk(bound)] if limits else []
                if sizes:
                    # what is handed over by its address is filled in
                    given = (arg for arg in map(strip, children(bound)) if getattr(arg, "op", "") != "&")
                    parts = [part for arg in given for part in walk(arg)]
                if any(_is_of(part, first.target) for part in parts):
                    return True
    return False


def _is_of(expr: c.Expr, place: AccessPath) -> bool:
    path = path_of(expr)
    return path is not None and path.within(place)


def _taken_over(code: Code, first: _Read, second: _Read) -> bool:
    """Tell whether the second copy is compared or completed with the first afterwards."""
    if first.target is None or second.target is None:
        return False
    for node in code.cfg.nodes:
        if node.id == second.node or not code.cfg.reaches(second.node, node.id):
            continue
        for top in tops(node):
            for part in walk(top):
                if isinstance(part, c.Assign):
                    place = path_of(part.target)
                    if place is not None and place != second.target and place.within(second.target):
                        return True  # what was read again is put right
                if isinstance(part, (c.Assign, c.Binary)):
                    sides = (part.target, part.value) if isinstance(part, c.Assign) else (part.left, part.right)
                    roots = {p.root for side in sides if (p := path_of(side)) is not None}
                    if roots == {first.target.root, second.target.root} and len(roots) == 2:
                        return True
    return False


@dataclass(frozen=True, slots=True)
class Size:
    """`product`, at `line`, is the size of an allocation, by `number` that comes from user space at `read`."""

    line: int
    product: str
    number: str
    read: int


def unbounded_sizes(code: Code) -> Iterator[Size]:
    """Yield the products with a number from user space that no condition has looked at."""
    allocated = kernel_api().allocated
    targets = [(read.target, read.node, read.line) for read in _targets(code)]
    if code.function.macro is not None and "SYSCALL" in code.function.macro:
        entry = code.cfg.entry
        targets += [(AccessPath(v.name), entry, code.function.start_line) for v in code.function.params]
    for node in code.cfg.nodes if targets else ():
        for event in events(code.cfg, node.id):
            if isinstance(event, CallEvent) and event.name in allocated:
                parts = [part for arg in event.args for part in _plain(arg)]
                for product in (p for p in parts if isinstance(p, c.Binary) and p.op == "*"):
                    yield from _unbounded(code, node.id, event.line, product, targets)


def _plain(expr: c.Expr) -> Iterator[c.Expr]:
    """Yield the parts of an expression outside of calls: array_size() and min() do not wrap."""
    yield expr
    if not isinstance(expr, (c.Call, c.SizeOf)):
        for part in children(expr):
            yield from _plain(part)


def _targets(code: Code) -> Iterator[_Target]:
    for node in code.cfg.nodes:
        for event in events(code.cfg, node.id):
            if isinstance(event, CallEvent) and event.name in _READS and event.args:
                target = strip(event.args[0])
                place = path_of(target.operand if isinstance(target, c.Unary) and target.op == "&" else target)
                if place is not None:
                    yield _Target(place, node.id, event.line)


@dataclass(frozen=True, slots=True)
class _Target:
    target: AccessPath
    node: int
    line: int


def _unbounded(
    code: Code, node: int, line: int, product: c.Binary, targets: list[tuple[AccessPath, int, int]]
) -> Iterator[Size]:
    for side, other in ((product.left, product.right), (product.right, product.left)):
        number = path_of(side)
        if number is None or not any(isinstance(part, c.SizeOf) for part in walk(other)):
            continue
        for target, read, where in targets:
            if number.within(target) and code.cfg.dominates(read, node) and not _looked_at(code, number, read, node):
                yield Size(line, spell(product), str(number), where)
                return


def _looked_at(code: Code, number: AccessPath, read: int, use: int) -> bool:
    """Tell whether anything asks for a number, changes it or hands it on between its read and its use."""
    for node in code.cfg.nodes:
        if node.id in (read, use) or not code.cfg.reaches(node.id, use) or not code.cfg.reaches(read, node.id):
            continue
        for top in tops(node):
            if any((p := path_of(part)) is not None and number.within(p) for part in walk(top)):
                return True
    return False
