# SPDX-License-Identifier: GPL-2.0-or-later
"""A comment says what a function returns that returns nothing

Who reads the comment waits for a result that there is not: the function was changed after the comment, or the comment
belongs to another one.

To fix it, correct the comment, or return what it promises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewbot.checks.rule import File, Problem
from reviewbot.csource.functions import Function

id = "comment-on-void-return"
severity = "note"

GOOD = [
    """
/* Returns 0 when the box is empty, else -EBUSY. */
int drain(struct box *box)
{
	return box->used ? -EBUSY : 0;
}
""",
    """
/* Empties the box. It returns when the last slot is free. */
void drain(struct box *box)
{
	box->used = 0;
}
""",
    """
/**
 * each - show each slot of a box to somebody
 * @look: who looks; called with the slot.
 *	Return true to go on, false to stop.
 *
 * Checks that box_look() finds nothing, returns NULL.
 */
void each(struct box *box, looker_t look)
{
	box_look(box, look);
}
""",
    """
/* Returns 1 when the box is full. */
static int full(struct box *box);

void drain(struct box *box)
{
	box->used = 0;
}
""",
]

BAD = [
    """
/*
 * Empty the box.
 * Returns 0 on success, 1 when it was empty before. /* finding */
void drain(struct box *box)
{
	box->used = 0;
}
""",
    """
/* Is it full? Return true if so. */ /* finding */
static void full(struct box *box)
{
	box_look(box);
}
""",
    """
/** drain - empty a box
 *
 * Return: -EBUSY when somebody looks, zero otherwise. /* finding */
void drain(struct box *box)
{
	box->used = 0;
}
""",
]

_VALUE = r"(?:0|1|-1|true|false|TRUE|FALSE|NULL|zero|non-?zero|-E[A-Z]+|ERR_PTR|an? (?:error|negative))\b(?! to\b)"
_PROMISE = re.compile(rf"(?:(?:^[\s/*]*|[.?!] +)Returns?:?|^[^()]*[,;.] +returns) +{_VALUE}")
# kernel-doc's description of a parameter goes on until an empty line, the next parameter or a section
_PARAMETER = re.compile(r"[\s/*]*@[\w.]+:")
_SECTION = re.compile(r"[\s/*]*(?:[A-Z]\w*:|$)")
_LONGEST = 80


def check_file(file: File) -> Iterator[Problem]:
    """Yield the comments that promise a result of a function without one."""
    lines = file.unit.source.data.decode("utf-8", "replace").split("\n")
    for function in file.unit.functions:
        if function.returns.base != "void" or function.returns.pointers or not function.header_known:
            continue
        if any(parameter.type.pointers > 1 for parameter in function.params):
            continue
        line = _promise(lines, function)
        if line is not None:
            text = f"The comment says what {function.name}() returns, but the function returns nothing."
            yield Problem(line, text, "high", about=function.name, end_line=function.start_line - 1)


def _promise(lines: list[str], function: Function) -> int | None:
    """Return the line of the comment right above a function that promises a result."""
    end = function.start_line - 1
    if end < 1 or not lines[end - 1].rstrip().endswith("*/"):
        return None
    start = end
    while start > 1 and "/*" not in lines[start - 1] and end - start < _LONGEST:
        start -= 1
        if "*/" in lines[start - 1]:
            # another comment, or code: the beginning of this one is not seen
            return None
    of_parameter = False
    for number in range(start, end + 1):
        line = lines[number - 1]
        of_parameter = bool(_PARAMETER.match(line)) or (of_parameter and not _SECTION.match(line))
        if not of_parameter and _PROMISE.search(line):
            return number
    return None
