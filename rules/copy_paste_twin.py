# SPDX-License-Identifier: GPL-2.0-or-later
"""A function has the field of its near-twin at one place

Two functions of the file are alike, but where the one has a field the other has a field of its own, again and again. At
one place both have the same: it was copied and not changed, and this function looks at what belongs to the other.

To fix it, use the function's own field, or, where this is on purpose, say so in a comment.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import Code, Problem
from reviewbot.checks.twins import left_behind

id = "copy-paste-twin"
severity = "warning"

_INNER = """
int set_inner_limit(struct box *box, int limit)
{
	int now = box_read(&box->inner, LIMIT);

	if (now > limit)
		return -EINVAL;
	if (box_read(&box->inner, USED) > limit)
		return -EBUSY;
	box_log("limit", limit);
	return box_write(&box->inner, limit);
}
"""

GOOD = [
    _INNER
    + """
int set_outer_limit(struct box *box, int limit)
{
	int now = box_read(&box->outer, LIMIT);

	if (now > limit)
		return -EINVAL;
	if (box_read(&box->outer, USED) > limit)
		return -EBUSY;
	box_log("limit", limit);
	return box_write(&box->outer, limit);
}
""",
    _INNER
    + """
int get_outer_limit(struct box *box, int limit)
{
	box_log("limit", limit);
	return box_read(&box->inner, LIMIT);
}
""",
    _INNER
    + """
int set_outer_limit(struct box *box, int limit)
{
	if (box->inner.closed && box->outer.closed)
		return -EINVAL;
	if (box_read(&box->outer, USED) > box_read(&box->inner, USED))
		return -EBUSY;
	box_log("limit", limit);
	return box_write(&box->outer, limit);
}
""",
]


def _outer(first: str, second: str, mark: str) -> str:
    return f"""
int set_outer_limit(struct box *box, int limit)
{{
	int now;

	now = box_read(&box->{first}, LIMIT);{mark if first == "inner" else ""}
	box_write(&box->outer, 0);
	if (now > limit)
		return -EINVAL;
	if (box_read(&box->{second}, USED) > limit){mark if second == "inner" else ""}
		return -EBUSY;
	box_log("limit", limit);
	return box_write(&box->outer, limit);
}}
"""


_TWIN = _outer("outer", "outer", "").replace("outer", "inner")
_MARK = " /* finding */"

BAD = [
    _TWIN + _outer("inner", "outer", _MARK),
    _TWIN + _outer("outer", "inner", _MARK),
    _outer("outer", "inner", _MARK) + _TWIN + "int last_of(struct box *box) { return box->last; }\n",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the fields that were left from the twin."""
    for left in left_behind(code):
        text = (
            f"{left.name} is what {left.twin.name}() has here, too; at {left.places} other places this function has "
            f"{left.mine} where that one has {left.name}. Was {left.mine} meant?"
        )
        evidence = ((left.twin_line, f"{left.twin.name}() has {left.name} here"),)
        yield Problem(left.line, text, "medium", evidence, about=left.name)
