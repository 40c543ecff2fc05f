# SPDX-License-Identifier: GPL-2.0-or-later
"""What a function does, in words that stay when it is tidied up: whom it calls, and on what it decides.

Names of locals are replaced by their types, so that renaming them, moving declarations and reordering statements make
no difference. Words are compared over all functions that a patch changes: what goes from one to another is no change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from reviewbot.checks.series import ChangedFile
from reviewbot.csource import syntax as c
from reviewbot.csource.functions import Function, walk
from reviewbot.csource.spell import spell
from reviewbot.csource.text import lines_of
from reviewbot.csource.tokens import line_tokens

_LONGEST = 400
_HINTS = frozenset({"likely", "unlikely"})
_NOTHING = frozenset({"NULL", "0", "false"})


@dataclass(frozen=True, eq=False)
class Behaviour:
    """A function that is known from end to end, as far as it can be compared."""

    function: Function

    @cached_property
    def own(self) -> dict[str, str]:
        """The function's own names (locals, parameters, labels), each with what stands for it."""
        named = {v.name: f"<{v.type}>" for v in (*self.function.params, *self.function.locals)}
        return {**dict.fromkeys(self.function.labels, "<label>"), **named}

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of its code but for its own names."""
        lines = self.function.source.decode("utf-8", "replace").split("\n")
        tokens = line_tokens(lines[self.function.start_line - 1 : self.function.end_line])
        return frozenset(word for line in tokens for word in line if word[0].isalnum() or word[0] == "_") - set(
            self.own
        )

    @cached_property
    def calls(self) -> dict[str, int]:
        """Whom it calls, each with a line."""
        return {call.name: call.line for call in reversed(self.function.calls) if call.name is not None}

    @cached_property
    def conditions(self) -> dict[str, tuple[c.Expr, int]]:
        """The simple conditions that it decides on, in normal form, each with the expression and a line."""
        atoms = [atom for cond in _decisions(self.function) for atom in _atoms(cond)]
        return {self._normal(atom): (atom, atom.line) for atom in reversed(atoms)}

    def _normal(self, atom: c.Expr) -> str:
        words = line_tokens([spell(atom, _LONGEST)])[0]
        after = ["", *words]
        return " ".join(
            self.own.get(word, word) if before not in (".", ">") else word
            for before, word in zip(after, words, strict=False)
        )


def _decisions(function: Function) -> Iterator[c.Expr]:
    for stmt in function.statements:
        if isinstance(stmt, (c.If, c.While, c.DoWhile, c.For)) and stmt.cond is not None:
            yield stmt.cond
    yield from (expr.cond for expr in function.expressions if isinstance(expr, c.Conditional))


def _atoms(expr: c.Expr) -> Iterator[c.Expr]:
    """Take a condition apart at `&&`, `||`, `!`, hints and comparisons with nothing, however deep."""
    left = [expr]
    while left:
        one = left.pop()
        if isinstance(one, c.Binary) and one.op in ("&&", "||"):
            left += [one.right, one.left]
        elif isinstance(one, c.Unary) and one.op == "!":
            left.append(one.operand)
        elif isinstance(one, c.Call) and isinstance(one.function, c.Name) and one.function.name in _HINTS:
            left += one.args[:1]
        elif isinstance(one, c.Binary) and one.op in ("==", "!=") and spell(one.right) in _NOTHING:
            left.append(one.left)
        elif not isinstance(one, c.Number):
            yield one


@dataclass(frozen=True, slots=True)
class Difference:
    """The functions that a patch changes, before and after, and the words that come and go over all of them."""

    pairs: tuple[tuple[ChangedFile, Behaviour, Behaviour], ...]
    came: frozenset[str]
    gone: frozenset[str]


def difference(files: Iterable[ChangedFile]) -> Difference | None:
    """Compare what the patch does to files; None where a function that it changes is not known from end to end."""
    pairs = []
    before: set[str] = set()
    after: set[str] = set()
    own: set[str] = set()
    for changed in files:
        before |= _outside(changed, "-")
        after |= _outside(changed, "+")
        if changed.before is None or changed.after is None or not changed.whole:
            return None
        for function in changed.after.unit.functions:
            old = changed.before.unit.function(function.name)
            if old is None or _text(old) == _text(function):
                continue
            pair = (changed, Behaviour(old), Behaviour(function))
            pairs.append(pair)
            before |= pair[1].words
            after |= pair[2].words
            own |= pair[1].own.keys() | pair[2].own.keys()
    return Difference(tuple(pairs), frozenset(after - before - own), frozenset(before - after - own))


def _outside(changed: ChangedFile, mark: str) -> set[str]:
    """Return the words of the lines that the patch adds ("+") or removes ("-")."""
    lines = [line.text for hunk in changed.diff.hunks for line in hunk.lines if line.mark == mark]
    return {word for line in line_tokens(lines) for word in line if word[0].isalnum() or word[0] == "_"}


def _text(function: Function) -> bytes:
    lines = lines_of(function.source)
    return b"\n".join(lines[function.start_line - 1 : function.end_line])


def names_in(expr: c.Expr) -> frozenset[str]:
    """Return the names of variables, functions and fields in an expression."""
    parts = list(walk(expr))
    names = {part.name for part in parts if isinstance(part, c.Name)}
    return frozenset(names | {part.field for part in parts if isinstance(part, c.Member)})
