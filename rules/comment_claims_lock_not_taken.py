# SPDX-License-Identifier: GPL-2.0-or-later
"""A comment says that a lock protects something, and nobody takes the lock

Who reads the comment relies on it and adds the next access without a lock. Either the lock was forgotten in the code,
so that it races, or the comment is out of date.

To fix it, take the lock where the comment says so, or correct the comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewbot.checks.rule import File, Problem

id = "comment-claims-lock-not-taken"
severity = "warning"

GOOD = [
    """
/* used is protected by box_mutex */
static DEFINE_MUTEX(box_mutex);
void touch(struct box *box)
{
	mutex_lock(&box_mutex);
	box->used++;
	mutex_unlock(&box_mutex);
}
""",
    """
/* called under lid_mutex, which the callers in another file take */
void touch(struct box *box)
{
	box->used++;
}
""",
    """
/* The count is not changed under box_mutex: it is atomic. */
DEFINE_MUTEX(box_mutex);
void touch(struct box *box)
{
	box->used++;
}
""",
]

BAD = [
    """
/* used is protected by box_mutex */ /* finding */
static DEFINE_MUTEX(box_mutex);
void touch(struct box *box)
{
	box->used++;
}
""",
    """
/*
 * A box goes up and down under box_lock. /* finding */
static DEFINE_SPINLOCK(box_lock);
static DEFINE_SPINLOCK(lid_lock);
void touch(struct box *box)
{
	spin_lock(&lid_lock);
	box->used++;
	spin_unlock(&lid_lock);
}
""",
    """
static DEFINE_MUTEX(box_mutex);
/* must be called with box_mutex held */ /* finding */
static void touch(struct box *box)
{
	box->used++;
}
""",
]

_CLAIM = re.compile(r"\b(?:under|(?:protected|guarded|serialized|serialised) by|holding|with)(?: the)? &?(\w+)\b")
_DEFINES = frozenset({"DEFINE_MUTEX", "DEFINE_SPINLOCK", "DEFINE_RAW_SPINLOCK", "DEFINE_RWLOCK", "DECLARE_RWSEM"})


def check_file(file: File) -> Iterator[Problem]:
    """Yield the comments that name a static lock of the file that no code uses."""
    locks = {
        lock.name
        for lock in file.unit.globals
        if lock.macro in _DEFINES and "static" in lock.storage and (file.whole or lock.name in file.introduced)
    }
    if not locks:
        return
    text = file.unit.source.data.decode("utf-8", "replace")
    # most are named nowhere but in calls
    locks = {lock for lock in locks if f" {lock}" in text or f" &{lock}" in text}
    if not locks:
        return
    code = "\n".join(_code(text.split("\n")))
    idle = {lock for lock in locks if len(re.findall(rf"\b{lock}\b", code)) <= 1}
    for number, line in enumerate(text.split("\n"), 1):
        for claim in _CLAIM.finditer(line) if idle else ():
            if claim.group(1) in idle and line.lstrip().startswith(("/*", "*", "//")):
                said = f"The comment says that {claim.group(1)} is held, but nothing in this file takes it."
                yield Problem(number, said, "high", about=claim.group(1))


def _code(lines: list[str]) -> Iterator[str]:
    """Yield the lines that are no comments."""
    return (line for line in lines if not line.lstrip().startswith(("/*", "*", "//")))
