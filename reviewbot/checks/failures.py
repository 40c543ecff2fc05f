# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways on which something has failed and the function nevertheless returns zero."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewbot.checks.pointers import asked, replaces
from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, strip
from reviewbot.csource.api import kernel_api
from reviewbot.csource.cfg import CfgNode, Edge, known
from reviewbot.csource.events import Write, events
from reviewbot.csource.facts import Facts, value
from reviewbot.csource.functions import call_name, walk
from reviewbot.csource.paths import follow


@dataclass(frozen=True, slots=True)
class Failure:
    """A test at `line` that finds that `maker` failed to make `place`, after which `result` is returned with zero."""

    line: int
    place: str
    maker: str
    result: str
    returned: int


@dataclass(frozen=True, slots=True)
class _Test:
    node: int
    label: str
    path: AccessPath
    maker: str


def unreported_failures(code: Code) -> Iterator[Failure]:
    """Yield the failures that the function's own error variable does not tell."""
    results = _error_variables(code)
    if code.function.fragment or code.function.returns.pointers or code.function.returns.base in ("void", "bool"):
        return
    for test in _tests(code) if results else ():
        way = _Failed(code, test)
        outcome = follow(code.cfg, way, code.introduced, known, trusting=True)
        for node in code.cfg.nodes:
            returned = strip(node.expr) if node.kind == "return" and node.expr is not None else None
            if not isinstance(returned, c.Name) or returned.name not in results:
                continue
            facts = outcome.at.get(node.id, {}).get(True)
            found = value(facts, returned) if facts is not None else None
            if found is not None and found.zero:
                line = code.cfg.nodes[test.node].line
                yield Failure(line, str(test.path), test.maker, returned.name, node.line)
                break


def _error_variables(code: Code) -> frozenset[str]:
    """Return the local variables that get a negative error somewhere in the function."""
    own = {v.name for v in code.function.locals if not v.type.pointers}
    return frozenset(
        e.target.name
        for e in code.function.expressions
        if isinstance(e, c.Assign)
        and isinstance(e.target, c.Name)
        and e.target.name in own
        and isinstance(strip(e.value), c.Unary)
        and any(isinstance(part, c.Name) and part.name.startswith("E") for part in walk(e.value))
    )


def _tests(code: Code) -> Iterator[_Test]:
    """Yield the tests for a failure whose branch leaves by a goto."""
    api = kernel_api()
    makers = _makers(code)
    for node in code.cfg.nodes:
        question = asked(node.expr) if node.kind == "condition" and node.expr is not None else None
        if question is None or len(made := makers.get(question.path, set())) != 1 or not _leaves(code, node):
            continue
        (maker,) = made
        null = question.about == "null" and maker in api.allocated
        if null or (question.about == "error" and maker in api.error_pointer):
            yield _Test(node.id, question.when, question.path, maker)


def _makers(code: Code) -> dict[AccessPath, set[str]]:
    found: dict[AccessPath, set[str]] = {}
    for node in code.cfg.nodes:
        for event in events(code.cfg, node.id):
            if isinstance(event, Write):
                made = strip(event.value) if event.value is not None else None
                if made != c.Name("NULL"):
                    found.setdefault(event.path, set()).add(call_name(made) or "" if made is not None else "")
    return found


def _leaves(code: Code, node: CfgNode) -> bool:
    """Tell whether the condition is that of an `if` whose branch is nothing but a goto (and perhaps a message)."""
    for stmt in code.function.statements:
        if isinstance(stmt, c.If) and any(part is node.expr for part in walk(stmt.cond)):
            body = stmt.then.body if isinstance(stmt.then, c.Block) else (stmt.then,)
            return bool(body) and isinstance(body[-1], c.Goto) and all(isinstance(one, c.ExprStmt) for one in body[:-1])
    return False


class _Failed:
    """True once the test has found the failure."""

    def __init__(self, code: Code, test: _Test) -> None:
        self.code = code
        self.test = test

    def start(self) -> bool:
        return False

    def step(self, node: CfgNode, state: bool, facts: Facts) -> Iterable[bool]:
        again = any(
            replaces(event, self.test.path) and isinstance(event, Write) for event in events(self.code.cfg, node.id)
        )
        return (state and not (again and node.id != self.test.node and not _clears(self.code, node)),)

    def along(self, edge: Edge, state: bool, facts: Facts) -> bool | None:
        if edge.source == self.test.node:
            return edge.label == self.test.label
        return state and not edge.back


def _clears(code: Code, node: CfgNode) -> bool:
    return isinstance(node.expr, c.Assign) and strip(node.expr.value) == c.Name("NULL")
