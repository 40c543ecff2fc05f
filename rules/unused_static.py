# SPDX-License-Identifier: GPL-2.0-or-later
"""A new static function or variable is never used

Nothing outside of the file can use it, and nothing in it does: the compiler warns (-Wunused-function), and either it is
left over, or what should call it was forgotten.

To fix it, use it, or take it out; where a later series uses it, add it there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from reviewbot.checks.introduced import words
from reviewbot.checks.rule import File
from reviewbot.checks.series import ChangedFile, SeriesCode, SeriesProblem
from reviewbot.csource.lexical import plain

id = "unused-static"
severity = "warning"

_DRAIN = """ void drain(void)
 {
"""
GOOD = [
    "== patch: box: look\n== mm/box.c\n+static int look(void) { return 0; }\n" + _DRAIN + "+\tlook();\n }\n",
    "== patch: box: look\n== mm/box.c\n+static int __maybe_unused look(void) { return 0; }\n" + _DRAIN + " }\n",
    "== patch: box: look\n== mm/box.c\n+static int lid_show(void) { return 0; }\n+BOX_ATTRIBUTE(lid);\n"
    + _DRAIN
    + " }\n",
    "== patch: box: look\n== mm/box.c\n+static int look(void) { return 0; }\n"
    + _DRAIN
    + " }\n== patch: box: use it\n== mm/box.c\n static int look(void) { return 0; }\n"
    + _DRAIN
    + "+\tlook();\n }\n",
]

BAD = [
    "== patch: box: look\n== mm/box.c\n+static int look(void) { return 0; } /* finding */\n" + _DRAIN + " }\n",
    "== patch: box: look\n== mm/box.c\n+static int look(void);\n"
    "+static int look(void) { return 0; } /* finding */\n" + _DRAIN + " }\n",
    "== patch: box: look\n== mm/box.c\n+static int slots; /* finding */\n" + _DRAIN + "+\tint slots_left = 1;\n }\n",
]

_WORD = re.compile(r"[A-Za-z_]\w*")
# a macro may paste its arguments into names
_PASTES = re.compile(r"\b(\w+)[ \t]*\(([^()\n]*)")
_KEPT = re.compile(
    r"\b(?:inline|__\w*inline|__\w*unused|__used|__section\w*|__init\w*|__exit\w*|__bpf\w*|asmlinkage)\b"
)

BY_FILE = True


def check_series(series: SeriesCode) -> Iterator[SeriesProblem]:
    """Yield the static functions and variables that the series adds and that its last state of the file never uses."""
    if series.mail.missing:
        return
    for one in series.patches:
        for changed in one.files:
            if not changed.path.endswith(".c") or not changed.whole:
                continue
            own = list(_own(changed))
            final = series.final.read(changed.path) if own else None
            if final is None or final.known is not None:
                continue
            for name, line, declared in own:
                count = _count(final.data)[name]
                if 0 < count <= declared and not any(part in name for part in _pasted(final.data)):
                    problem = f"{name} is static and nothing in the file uses it, not after the last patch either."
                    yield SeriesProblem(one.number, problem, name, changed.path, line)


def _text(data: bytes) -> str:
    """Return a file without comments and the content of strings."""
    return plain(data.decode("utf-8", "replace"))


@lru_cache(maxsize=16)
def _count(data: bytes) -> Counter[str]:
    """Return how often each word stands in the code of a file, which several patches may ask."""
    return Counter(_WORD.findall(_text(data)))


def _pasted(data: bytes) -> set[str]:
    """Return the words that the macros of a file may paste others from."""
    calls = _PASTES.finditer(_text(data))
    pasted = " ".join(found.group(2) for found in calls if not found.group(1).islower())
    return {word for word in _WORD.findall(pasted) if len(word) > 1}


def _own(changed: ChangedFile) -> Iterator[tuple[str, int, int]]:
    """Yield the new static names of a file with the line, and how often the name stands in declarations of it."""
    if changed.after is None:
        return
    unit = changed.after.unit
    prototypes = Counter(prototype.name for prototype in unit.prototypes)
    for function in unit.functions:
        new = function.start_line in changed.added and function.name and function.name not in words(changed.old)
        if new and function.is_static and function.macro is None and not _kept(changed.after, function.start_line):
            yield function.name, function.start_line, prototypes[function.name] + 1
    for variable in unit.globals:
        new = variable.line in changed.added and variable.name and variable.name not in words(changed.old)
        plainly = "static" in variable.storage and variable.macro is None
        if new and plainly and not _kept(changed.after, variable.line):
            yield variable.name, variable.line, 1


def _kept(file: File, line: int) -> bool:
    """Tell whether the head of a declaration says that it may be unused, or is used from elsewhere."""
    lines = file.unit.source.data.decode("utf-8", "replace").split("\n")
    return _KEPT.search(" ".join(lines[max(line - 2, 0) : line + 1])) is not None
