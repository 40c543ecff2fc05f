# SPDX-License-Identifier: GPL-2.0-or-later
"""What an expression does with a pointer: looks at it, lends it to a function, gives it back, lets others keep it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum

from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, path_of, strip
from reviewbot.csource.api import kernel_api
from reviewbot.csource.cfg import CfgNode, build_cfg
from reviewbot.csource.functions import call_name, children, walk
from reviewbot.csource.kernelmacros import words
from reviewbot.csource.memo import kept
from reviewbot.csource.parse import Unit


class Fate(IntEnum):
    """What becomes of a pointer, the more the farther it goes."""

    NONE = 0
    LENT = 1
    KEPT = 2
    RELEASED = 3


_RELEASES = re.compile(
    r"\w*(?:free|put|release|destroy|drop|unref|cleanup|dispose|kill|discard|abort|fini|exit|deactivate|consume|unmap"
    r"|delete|remove|evict|close|unlock_page_and|dec_and|_dec|drain|teardown|shutdown|cancel|uninit|unregister|reap)\w*"
    r"|\w*_(?:del|fail|end|done|clear|zap|rele|error|undo|return)"
)
# they look at what they are given, or fill it, and keep no pointer to it
_HARMLESS = re.compile(
    r"(?:mem(?:set|cpy|move|cmp|chr|zero|dup)|str|copy_(?:from|to)_|__copy_|scn?printf|snprintf|vsn?printf|sprintf"
    r"|printk|pr_|dev_(?:err|warn|info|dbg|notice)|WARN|BUG|VM_BUG|VM_WARN|IS_ERR|PTR_ERR|ERR_|likely|unlikely|READ_ONCE"
    r"|spin_lock|spin_unlock|mutex_|raw_spin|init_(?:rwsem|completion|wait|timer)|INIT_|rwlock|atomic_|refcount_set|refcount_read|kref_init"
    r"|lock_page|unlock_page|lock_buffer|unlock_buffer|read_lock|read_unlock|write_lock|write_unlock|down_|up_"
    r"|test_bit|set_bit|clear_bit|__set_bit|__clear_bit|list_empty|get_unaligned|put_unaligned|sort\b|simple_strto|kstrto"
    r"|sscanf|match_|PageUptodate|SetPage|ClearPage|clear_page|copy_page|bitmap_|cpumask_|nodes_|seq_put"
    r"|trace_|min|max|timer_setup|setup_timer|hrtimer_init|get_user|put_user|kernel_read|kernel_write|crc|be\d|le\d"
    r"|offset_in_page|kunmap|flush_dcache|ksize|d_path|file_path|clamp|swap\b|sizeof|isxdigit|skip_spaces|memweight"
    r"|zero_user|i_size_read|d_is_|folio_(?:lock|unlock|test|size|nr)|xa_init|lockdep)\w*"
)
# what they return leads back to what they were given
_DERIVES = re.compile(
    r"page_address|page_to_\w+|\w*kmap\w*|page_folio|virt_to_\w+|PTR_ALIGN|\w*_I|container_of|\w*_priv\w*"
)
_LOOKS = re.compile(
    r"(?:\w*_)?(?:s?n?print|[a-z]?read|copy|pars|show|dump|\w*cmp|compar|format|decode|encode|check|verif|valid|lookup|count"
    r"|scan|calc|seq_|size|len|test|match|find|fill|sort|hash_\w*update|digest|sprint|memory|log|report|query|stat)\w*"
)
_COMPARES = words("== != < > <= >= && ||")


def is_release(name: str | None) -> bool:
    """Tell whether a function by this name may give back what it is given."""
    return name is not None and (name in kernel_api().frees or _RELEASES.fullmatch(name) is not None)


def fate_at(unit: Unit, node: CfgNode, pointer: AccessPath) -> Fate:
    """Return what a node does with a pointer, in functions of the file that it is handed to as well."""
    return _Reader(unit, pointer).at(node)


def _declared(node: CfgNode) -> Iterator[c.Expr]:
    if isinstance(node.stmt, c.Declare) and node.kind == "declaration":
        yield from (v.init for v in node.stmt.variables if v.init is not None)
        yield from (arg for v in node.stmt.variables for arg in v.args)


def _mentions(expr: c.Expr, pointer: AccessPath) -> bool:
    return any(isinstance(part, c.Name) and part.name == pointer.root for part in walk(expr))


class _Reader:
    """Reads expressions for what they do with one pointer."""

    def __init__(self, unit: Unit, pointer: AccessPath) -> None:
        self.unit = unit
        self.pointer = pointer

    def at(self, node: CfgNode) -> Fate:
        if node.kind in ("gap", "asm", "unparsed"):
            return Fate.KEPT
        if node.expr is not None:
            fate = self._fate(node.expr, node.kind == "return")
            lent = node.kind == "foreach" and fate is Fate.NONE and _mentions(node.expr, self.pointer)
            return Fate.LENT if lent else fate
        return max((self._fate(top, True) for top in _declared(node)), default=Fate.NONE)

    def _fate(self, expr: c.Expr, used: bool) -> Fate:
        """`used`: the value of the expression goes somewhere."""
        expr = strip(expr)
        if path_of(expr) == self.pointer and not isinstance(expr, c.Call):
            return Fate.KEPT if used else Fate.NONE
        if isinstance(expr, c.Call):
            fate = self._called(expr)
            derived = used and fate is Fate.LENT and _DERIVES.fullmatch(call_name(expr) or "")
            return Fate.KEPT if derived else fate
        if isinstance(expr, c.Assign):
            own = path_of(expr.target) == self.pointer
            return max(Fate.NONE if own else self._fate(expr.target, False), self._fate(expr.value, True))
        if isinstance(expr, c.Unary) and expr.op == "&":
            inner = path_of(expr.operand)
            own = inner is not None and inner.root == self.pointer.root and inner.within(self.pointer)
            return (Fate.KEPT if used else Fate.NONE) if own else self._fate(expr.operand, False)
        if isinstance(expr, (c.StatementExpr, c.InitList, c.CompoundLiteral, c.OpaqueExpr)):
            return Fate.KEPT if _mentions(expr, self.pointer) else Fate.NONE
        if isinstance(expr, c.Conditional):
            parts = [self._fate(expr.cond, used and expr.then is None), self._fate(expr.otherwise, used)]
            return max(*parts, self._fate(expr.then, used) if expr.then is not None else Fate.NONE)
        if isinstance(expr, c.SizeOf):
            return Fate.NONE
        looked = isinstance(expr, (c.Member, c.Index)) or (isinstance(expr, c.Unary) and expr.op in "*!")
        looked |= isinstance(expr, c.Binary) and expr.op in _COMPARES
        return max((self._fate(part, used and not looked) for part in children(expr)), default=Fate.NONE)

    def _called(self, call: c.Call) -> Fate:
        name = call_name(call)
        fates = [self._fate(call.function, False) if name is None else Fate.NONE]
        if self._calls_back(call, name) and any(path_of(strip(arg)) == self.pointer for arg in call.args):
            return Fate.KEPT
        for position, arg in enumerate(map(strip, call.args)):
            inner = path_of(arg.operand) if isinstance(arg, c.Unary) and arg.op == "&" else None
            if path_of(arg) == self.pointer:
                fates.append(_given(self.unit, name, position))
            elif isinstance(arg, c.Unary) and arg.op == "&":
                if inner is not None and inner != self.pointer and inner.within(self.pointer):
                    links = name is not None and _links(name)
                    fates.append(Fate.KEPT if links else _given(self.unit, name, None))
                else:
                    fates.append(min(self._fate(arg, True), Fate.KEPT))
            else:
                whole = path_of(arg)
                if whole is not None and not self.pointer.is_variable and self.pointer.within(whole):
                    fates.append(_given(self.unit, name, None))
                fate = self._fate(arg, True)
                # `p + 1` as an argument lends as much as p does
                fates.append(_given(self.unit, name, None) if fate is Fate.KEPT and not _calls(arg) else fate)
        return max(fates)

    def _calls_back(self, call: c.Call, name: str | None) -> bool:
        """Tell whether a function of the file goes along: what is given beside it is its to keep (a thread's data)."""
        named = [path_of(strip(arg)) for arg in call.args]
        takes = any(path is not None and path.is_variable and self.unit.function(path.root) for path in named)
        return takes and not _LOOKS.fullmatch(name or "")


def _calls(expr: c.Expr) -> bool:
    return any(isinstance(part, c.Call) for part in walk(expr))


_LINKS = re.compile(r"\w*(?:add|insert|link|list|rb_|queue|enqueue|call_rcu|move|splice|attach|register|push|timer)\w*")


def _links(name: str) -> bool:
    return _LINKS.fullmatch(name) is not None and not _HARMLESS.match(name)


_STORES = re.compile(r"\w*xchg\w*|smp_store_release|rcu_assign_pointer|WRITE_ONCE|rcu_replace_pointer|\w*set_drvdata")


def may_keep(node: CfgNode) -> bool:
    """Tell whether a call at a node may keep what it is lent if it succeeds: its name says so, or its result does."""
    calls = [part for part in walk(node.expr) if isinstance(part, c.Call)] if node.expr is not None else []
    return any(_KEEPS.fullmatch(call_name(call) or "") is not None for call in calls)


_KEEPS = re.compile(
    _LINKS.pattern + r"|\w*(?:setup|submit|install|set_|assign|append|init|get|start|hash|new|pin|open_)\w*"
)


@kept
def _given_to(unit: Unit) -> dict[tuple[str, int], Fate]:
    return {}


def _given(unit: Unit, name: str | None, position: int | None) -> Fate:
    """Return what becomes of what a function is given: as its argument at a position, or somehow (None)."""
    if name is None:
        return Fate.LENT
    function = unit.function(name) if position is not None else None
    if function is not None and position is not None and not function.fragment and position < len(function.params):
        known = _given_to(unit)
        if (name, position) not in known:
            # what calls itself is taken to do no more than it is seen to do
            known[name, position] = Fate.NONE
            reader = _Reader(unit, AccessPath(function.params[position].name))
            known[name, position] = max(map(reader.at, build_cfg(function).nodes), default=Fate.LENT)
        return Fate.RELEASED if is_release(name) else known[name, position]
    if is_release(name) or "realloc" in name:
        return Fate.RELEASED
    if _STORES.fullmatch(name):
        return Fate.KEPT
    looks = _HARMLESS.match(name) or (_LOOKS.fullmatch(name) and not _KEEPS.fullmatch(name))
    return Fate.NONE if looks else Fate.LENT
