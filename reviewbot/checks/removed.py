# SPDX-License-Identifier: GPL-2.0-or-later
"""Symbols that a patch removes, and the files that may still mean them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reviewbot.checks.neighbours import around, included
from reviewbot.checks.series import ChangedFile, PatchCode, SeriesCode
from reviewbot.checks.symbols import Symbol, may_declare, symbols
from reviewbot.csource.parse import Unit, parse
from reviewbot.model.tree import SourceFile

_WORD = re.compile(r"\w+")


def removed_symbols(one: PatchCode) -> Iterator[Symbol]:
    """Yield the symbols that a patch removes, and that no file it touches has in another place afterwards.

    What is declared outside of a C file too may live on in a file that the patch does not show.
    """
    lost = {changed.path: frozenset(_lines_removed(changed)) for changed in one.files if changed.whole}
    if not any(lost.values()):
        return
    there = {symbol.key for changed in one.files if changed.after for symbol in symbols(changed.after)}
    words_left = _words_added(one)
    for changed in one.files:
        removed = lost.get(changed.path)
        if not removed or changed.before is None:
            continue
        outside = {prototype.name for prototype in changed.before.unit.prototypes}
        for symbol in symbols(changed.before):
            local = not symbol.shared and symbol.name not in outside
            shared = symbol.shared and changed.path.endswith(".h")
            if (
                symbol.line in removed
                and symbol.key not in there
                and symbol.name not in words_left
                and (local or shared)
            ):
                yield symbol


def _lines_removed(changed: ChangedFile) -> Iterator[int | None]:
    """Yield the lines of the file before the patch that it removes and that may declare something."""
    for hunk in changed.diff.hunks:
        yield from (line.old for line in hunk.lines if line.mark == "-" and may_declare(line.text))


def _words_added(one: PatchCode) -> frozenset[str]:
    """Return the words on lines that define a macro or begin at the left: what may declare a symbol in other ways."""
    lines = [line.text for f in one.files for h in f.diff.hunks for line in h.lines if line.mark == "+"]
    return frozenset(_WORD.findall("\n".join(line for line in lines if line[:1].strip())))


def possible_users(
    series: SeriesCode, one: PatchCode, gone: Mapping[tuple[str, str], Symbol]
) -> Iterator[tuple[SourceFile, Unit]]:
    """Yield the files that may use what is gone: those of the patch, and in a whole tree those around them."""
    files = {changed.path: changed.after.unit for changed in one.files if changed.after is not None and changed.whole}
    yield from ((unit.source, unit) for unit in files.values())
    names = [symbol.name.encode() for symbol in gone.values() if symbol.shared]
    if not names or not one.after.complete:
        return
    touched = [diff.path for patch in series.patches for diff in patch.patch.files]
    for source in around(one.after, touched) or ():
        if source.path not in files and any(name in source.data for name in names):
            yield source, parse(source)


def can_mean(one: PatchCode, source: SourceFile, symbol: Symbol) -> bool:
    """Tell whether a name can only mean the symbol: no header that the file includes has the word otherwise."""
    if not symbol.shared:
        return any(changed.path == source.path and _declares(changed, symbol) for changed in one.files)
    name = re.compile(rb"\b%s\b" % re.escape(symbol.name.encode()))
    return not any(name.search(header.data) for header in included(one.after, source))


def _declares(changed: ChangedFile, symbol: Symbol) -> bool:
    return changed.before is not None and any(one == symbol for one in symbols(changed.before))
