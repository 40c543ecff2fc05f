# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch that says it changes nothing changes what a function does

"No functional change" is what makes people read a patch less closely, and what makes bisecting skip over it.

To fix it, split the change of behaviour off, or drop the sentence and say what changes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from reviewbot.checks.behaviour import difference
from reviewbot.checks.behaviour_shift import shifts
from reviewbot.checks.series import ChangedFile, SeriesCode, SeriesProblem
from reviewbot.csource.functions import Function

id = "no-functional-change-claim"
severity = "warning"

_HEAD = """
== patch: box: tidy up
No functional change intended.
== mm/box.c
"""
_REST = """
 \t\treturn 0;
 \treturn 1;
 }
"""
_FULL = _HEAD + " int full(int n, int room)\n {\n"
_LOCK = _HEAD + " void drain(struct box *box)\n {\n \tlock(box);\n"
GOOD = [
    _FULL + "-\tif (n < room)\n+\tif (n < room) /* there is some */" + _REST,
    _FULL.replace("No functional change intended.", "") + "-\tif (n < room)\n+\tif (n <= room)" + _REST,
    _FULL + "-\tif (n < room)\n+\tif (has_room(n, room))" + _REST,
    _LOCK + "-\tempty(box);\n+\tempty_box(box);\n }\n+static void empty_box(struct box *box)\n+{\n+\tempty(box);\n+}\n",
    _LOCK + "+\tlockdep_assert_held(&box->lock);\n }\n",
    _LOCK.replace("intended.", "intended: paint() does nothing.") + "-\tpaint(box);\n }\n",
]

BAD = [
    _FULL + "-\tif (n < room)\n+\tif (n <= room) /* finding */" + _REST,
    _FULL + "-\tif (n && room)\n+\tif (n || room) /* finding */" + _REST,
    _FULL + " \tif (n < room)\n-\t\treturn -ENOMEM;\n+\t\treturn -EINVAL; /* finding */\n \treturn 0;\n }\n",
    _FULL + " \tif (n < room)\n-\t\tn += 2;\n+\t\tn += 3; /* finding */\n \treturn n;\n }\n",
    _LOCK + "+\tpaint(box); /* finding */\n }\n",
    _LOCK + "-\tunlock(box);\n } /* finding */\n",
    _FULL + "-\tif (n < room)\n+\tif (n < room && !room_locked(room)) /* finding */" + _REST,
]

_CLAIM = re.compile(
    r"(?<!- )\bno (?:intended )?(?:functional|behaviou?ral|logic(?:al)?) changes?\b"
    r"(?! (?:for|on|in|to|with|when|unless|except|if|otherwise|since|from)\b)|\(NFC\)|\bNFC[.:]",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"/\*(?:[^*]|\*(?!/))*\*/|//[^\n]*|\w+|[<>=!&|]+|[^\w\s]")
_FLIPPED = frozenset({"<", "<=", ">", ">=", "==", "!=", "&&", "||"})
_ERROR = re.compile(r"E[A-Z0-9]{2,}")


def check_series(series: SeriesCode) -> Iterator[SeriesProblem]:
    """Yield the functions that surely do something else, in patches that claim to change nothing.

    Either one comparison, connective or constant differs, or a call or a condition comes or goes while nothing takes
    its place, and the changelog does not speak of it. Code that is restructured in other ways may well do the same.
    """
    for one in series.patches:
        if not _CLAIM.search(" ".join(one.text.split())):
            continue
        found = [(changed, *flip) for changed in one.files for flip in _flipped(changed)]
        same = None if found else difference(one.files)
        if same is not None:
            found = list(shifts(same, one.text))
        for changed, name, line, what in found:
            text = f"The changelog says that nothing changes, but {name}() {what}."
            yield SeriesProblem(one.number, text, name, changed.path, line)


def _flipped(changed: ChangedFile) -> Iterator[tuple[str, int, str]]:
    """Yield the functions where a line is the same as before but for one comparison, connective or constant."""
    if changed.before is None or changed.after is None:
        return
    for function in changed.after.unit.functions:
        old = changed.before.unit.function(function.name) if function.name else None
        if old is None or function.fragment or old.fragment:
            continue
        before, after = _lines(old), _lines(function)
        if len(before) != len(after):
            continue
        differing = [(a, b, line) for (a, _), (b, line) in zip(before, after, strict=True) if a != b]
        flip = _flip(differing[0][0], differing[0][1]) if len(differing) == 1 else None
        if flip is not None:
            yield function.name, differing[0][2], f"has `{flip[1]}` here where it had `{flip[0]}`"


def _flip(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, str] | None:
    gone, came = (list((Counter(a) - Counter(b)).elements()) for a, b in ((before, after), (after, before)))
    if len(before) != len(after) or not len(gone) == len(came) == 1:
        return None
    pair = (gone[0], came[0])
    if set(pair) <= _FLIPPED or all(map(_ERROR.fullmatch, pair)):
        return pair
    values = [int(text) for text in pair if text.isdecimal() and text.isascii() and (text == "0" or text[0] != "0")]
    return pair if len(values) == 2 else None


def _lines(function: Function) -> list[tuple[tuple[str, ...], int]]:
    """Return the words of each line of a function that has some besides comments, with the line's number."""
    found = []
    for line in range(function.start_line, function.end_line + 1):
        words = tuple(word for word in _TOKEN.findall(function.line_text(line)) if not word.startswith(("/*", "//")))
        if words:
            found.append((words, line))
    return found
