# SPDX-License-Identifier: GPL-2.0-or-later
"""Which functions take back what others do, by the names that kernel functions have."""

from __future__ import annotations

import re
from functools import cache

from reviewbot.csource.kernelmacros import words

# words by which names of kernel functions that do and undo the same differ
_COUNTED = {
    "account": words("unaccount"),
    "charge": words("uncharge"),
    "enable": words("disable"),
    "lock": words("unlock"),
    "pin": words("unpin"),
    "pinned": words("unpinned"),
    "prepare": words("unprepare"),
    "reserve": words("unreserve release"),
}
_INVERSE = _COUNTED | {
    "add": words("del remove sub"),
    "attach": words("detach"),
    "bind": words("unbind"),
    "claim": words("release unclaim"),
    "link": words("unlink"),
    "online": words("offline"),
    "register": words("unregister deregister"),
    "request": words("free release"),
}
# what ends an object mostly copes with one whose making has failed
_ENDING = {
    "create": words("destroy remove"),
    "init": words("exit deinit destroy fini uninit cleanup"),
    "initialize": words("cleanup destroy"),
    "setup": words("cleanup teardown"),
    "start": words("stop"),
}
UNDOING = frozenset(word for undoing in (_INVERSE | _ENDING).values() for word in undoing)
"""Words of which a function that takes something back has one in its name."""
_NOISE = re.compile(r"_(?:interruptible|killable|node|locked|single|nested|noprof)(?=_|$)")


@cache
def undoes(undo: str, do: str) -> bool:
    """Tell whether a function takes back what another does, by their names."""
    differing = difference(undo, do)
    return differing is not None and differing[1] in (_INVERSE | _ENDING).get(differing[0], ())


@cache
def is_counted(undo: str, do: str) -> bool:
    """Tell whether two functions do and undo what is counted, by their names."""
    differing = difference(undo, do)
    return differing is not None and differing[0] in _COUNTED


@cache
def is_ending(undo: str, do: str) -> bool:
    """Tell whether a function ends what another makes, by their names, and so may well cope with what is half made."""
    differing = difference(undo, do)
    return differing is not None and differing[1] in _ENDING.get(differing[0], ())


@cache
def name_words(name: str) -> tuple[str, ...]:
    """Return the words that a name is made of, those that say how a lock is taken aside."""
    return tuple(_NOISE.sub("", name).strip("_").replace("try", "").split("_"))


def difference(undo: str, do: str) -> tuple[str, str] | None:
    """Return the only words in which two names differ, None if there are others or none."""
    first, second = name_words(do), name_words(undo)
    if len(first) != len(second):
        return None
    differing = [(a, b) for a, b in zip(first, second, strict=True) if a != b]
    return differing[0] if len(differing) == 1 else None
