# SPDX-License-Identifier: GPL-2.0-or-later
"""A function before and after a patch, for rules that look at what the patch takes away.

Such a rule defines `check_change(change: Change) -> Iterator[Problem]`, with problems on lines of the function as the
patch leaves it. It knows that the code was otherwise, and for that reason it has nothing to say of code that nobody
changes: a defect that has always been there is for the rules that look at one state.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from reviewbot.checks.rule import Code, Problem
from reviewbot.csource.cfg import CfgNode
from reviewbot.csource.functions import CallSite

# longer functions are passed over: comparing lines takes quadratic time at worst
_MOST_LINES = 1500
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, eq=False)
class Change:
    """A function that a patch changes, in both states, under the same name."""

    before: Code
    after: Code

    @cached_property
    def moved(self) -> Mapping[int, int]:
        """The lines that stay: number before to number after."""
        old, new = (_lines(code) for code in (self.before, self.after))
        if max(len(old), len(new)) > _MOST_LINES:
            return {}
        first, other = self.before.function.start_line, self.after.function.start_line
        blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
        return {first + block.a + k: other + block.b + k for block in blocks for k in range(block.size)}

    @cached_property
    def added(self) -> frozenset[str]:
        """The words on the lines that the patch brings."""
        stay = set(self.moved.values())
        first = self.after.function.start_line
        lines = [line for at, line in enumerate(_lines(self.after), first) if at not in stay]
        return frozenset(_WORD.findall("\n".join(lines)))

    def gone(self, line: int) -> bool:
        """Tell whether the patch takes a line of the function before it away."""
        return bool(self.moved) and line not in self.moved

    @cached_property
    def calls_gone(self) -> tuple[CallSite, ...]:
        """The calls on lines that are gone."""
        return tuple(site for site in self.before.function.calls if self.gone(site.line))

    def next_nodes(self, line: int) -> tuple[CfgNode, ...]:
        """Return the nodes of the function after the patch that control comes to where it came to `line` before."""
        cfg, there = self.before.cfg, self.after.cfg
        found: dict[int, CfgNode] = {}
        todo = [node.id for node in cfg.at_line(line)]
        seen = set(todo)
        while todo:
            node = cfg.nodes[todo.pop()]
            if node.id == cfg.exit:
                found[there.exit] = there.nodes[there.exit]
                continue
            kept = there.at_line(self.moved[node.line]) if node.line in self.moved and node.kind != "join" else ()
            if kept:
                # a line of a loop's head has a node for each of its parts
                found |= {one.id: one for one in kept if one.kind == node.kind}
                continue
            following = {edge.target for edge in cfg.successors(node.id)} - seen
            seen |= following
            todo += following
        return tuple(found.values())

    def resumes(self, line: int, node: CfgNode) -> int:
        """Return the line after the patch to show: the jump that followed `line`, or where it comes to, `node`."""
        follows = next((old for old in sorted(self.moved) if old > line), 0)
        jump = self.before.function.line_text(follows).startswith(("goto ", "break;", "continue;"))
        return self.moved[follows] if jump else node.line or self.after.function.end_line

    @property
    def leaves_otherwise(self) -> bool:
        """Whether the patch brings a jump or a return, so that ways lead elsewhere."""
        return bool(self.added & {"goto", "return"})


CheckChange = Callable[[Change], Iterable[Problem]]


def _lines(code: Code) -> list[str]:
    function = code.function
    return [function.line_text(line) for line in range(function.start_line, function.end_line + 1)]


def changes(before: Iterable[Code], after: Iterable[Code]) -> Iterator[Change]:
    """Yield the whole functions that are in both states of a file, once in each, and not as they were."""
    old = _whole(before)
    for name, code in _whole(after).items():
        was = old.get(name)
        if was is not None and _lines(was) != _lines(code):
            yield Change(was, code)


def _whole(codes: Iterable[Code]) -> dict[str, Code]:
    found: dict[str, Code] = {}
    twice = set()
    for code in codes:
        function = code.function
        if function.name in found:
            twice.add(function.name)
        if function.name and not function.fragment and not function.errors:
            found[function.name] = code
    return {name: code for name, code in found.items() if name not in twice}
