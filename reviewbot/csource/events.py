# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens at a node of a control-flow graph, in order of evaluation: reads, writes, addresses taken, calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, path_of, strip
from reviewbot.csource.cfg import Cfg, CfgNode
from reviewbot.csource.eventkinds import AddressOf, CallEvent, Declared, Event, Read, Write
from reviewbot.csource.functions import call_name
from reviewbot.csource.macroeffects import (
    EVALUATES_SOME,
    NO_VALUE,
    READS_AND_WRITES,
    SAVES_FLAGS,
    SCALAR,
    SIZE_ONLY,
    UNEVALUATED,
    WRITES_ARGUMENT,
)
from reviewbot.csource.memo import kept

__all__ = [
    "AccessPath",
    "AddressOf",
    "CallEvent",
    "Declared",
    "Event",
    "Read",
    "Write",
    "events",
    "events_of",
    "path_of",
    "strip",
]

_WORD = re.compile(r"[A-Za-z_]\w*")


def _place(expr: c.Expr, maybe: bool) -> Iterator[Event]:
    """Yield what it takes to find the place that `expr` names."""
    expr = strip(expr)
    if isinstance(expr, c.Name):
        return
    if isinstance(expr, c.Member):
        yield from _value(expr.base, maybe) if expr.arrow else _place(expr.base, maybe)
    elif isinstance(expr, c.Index):
        yield from _place(expr.base, maybe)
        base = path_of(expr.base)
        if base is not None:
            yield Read(expr.line, base, indexed=True, maybe=maybe)
        yield from _value(expr.index, maybe)
    elif isinstance(expr, c.Unary) and expr.op == "*":
        yield from _value(expr.operand, maybe)
    else:
        yield from _value(expr, maybe)


def _value(expr: c.Expr, maybe: bool = False) -> Iterator[Event]:
    """Yield what it takes to compute the value of `expr`."""
    if isinstance(expr, (c.Name, c.Member, c.Index)) or (isinstance(expr, c.Unary) and expr.op == "*"):
        yield from _place(expr, maybe)
        path = path_of(expr)
        if path is not None:
            yield Read(expr.line, path, maybe=maybe)
    elif isinstance(expr, c.Unary):
        if expr.op == "&":
            yield from _address(expr, None, -1, maybe)
        else:
            yield from _value(expr.operand, maybe)
    elif isinstance(expr, c.Call):
        yield from _call(expr, maybe)
    elif isinstance(expr, c.Assign):
        yield from _assign(expr, maybe)
    elif isinstance(expr, c.Update):
        yield from _place(expr.operand, maybe)
        path = path_of(expr.operand)
        if path is not None:
            yield Read(expr.line, path, maybe=maybe)
            yield Write(expr.line, path, None, expr.op, maybe=maybe)
    elif isinstance(expr, c.Binary):
        yield from _value(expr.left, maybe)
        yield from _value(expr.right, maybe or expr.op in ("&&", "||"))
    elif isinstance(expr, c.Conditional):
        yield from _value(expr.cond, maybe)
        for branch in (expr.then, expr.otherwise):
            if branch is not None:
                yield from _value(branch, True)
    elif isinstance(expr, c.Comma):
        for part in expr.parts:
            yield from _value(part, maybe)
    elif isinstance(expr, c.InitList):
        for item in expr.items:
            yield from _value(item.value, maybe)
    elif isinstance(expr, c.Cast):
        yield from _value(expr.operand, maybe)
    elif isinstance(expr, c.CompoundLiteral):
        yield from _value(expr.init, maybe)
    elif isinstance(expr, c.OpaqueExpr):
        yield from _opaque(expr.text, expr.line)


def _opaque(text: str, line: int) -> Iterator[Event]:
    for word in dict.fromkeys(_WORD.findall(text)):
        yield AddressOf(line, AccessPath(word), maybe=True)


def _address(expr: c.Unary, call: str | None, position: int, maybe: bool) -> Iterator[Event]:
    yield from _place(expr.operand, maybe)
    path = path_of(expr.operand)
    if path is not None:
        yield AddressOf(expr.line, path, call, position, maybe=maybe)


def _assign(expr: c.Assign, maybe: bool) -> Iterator[Event]:
    yield from _value(expr.value, maybe)
    yield from _place(expr.target, maybe)
    path = path_of(expr.target)
    if path is None:
        return
    if expr.op != "=":
        yield Read(expr.line, path, maybe=maybe)
    yield Write(expr.line, path, expr.value, expr.op, maybe=maybe)


def _written_arguments(name: str | None, count: int) -> tuple[int, ...]:
    if name is None:
        return ()
    if SAVES_FLAGS.match(name) and count:
        return (count - 1,)
    return WRITES_ARGUMENT.get(name, ())


def _call(expr: c.Call, maybe: bool) -> Iterator[Event]:
    name = call_name(expr)
    if name in UNEVALUATED or SIZE_ONLY.match(name or ""):
        return
    if name is None:
        yield from _value(expr.function, maybe)
    written = _written_arguments(name, len(expr.args))
    both = READS_AND_WRITES.get(name or "", ())
    some = EVALUATES_SOME.get(name or "")
    typed = False
    for position, arg in enumerate(expr.args):
        plain = strip(arg)
        if (some is not None and position not in some) or (typed and isinstance(plain, c.Name)):
            continue
        # what follows the type in `container_of(p, struct foo, member)` is the name of a field
        typed = typed or (position > 0 and isinstance(arg, c.TypeArg))
        if isinstance(plain, c.Unary) and plain.op == "&":
            yield from _address(plain, name, position, maybe)
        elif position in written:
            yield from _place(plain, maybe)
        else:
            yield from _value(arg, maybe)
    callbacks = tuple(arg.name for arg in map(strip, expr.args) if isinstance(arg, c.Name))
    yield CallEvent(expr.line, name, expr.args, expr, callbacks, maybe=maybe)
    for position in (*written, *both):
        path = path_of(expr.args[position]) if position < len(expr.args) else None
        if path is not None:
            yield Write(expr.line, path, None, "macro", maybe=maybe)


def _declaration(stmt: c.Declare) -> Iterator[Event]:
    for variable in stmt.variables:
        for size in variable.type.dims:
            if size is not None and variable.macro is None:
                yield from _value(size)
        path = AccessPath(variable.name)
        if variable.init is not None:
            yield from _value(variable.init)
            yield Write(variable.line, path, variable.init, "declare")
        elif variable.macro is not None and variable.macro not in NO_VALUE:
            yield Write(variable.line, path, None, "declare")
        elif "static" in variable.storage:
            yield Write(variable.line, path, c.Number("0", 0, line=variable.line), "declare")
        elif "extern" not in variable.storage:
            yield Declared(variable.line, path)


def _for_each(stmt: c.ForEach) -> Iterator[Event]:
    """An iterator may assign any variable that it is given by name; the first one it surely does not read first."""
    for position, arg in enumerate(stmt.args):
        if position > 0 or not isinstance(arg, c.Name):
            names_only = isinstance(arg, c.Name)
            for event in _value(arg):
                if not (names_only and isinstance(event, Read)):
                    yield event
    for arg in stmt.args:
        path = path_of(arg)
        if path is not None and not path.root.endswith("()"):
            yield Write(stmt.line, path, None, "foreach")


def _at(node: CfgNode) -> Iterator[Event]:
    stmt = node.stmt
    if node.kind == "declaration" and isinstance(stmt, c.Declare):
        yield from _declaration(stmt)
    elif node.kind == "foreach" and isinstance(stmt, c.ForEach):
        yield from _for_each(stmt)
    elif node.kind == "guard" and isinstance(stmt, (c.Guard, c.ScopedGuard)):
        for arg in stmt.args:
            yield from _value(arg)
    elif node.kind == "unguard" and isinstance(stmt, c.Declare):
        for variable in stmt.variables:
            if variable.cleanup:
                yield Read(node.line, AccessPath(variable.name))
    elif node.kind == "asm" and isinstance(stmt, c.Asm):
        for expr in stmt.inputs:
            yield from _value(expr)
        for expr in stmt.outputs:
            yield from _place(expr, False)
            path = path_of(expr)
            if path is not None:
                yield Write(node.line, path, None, "asm")
    elif node.kind == "unparsed" and isinstance(stmt, c.Unparsed):
        yield from _opaque(stmt.text, node.line)
    elif node.expr is not None:
        yield from _value(node.expr)


def _macro_targets(cfg: Cfg) -> frozenset[str]:
    """Return the local structures: only a macro that fills it is handed one by name before it has a value."""

    def filled(kind: c.CType) -> bool:
        if kind.pointers or kind.dims:
            return False
        return kind.struct is not None or (kind.base.endswith("_t") and not SCALAR.match(kind.base))

    return frozenset(v.name for v in cfg.function.locals if filled(v.type))


def _with_macro_writes(found: tuple[Event, ...], cfg: Cfg, structures: frozenset[str]) -> tuple[Event, ...]:
    """Let macros assign to the variables that they are given by name, where they are known to be or must be macros.

    A macro of the same file may also assign to any variable that its body mentions.
    """
    out = list(found)
    bodies = cfg.function.file_macros
    own = {v.name for v in cfg.function.locals}
    for event in found:
        name = event.name if isinstance(event, CallEvent) else None
        if isinstance(event, Read) and not event.path.steps and event.path.root in bodies:
            name = event.path.root
        for word in sorted(bodies.get(name or "", frozenset()) & own):
            out.insert(out.index(event) + 1, Write(event.line, AccessPath(word), None, "macro", maybe=True))
        for arg in map(strip, event.args) if isinstance(event, CallEvent) else ():
            if not isinstance(arg, c.Name) or not (name in bodies or arg.name in structures):
                continue
            read = Read(event.line, AccessPath(arg.name), maybe=event.maybe)
            if read in out:
                out.remove(read)
                out.insert(out.index(event) + 1, Write(event.line, read.path, None, "macro", maybe=True))
    return tuple(out)


@dataclass(slots=True)
class _Known:
    structures: frozenset[str]
    events: dict[int, tuple[Event, ...]] = field(default_factory=dict)


def events(cfg: Cfg, node: int) -> tuple[Event, ...]:
    """Return what happens at a node, in order of evaluation."""
    known = _known_of(cfg)
    found = known.events.get(node)
    if found is None:
        found = tuple(_at(cfg.nodes[node]))
        if cfg.function.file_macros or any(isinstance(event, CallEvent) for event in found):
            found = _with_macro_writes(found, cfg, known.structures)
        known.events[node] = found
    return found


@kept
def _known_of(cfg: Cfg) -> _Known:
    return _Known(_macro_targets(cfg))


def events_of(expr: c.Expr) -> tuple[Event, ...]:
    """Return what happens when `expr` is evaluated."""
    return tuple(_value(expr))
