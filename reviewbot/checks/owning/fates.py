# SPDX-License-Identifier: GPL-2.0-or-later
"""What an expression does with a pointer: looks at it, lends it to a function, gives it back, lets others keep it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum

from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, path_of, strip
from reviewbot.csource.api import kernel_api
from reviewbot.csource.cfg import CfgNode
from reviewbot.csource.functions import call_name, children, walk
from reviewbot.csource.kernelmacros import words


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
_COMPARES = words("== != < > <= >= && ||")


def is_release(name: str | None) -> bool:
    """Tell whether a function by this name may give back what it is given."""
    return name is not None and (name in kernel_api().frees or _RELEASES.fullmatch(name) is not None)


def fate_at(node: CfgNode, pointer: AccessPath) -> Fate:
    """Return what a node does with a pointer."""
    if node.kind in ("gap", "asm", "unparsed"):
        return Fate.KEPT
    if node.expr is not None:
        fate = _fate(node.expr, pointer, node.kind == "return")
        if node.kind == "foreach" and fate is Fate.NONE and _mentions(node.expr, pointer):
            return Fate.LENT
        return fate
    return max((_fate(top, pointer, True) for top in _declared(node)), default=Fate.NONE)


def _declared(node: CfgNode) -> Iterator[c.Expr]:
    if isinstance(node.stmt, c.Declare) and node.kind == "declaration":
        yield from (v.init for v in node.stmt.variables if v.init is not None)
        yield from (arg for v in node.stmt.variables for arg in v.args)


def _mentions(expr: c.Expr, pointer: AccessPath) -> bool:
    return any(isinstance(part, c.Name) and part.name == pointer.root for part in walk(expr))


def _fate(expr: c.Expr, pointer: AccessPath, used: bool) -> Fate:
    """`used`: the value of the expression goes somewhere."""
    expr = strip(expr)
    if path_of(expr) == pointer and not isinstance(expr, c.Call):
        return Fate.KEPT if used else Fate.NONE
    if isinstance(expr, c.Call):
        fate = _called(expr, pointer)
        derived = used and fate is Fate.LENT and _DERIVES.fullmatch(call_name(expr) or "")
        return Fate.KEPT if derived else fate
    if isinstance(expr, c.Assign):
        target = Fate.NONE if path_of(expr.target) == pointer else _fate(expr.target, pointer, False)
        return max(target, _fate(expr.value, pointer, True))
    if isinstance(expr, c.Unary) and expr.op == "&":
        inner = path_of(expr.operand)
        own = inner is not None and inner.root == pointer.root and inner.within(pointer)
        return (Fate.KEPT if used else Fate.NONE) if own else _fate(expr.operand, pointer, False)
    if isinstance(expr, (c.StatementExpr, c.InitList, c.CompoundLiteral, c.OpaqueExpr)):
        return Fate.KEPT if _mentions(expr, pointer) else Fate.NONE
    if isinstance(expr, c.Conditional):
        parts = [_fate(expr.cond, pointer, used and expr.then is None), _fate(expr.otherwise, pointer, used)]
        return max(*parts, _fate(expr.then, pointer, used) if expr.then is not None else Fate.NONE)
    if isinstance(expr, c.SizeOf):
        return Fate.NONE
    looked = isinstance(expr, (c.Member, c.Index)) or (isinstance(expr, c.Unary) and expr.op in "*!")
    looked |= isinstance(expr, c.Binary) and expr.op in _COMPARES
    return max((_fate(part, pointer, used and not looked) for part in children(expr)), default=Fate.NONE)


def _called(call: c.Call, pointer: AccessPath) -> Fate:
    name = call_name(call)
    fates = [_fate(call.function, pointer, False) if name is None else Fate.NONE]
    for arg in map(strip, call.args):
        if path_of(arg) == pointer:
            fates.append(_given(name))
        elif isinstance(arg, c.Unary) and arg.op == "&":
            inner = path_of(arg.operand)
            if inner is not None and inner == pointer:
                fates.append(Fate.KEPT)
            elif inner is not None and inner.within(pointer):
                fates.append(_given(name) if name is None or not _links(name) else Fate.KEPT)
            else:
                fates.append(min(_fate(arg, pointer, True), Fate.KEPT))
        else:
            inner_path = path_of(arg)
            if inner_path is not None and not pointer.is_variable and pointer.within(inner_path):
                fates.append(_given(name))
            fate = _fate(arg, pointer, True)
            # `p + 1` as an argument lends as much as p does
            fates.append(_given(name) if fate is Fate.KEPT and not _calls(arg) else fate)
    return max(fates)


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


_KEEPS = re.compile(_LINKS.pattern + r"|\w*(?:setup|submit|install|set_|assign|append|init|get|start|hash)\w*")


def _given(name: str | None) -> Fate:
    if name is None:
        return Fate.LENT
    if is_release(name) or "realloc" in name:
        return Fate.RELEASED
    if _STORES.fullmatch(name):
        return Fate.KEPT
    return Fate.NONE if _HARMLESS.match(name) else Fate.LENT
