# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls and conditions that come or go in a patch while nothing takes their place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from reviewbot.checks.behaviour import Behaviour, Difference, names_in
from reviewbot.checks.series import ChangedFile
from reviewbot.csource import syntax as c
from reviewbot.csource.spell import spell

# assertions, annotations and messages: they come and go without a change of what is done
_QUIET = re.compile(
    r"assert|^(?:BUG|WARN|VM_|BUILD_)|_BUG_ON|WARN|^(?:pr|dev|netdev|trace|kasan|kmsan|kcsan|lockdep|instrument)_|printk"
    r"|^(?:data_race|READ_ONCE|WRITE_ONCE|likely|unlikely|might_\w+|debug\w*|__?builtin_\w+|sparse_\w+|IS_ENABLED)$"
)
_WORD = re.compile(r"\w+")


def shifts(difference: Difference, log: str) -> Iterator[tuple[ChangedFile, str, int, str]]:
    """Yield (file, function, line after the patch, what it does now) for what only comes or only goes.

    `log` is what the patch says: a change that it names was thought of. Functions whose parameters change are left
    alone, since what comes may be for callers that do not ask for it yet.
    """
    said = set(_WORD.findall(log))
    called, called_now = (_union(one.calls for one in side) for side in _sides(difference))
    asked, asked_now = (_union(one.conditions for one in side) for side in _sides(difference))
    for changed, old, new in difference.pairs:
        if [p.type for p in old.function.params] != [p.type for p in new.function.params]:
            continue
        came = {key for key in new.conditions if key not in asked}
        gone = {key for key in old.conditions if key not in asked_now}
        if not difference.gone and not gone:
            yield from _came(changed, new, called, came, said)
        if not difference.came and not came:
            yield from _gone(changed, old, new, called_now, gone, said)


def _sides(difference: Difference) -> tuple[list[Behaviour], list[Behaviour]]:
    return [old for _, old, _ in difference.pairs], [new for _, _, new in difference.pairs]


def _union(parts: Iterable[Iterable[str]]) -> set[str]:
    return {name for part in parts for name in part}


def _came(
    changed: ChangedFile, new: Behaviour, before: set[str], decided: set[str], said: set[str]
) -> Iterator[tuple[ChangedFile, str, int, str]]:
    declared = {one.name for one in changed.after.unit.functions} if changed.after else set()
    for key in sorted(decided):
        atom, line = new.conditions[key]
        if line in changed.added and _tells(atom) and not (names_in(atom) - new.own.keys()) & said:
            yield changed, new.function.name, line, f"now also depends on `{spell(atom)}`"
            return
    for name, line in new.calls.items() if not decided else ():
        if name not in before and _counts(name, said) and name not in declared and line in changed.added:
            yield changed, new.function.name, line, f"calls {name}() here, which it did not"
            return


def _gone(
    changed: ChangedFile, old: Behaviour, new: Behaviour, after: set[str], decided: set[str], said: set[str]
) -> Iterator[tuple[ChangedFile, str, int, str]]:
    line = new.function.end_line
    for key in sorted(decided):
        atom, _ = old.conditions[key]
        if _tells(atom) and not (names_in(atom) - old.own.keys()) & said:
            yield changed, new.function.name, line, f"no longer depends on `{spell(atom)}`"
            return
    for name in old.calls if not decided else ():
        if name not in after and _counts(name, said):
            yield changed, new.function.name, line, f"no longer calls {name}()"
            return


def _counts(name: str, said: set[str]) -> bool:
    return name not in said and not _QUIET.search(name) and not name.isupper()


def _tells(atom: c.Expr) -> bool:
    """Tell whether a condition is more than that something is there, which what follows may ask for itself."""
    if isinstance(atom, c.Call):
        return isinstance(atom.function, c.Name) and _counts(atom.function.name, set())
    return isinstance(atom, c.Binary)
