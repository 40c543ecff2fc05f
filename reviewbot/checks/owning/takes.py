# SPDX-License-Identifier: GPL-2.0-or-later
"""What a function takes: memory, references that a lookup returns, references on something that it was given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, path_of, strip
from reviewbot.csource.api import kernel_api
from reviewbot.csource.cfg import CfgNode
from reviewbot.csource.events import CallEvent, Event, Write, events
from reviewbot.csource.facts import scope
from reviewbot.csource.functions import call_name, walk

Kind = Literal["memory", "found", "counted", "made"]


# names of functions whose result is somebody's to give back, and of those whose result others keep
_MAKES = re.compile(r"\w*(?:alloc|create|new|dup|clone|open|get|grab|iget|prepare|start|build|make|find_get|lookup)\w*")
_LENDS = re.compile(
    r"devm_\w+|\w+_rcu|\w*(?:get_drvdata|_priv|getname|get_cpu|get_free|per_cpu|get_stripe|read_lock|start_trans|start_transaction)\w*"
)


@dataclass(frozen=True, slots=True)
class Taking:
    """`call` at `line` takes what `pointer` points to: memory, an object found, a reference counted on it, or
    what is only known to be given back elsewhere in the function ("made").

    `given_back` are the functions that surely undo it, as far as the table knows them.
    """

    kind: Kind
    node: int
    line: int
    call: str
    pointer: AccessPath
    given_back: frozenset[str]
    event: Event


def takings(code: Code) -> Iterator[Taking]:
    """Yield what a function takes into variables of its own, and what it counts references on."""
    api = kernel_api()
    own = _own_pointers(code)
    for node in code.cfg.nodes:
        for event in events(code.cfg, node.id):
            if isinstance(event, Write) and event.op in ("=", "declare") and event.value is not None:
                made = strip(event.value)
                name = call_name(made) if isinstance(made, c.Call) else None
                if (
                    name is None
                    or code.unit.function(name) is not None
                    or event.maybe
                    or event.path.root not in own
                    or event.path.steps
                ):
                    continue
                # `a = b = kmalloc(…)`: which of the two is tested, freed or kept is not followed
                if _assignments(node) > 1:
                    continue
                if name in api.heap:
                    yield Taking("memory", node.id, event.line, name, event.path, frozenset(api.frees), event)
                elif name in api.found and not name.endswith("_rcu"):
                    yield Taking("found", node.id, event.line, name, event.path, api.found[name], event)
                elif _MAKES.fullmatch(name) and not _LENDS.fullmatch(name):
                    yield Taking("made", node.id, event.line, name, event.path, frozenset(), event)
            elif isinstance(event, CallEvent) and event.name in api.references and not event.maybe:
                taking = _counted(node, event)
                if taking is not None:
                    yield taking


def _assignments(node: CfgNode) -> int:
    return sum(isinstance(part, c.Assign) for part in walk(node.expr)) if node.expr is not None else 0


def _own_pointers(code: Code) -> frozenset[str]:
    private = scope(code.cfg, code.introduced).private
    return frozenset(v.name for v in code.function.locals if v.type.pointers and not v.cleanup) & private


def _counted(node: CfgNode, event: CallEvent) -> Taking | None:
    if not event.args or event.name is None:
        return None
    pointer = object_of(event.args[0])
    # the result of a get is another name of the object: what becomes of that is not followed
    alone = strip(node.expr) is event.expr if node.expr is not None else False
    if pointer is None or not (alone or node.kind == "condition"):
        return None
    return Taking("counted", node.id, event.line, event.name, pointer, kernel_api().references[event.name], event)


def object_of(arg: c.Expr) -> AccessPath | None:
    """Return the pointer to the object that an argument means: `p`, `x->p`, or `p` for `&p->member`."""
    arg = strip(arg)
    if isinstance(arg, c.Unary) and arg.op == "&":
        inner = path_of(arg.operand)
        places = [n for n, step in enumerate(inner.steps) if step[:2] == "->"] if inner is not None else []
        return AccessPath(inner.root, inner.steps[: places[-1]]) if inner is not None and places else None
    path = path_of(arg)
    # an element of an array is another one in the next round
    return path if path is not None and "[]" not in path.steps and not path.root.endswith("()") else None
