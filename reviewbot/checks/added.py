# SPDX-License-Identifier: GPL-2.0-or-later
"""Symbols that a patch is the first to declare."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from reviewbot.checks.series import ChangedFile, PatchCode
from reviewbot.checks.symbols import Symbol, may_declare, symbols
from reviewbot.csource.tokens import line_tokens


def added_words(changed: ChangedFile) -> frozenset[str]:
    """Return the names on the lines of a file that a patch adds."""
    return frozenset(
        word for line in line_tokens(list(changed.added_texts.values())) for word in line if word.isidentifier()
    )


def added_symbols(one: PatchCode, names: Mapping[str, Collection[str]]) -> Iterator[tuple[str, Symbol]]:
    """Yield the symbols that a patch is the first to declare in the files it touches, with the file.

    `names` are those of interest, by the file that uses them: what is static counts only where it is declared.
    """
    if not any(_may_add(changed, names) for changed in one.files):
        return
    before = {symbol.key for changed in one.files if changed.before for symbol in symbols(changed.before)}
    removed = [line.text for f in one.files for h in f.diff.hunks for line in h.lines if line.mark == "-"]
    gone = {word for line in line_tokens(removed) for word in line}
    for changed in one.files:
        for symbol in symbols(changed.after) if changed.after is not None and changed.whole else ():
            if symbol.line in changed.added and symbol.key not in before and symbol.name not in gone:
                yield changed.path, symbol


def _may_add(changed: ChangedFile, names: Mapping[str, Collection[str]]) -> bool:
    """Tell whether a patch may declare one of the names in a file, without parsing it."""
    own = frozenset(names.get(changed.path, ()))
    every = own.union(*names.values())
    header = changed.path.endswith(".h")
    added = list(changed.added_texts.values())
    return any(
        may_declare(line) and not (own if line.startswith("static ") and not header else every).isdisjoint(tokens)
        for line, tokens in zip(added, line_tokens(added), strict=True)
    )
