# SPDX-License-Identifier: GPL-2.0-or-later
"""Conditions that let an index be as large as the array is long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.rule import Code
from reviewbot.checks.texts import naming
from reviewbot.checks.untested import tops
from reviewbot.csource import syntax as c
from reviewbot.csource.access import path_of, strip
from reviewbot.csource.api import kernel_api
from reviewbot.csource.cfg import CfgNode
from reviewbot.csource.constants import evaluate
from reviewbot.csource.events import AddressOf, Write, events
from reviewbot.csource.exprtypes import type_of
from reviewbot.csource.functions import call_name, own_expressions, walk, walk_statements
from reviewbot.csource.spell import spell

# so many others have to stop before the size
_ENOUGH = 1
_BEYOND = {"<=": "true", ">": "false"}
_WITHIN = {"<": "true", ">=": "false"}


@dataclass(frozen=True, slots=True)
class Overrun:
    """The condition at `line` lets `index` be `size`, and `array` (which has `size` elements) is indexed at `used`."""

    line: int
    asked: str
    index: str
    array: str
    size: str
    used: int


@dataclass(frozen=True, slots=True)
class _Access:
    node: CfgNode
    expr: c.Index


def overruns(code: Code) -> Iterator[Overrun]:
    """Yield the conditions that are off by one for an array that is indexed under them."""
    cfg = code.cfg
    conditions = [n for n in cfg.nodes if n.kind == "condition" and _bound(n, _BEYOND) is not None]
    if not conditions:
        return
    accesses = list(_accesses(code))
    for node in conditions:
        bound = _bound(node, _BEYOND)
        if bound is not None and _walks_past(code, node, bound):
            array = spell(strip(bound[1].args[0])) if isinstance(bound[1], c.Call) else ""
            asked = spell(node.expr) if node.expr is not None else ""
            yield Overrun(node.line, asked, spell(bound[0]), array, spell(bound[1]), node.line)
            continue
        for access in accesses if bound is not None else ():
            index, size, label = bound or (None, None, "")
            if index is None or size is None or strip(access.expr.index) != index:
                continue
            if _guards(code, node, label, access.node, index) and _is_size(code, size, access.expr.base, index):
                asked = spell(node.expr) if node.expr is not None else ""
                array = spell(access.expr.base)
                yield Overrun(node.line, asked, spell(index), array, spell(size), access.node.line)
                break


def _bound(node: CfgNode, ops: dict[str, str]) -> tuple[c.Expr, c.Expr, str] | None:
    """Return the index, the size it is compared with, and the outcome on which the index may be used."""
    expr = node.expr
    if isinstance(expr, c.Binary) and expr.op in ops:
        index, size = strip(expr.left), strip(expr.right)
        if isinstance(index, (c.Name, c.Member)) and not isinstance(size, c.Char):
            return index, size, ops[expr.op]
    return None


def _walks_past(code: Code, node: CfgNode, bound: tuple[c.Expr, c.Expr, str]) -> bool:
    """Tell whether a `for` goes on up to ARRAY_SIZE(a) itself, and what it does is about an element of `a`."""
    index, size, label = bound
    heads = [s for s in code.function.statements if isinstance(s, c.For) and s.cond is not None and s.line == node.line]
    if label != "true" or not heads or not isinstance(size, c.Call) or call_name(size) != "ARRAY_SIZE" or not size.args:
        return False
    array = strip(size.args[0])
    tops_inside = (top for stmt in walk_statements(heads[0].body) for top in own_expressions(stmt))
    used = (part for top in tops_inside for part in walk(top) if isinstance(part, c.Index))
    return any(strip(part.base) == array and strip(part.index) == index for part in used)


def _accesses(code: Code) -> Iterator[_Access]:
    for node in code.cfg.nodes:
        for top in tops(node):
            aside = {id(part.operand) for part in walk(top) if isinstance(part, c.Unary) and part.op == "&"}
            for part in walk(top):
                if isinstance(part, c.Index) and id(part) not in aside:
                    yield _Access(node, part)


def _guards(code: Code, condition: CfgNode, label: str, access: CfgNode, index: c.Expr) -> bool:
    """Tell whether the access comes only after the condition lets it, with the same index and no other limit."""
    cfg = code.cfg
    path = path_of(index)
    inside = next((e.target for e in cfg.successors(condition.id) if e.label == label), None)
    if inside is None or path is None or not cfg.dominates(inside, access.id):
        return False
    if len(cfg.predecessors(inside)) != 1 and inside != access.id:
        return False
    for node in cfg.nodes:
        between = node.id == inside or (cfg.dominates(inside, node.id) and cfg.reaches(node.id, access.id, [inside]))
        if not between or node.id == access.id:
            continue
        if any(isinstance(e, (Write, AddressOf)) and path.within(e.path) for e in events(cfg, node.id)):
            return False
        if node.kind == "condition" and any(part == index for top in tops(node) for part in walk(top)):
            return False
    return True


def _is_size(code: Code, size: c.Expr, array: c.Expr, index: c.Expr) -> bool:
    """Tell whether `array` has just `size` elements."""
    if isinstance(size, c.Call) and call_name(size) == "ARRAY_SIZE":
        return bool(size.args) and strip(size.args[0]) == strip(array)
    kind = type_of(code.function, code.unit, array)
    if kind is not None and kind.dims:
        declared = kind.dims[0]
        if declared is None:
            return False
        if strip(declared) == size:
            return True
        numbers = [evaluate(one, code.unit.constants) for one in (declared, size)]
        return numbers[0] is not None and numbers[0] == numbers[1] and numbers[0] > 1
    if _allocated_with(code, size, array):
        return True
    alike = _others_stop_before(code, size, array) or _counts(code, size, index)
    return alike and not _goes_to_the_size(code, size, array)


def _goes_to_the_size(code: Code, size: c.Expr, array: c.Expr) -> bool:
    """Tell whether the file uses an element of such an array at the size itself, or one past an index (`a[i + 1]`)."""
    bound, place = path_of(size), path_of(array)
    if bound is None or place is None:
        return False
    for function in naming(code.unit, place.last_field or place.root):
        for expr in function.expressions:
            there = path_of(expr.base) if isinstance(expr, c.Index) else None
            if not isinstance(expr, c.Index) or there is None or there.last_field != place.last_field:
                continue
            at = strip(expr.index)
            past = isinstance(at, c.Binary) and at.op == "+" and at.right == c.Number("1", 1)
            if past or (path_of(at) is not None and (path_of(at) == bound)):
                return True
    return False


_COUNT = re.compile(r"(?:\w*_)?(?:count|cnt|num|nr|n|len|size|entries|pages)(?:_\w+)?|n[a-z]+s|num[a-z_]+")


def _counts(code: Code, size: c.Expr, index: c.Expr) -> bool:
    """Tell whether the size is a count by its name, and the index goes up to it from zero in a `for`."""
    place = path_of(size)
    name = (place.last_field or place.root) if place is not None else ""
    if not _COUNT.fullmatch(name) or _ways_to_the_size(code, name) > 1:
        return False
    for stmt in code.function.statements:
        if isinstance(stmt, c.For) and isinstance(stmt.cond, c.Binary) and strip(stmt.cond.right) == size:
            init = stmt.init.expr if isinstance(stmt.init, c.ExprStmt) else None
            if isinstance(init, c.Assign) and init.target == index and init.value == c.Number("0", 0):
                return True
    return False


def _ways_to_the_size(code: Code, name: str) -> int:
    """Return how many loops of the file go up to a size by this name, it included: then there is one more element."""
    found = 0
    for function in naming(code.unit, name):
        for stmt in function.statements:
            if isinstance(stmt, c.For) and isinstance(stmt.cond, c.Binary) and stmt.cond.op == "<=":
                place = path_of(strip(stmt.cond.right))
                found += place is not None and (place.last_field or place.root) == name
    return found


def _allocated_with(code: Code, size: c.Expr, array: c.Expr) -> bool:
    """Tell whether the function itself allocates the array with this number of elements."""
    for node in code.cfg.nodes:
        for event in events(code.cfg, node.id):
            made = strip(event.value) if isinstance(event, Write) and event.value is not None else None
            if isinstance(event, Write) and event.path == path_of(array) and isinstance(made, c.Call):
                counted = call_name(made) in ("kcalloc", "kmalloc_array", "kvcalloc", "kvmalloc_array")
                if counted and call_name(made) in kernel_api().allocated and strip(made.args[0]) == size:
                    return True
    return False


def _others_stop_before(code: Code, size: c.Expr, array: c.Expr) -> bool:
    """Tell whether all others in the file that index such an array stop before the size."""
    bound, place = path_of(size), path_of(array)
    constant = isinstance(size, c.Name) and size.name.isupper()
    if bound is None or place is None or (bound.last_field is None and not constant):
        return False
    right = wrong = 0
    for function in naming(code.unit, bound.last_field or bound.root):
        other = code.file.code(function)
        for node in other.cfg.nodes:
            for ops in (_BEYOND, _WITHIN):
                found = _bound(node, ops) if node.kind == "condition" else None
                there = path_of(found[1]) if found is not None else None
                same = there == bound if constant else there is not None and there.last_field == bound.last_field
                if found is None or not same:
                    continue
                indexed = [path_of(a.expr.base) for a in _accesses(other) if strip(a.expr.index) == found[0]]
                if any(p is not None and p.last_field == place.last_field for p in indexed):
                    right, wrong = (right + 1, wrong) if ops is _WITHIN else (right, wrong + 1)
    return right >= _ENOUGH and wrong == 1
