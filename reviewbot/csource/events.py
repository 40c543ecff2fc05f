# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens at a node of a control-flow graph, in order of evaluation: reads, writes, addresses taken, calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from reviewbot.csource import syntax as c
from reviewbot.csource.cfg import Cfg, CfgNode
from reviewbot.csource.functions import call_name
from reviewbot.csource.kernelmacros import words

_CONSTANT_NAMES = words("true false NULL")
# macros that evaluate nothing
_UNEVALUATED = words(
    "sizeof_field offsetof typeof BUILD_BUG_ON BUILD_BUG_ON_MSG ARRAY_SIZE __alignof__ _Alignof alignof"
)
# macros that write the variables whose names they are given: positions from 0, or -1 for the last argument
_WRITES_ARGUMENT: dict[str, tuple[int, ...]] = {
    "get_user": (0,),
    "__get_user": (0,),
    "unsafe_get_user": (0,),
    "va_start": (0,),
    "va_copy": (0,),
    "local_irq_save": (0,),
    "local_save_flags": (0,),
    "raw_local_irq_save": (0,),
    "raw_local_save_flags": (0,),
    "hard_local_irq_save": (0,),
    "rdmsrl": (1,),
    "rdmsr": (1, 2),
    "cpuid": (1, 2, 3, 4),
}
_READS_AND_WRITES: dict[str, tuple[int, ...]] = {"swap": (0, 1), "do_div": (0,)}
_SAVES_FLAGS = re.compile(r"\w*(?:_irqsave|_irqsave_nested|_irqsave_flags)$")
_WORD = re.compile(r"[A-Za-z_]\w*")
# macros that evaluate only the arguments at these positions
_EVALUATES_SOME: dict[str, tuple[int, ...]] = {"struct_size": (2,), "flex_array_size": (2,), "struct_size_t": (2,)}
# scalar types among those whose name ends in _t; a variable of another one is a structure
_SCALAR = re.compile(
    r"(?:u?int\d*|size|ssize|loff|off|pid|uid|gid|gfp|fmode|umode|dev|ino|sector|pgoff|dma_addr|phys_addr|resource_size"
    r"|time64|ktime|cycles|blkcnt|blk_status|blk_opf|vm_fault|pgprot|irqreturn|netdev_tx|key_serial|bool|uintptr"
    r"|intptr|ptrdiff|nlink|mode|clockid|timer|sigset|__kernel_\w+|\w*block|\w*fsblock|\w*ino|\w*off|\w*len)_t$"
)
# declaring macros that leave what they declare without a value
_NO_VALUE = words("DECLARE_BITMAP DECLARE_KFIFO DECLARE_KFIFO_PTR DECLARE_FLEX_ARRAY DECLARE_HASHTABLE")


@dataclass(frozen=True, slots=True)
class AccessPath:
    """A place in memory as the code names it: `mem->oom_count` is root "mem" with steps ("->oom_count",).

    Other steps are ".field", "*" and "[]". The root is a variable, or `f()` for what a call returns.
    """

    root: str
    steps: tuple[str, ...] = ()

    def __str__(self) -> str:
        out = self.root
        for step in self.steps:
            out = f"(*{out})" if step == "*" else out + step
        return out[1:-1] if self.steps and self.steps[-1] == "*" else out

    @property
    def is_variable(self) -> bool:
        """Tell whether this is a whole variable."""
        return not self.steps

    @property
    def last_field(self) -> str | None:
        """The field that it ends in."""
        return self.steps[-1].lstrip("->.") if self.steps and self.steps[-1][-1] not in "*]" else None

    def within(self, other: AccessPath) -> bool:
        """Tell whether this is `other` or a part of it."""
        return self.root == other.root and self.steps[: len(other.steps)] == other.steps


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens; `maybe` when it depends on `&&`, `||` or `?:` inside of its expression."""

    line: int = field(compare=False)
    maybe: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Read(Event):
    """The value at `path` is used."""

    path: AccessPath


@dataclass(frozen=True, slots=True)
class Write(Event):
    """The place `path` gets a value: `value` where it is one, None where it comes from elsewhere.

    `op` is the operator (`=`, `+=`, `++` …), "declare" for an initializer, "foreach" for an iterator, "macro" for a
    macro that assigns to the variable it is given, "asm" for an output.
    """

    path: AccessPath
    value: c.Expr | None
    op: str


@dataclass(frozen=True, slots=True)
class Declared(Event):
    """A local variable begins to exist, without a value."""

    path: AccessPath


@dataclass(frozen=True, slots=True)
class AddressOf(Event):
    """The address of `path` is taken; `call` and `position` tell to which call it is handed, if directly to one."""

    path: AccessPath
    call: str | None = None
    position: int = -1


@dataclass(frozen=True, slots=True)
class CallEvent(Event):
    """A call; `name` is None for one through a pointer. `callbacks` are the names handed over as they are."""

    name: str | None
    args: tuple[c.Expr, ...]
    expr: c.Call
    callbacks: tuple[str, ...] = ()


def strip(expr: c.Expr) -> c.Expr:
    """Take casts off."""
    while isinstance(expr, c.Cast):
        expr = expr.operand
    return expr


def path_of(expr: c.Expr) -> AccessPath | None:
    """Return the place that an expression names, None where it names none."""
    expr = strip(expr)
    if isinstance(expr, c.Name):
        return None if expr.name in _CONSTANT_NAMES else AccessPath(expr.name)
    if isinstance(expr, c.Call):
        name = call_name(expr)
        return AccessPath(f"{name}()") if name else None
    if isinstance(expr, c.Unary) and expr.op == "*":
        inner = strip(expr.operand)
        if isinstance(inner, c.Unary) and inner.op == "&":
            return path_of(inner.operand)
        base = path_of(inner)
        return AccessPath(base.root, (*base.steps, "*")) if base else None
    if isinstance(expr, c.Index):
        base = path_of(expr.base)
        return AccessPath(base.root, (*base.steps, "[]")) if base else None
    if isinstance(expr, c.Member):
        inner = strip(expr.base)
        if expr.arrow and isinstance(inner, c.Unary) and inner.op == "&":
            base = path_of(inner.operand)
            return AccessPath(base.root, (*base.steps, f".{expr.field}")) if base else None
        base = path_of(inner)
        if base is None:
            return None
        if not expr.arrow and base.steps and base.steps[-1] == "*":
            return AccessPath(base.root, (*base.steps[:-1], f"->{expr.field}"))
        return AccessPath(base.root, (*base.steps, f"{'->' if expr.arrow else '.'}{expr.field}"))
    return None


def _place(expr: c.Expr, maybe: bool) -> Iterator[Event]:
    """Yield what it takes to find the place that `expr` names."""
    expr = strip(expr)
    if isinstance(expr, c.Name):
        return
    if isinstance(expr, c.Member):
        yield from _value(expr.base, maybe) if expr.arrow else _place(expr.base, maybe)
    elif isinstance(expr, c.Index):
        yield from _value(expr.base, maybe)
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
    if _SAVES_FLAGS.match(name) and count > 1:
        return (1,)
    return _WRITES_ARGUMENT.get(name, ())


def _call(expr: c.Call, maybe: bool) -> Iterator[Event]:
    name = call_name(expr)
    if name in _UNEVALUATED:
        return
    if name is None:
        yield from _value(expr.function, maybe)
    written = _written_arguments(name, len(expr.args))
    both = _READS_AND_WRITES.get(name or "", ())
    some = _EVALUATES_SOME.get(name or "")
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
        elif variable.macro is not None and variable.macro not in _NO_VALUE:
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
        return kind.struct is not None or (kind.base.endswith("_t") and not _SCALAR.match(kind.base))

    return frozenset(v.name for v in cfg.function.locals if filled(v.type))


def _with_macro_writes(found: tuple[Event, ...], cfg: Cfg, structures: frozenset[str]) -> tuple[Event, ...]:
    """Let macros assign to the variables that they are given by name, where they are known to be or must be macros."""
    out = list(found)
    for event in found:
        if not isinstance(event, CallEvent):
            continue
        defined_here = event.name in cfg.function.file_macros
        for arg in map(strip, event.args):
            if not isinstance(arg, c.Name) or not (defined_here or arg.name in structures):
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


_cache: WeakKeyDictionary[Cfg, _Known] = WeakKeyDictionary()


def events(cfg: Cfg, node: int) -> tuple[Event, ...]:
    """Return what happens at a node, in order of evaluation."""
    known = _cache.get(cfg)
    if known is None:
        known = _cache[cfg] = _Known(_macro_targets(cfg))
    found = known.events.get(node)
    if found is None:
        found = tuple(_at(cfg.nodes[node]))
        if any(isinstance(event, CallEvent) for event in found):
            found = _with_macro_writes(found, cfg, known.structures)
        known.events[node] = found
    return found


def events_of(expr: c.Expr) -> tuple[Event, ...]:
    """Return what happens when `expr` is evaluated."""
    return tuple(_value(expr))
