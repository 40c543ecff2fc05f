# SPDX-License-Identifier: GPL-2.0-or-later
"""A lock is defined and never taken

The lock protects nothing: either it was forgotten where it was meant to be taken, so that the code races, or it is
left over. Compilers say nothing, because the macros that define locks use the name themselves.

To fix it, take the lock around what it is for, or remove it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewbot.checks.rule import File, Problem
from reviewbot.checks.texts import naming
from reviewbot.csource import syntax as c
from reviewbot.csource.functions import walk
from reviewbot.csource.kernelmacros import words
from reviewbot.csource.parse import Unit

id = "unused-lock"
severity = "warning"

GOOD = [
    """
static DEFINE_MUTEX(box_mutex);
void touch(struct box *box)
{
	mutex_lock(&box_mutex);
	box->used++;
	mutex_unlock(&box_mutex);
}
""",
    """
static DEFINE_SPINLOCK(box_lock);
#define with_boxes() spin_lock(&box_lock)
void touch(struct box *box)
{
	with_boxes();
}
""",
    """
static DEFINE_SPINLOCK(box_lock);
static struct box first = { .lock = &box_lock };
DEFINE_MUTEX(box_mutex);
""",
]

BAD = [
    """
/* used under box_mutex */
static DEFINE_MUTEX(box_mutex); /* finding */
void touch(struct box *box)
{
	box->used++;
}
""",
    """
static DEFINE_SPINLOCK(box_lock); /* finding */
static DEFINE_SPINLOCK(lid_lock);
void touch(struct box *box)
{
	spin_lock(&lid_lock);
	box->used++;
	spin_unlock(&lid_lock);
}
""",
    """
/* unseen */
static DECLARE_RWSEM(box_sem); /* added */ /* finding */
static void touch(struct box *box) /* added */
{ /* added */
	box->used++; /* added */
} /* added */
/* unseen */
""",
]

_DEFINES = words(
    "DEFINE_MUTEX DEFINE_SPINLOCK DEFINE_RAW_SPINLOCK DEFINE_RWLOCK DECLARE_RWSEM DEFINE_SEMAPHORE DEFINE_RT_MUTEX"
)
_PASTED = re.compile(r"\b([A-Za-z_]\w*) ?##")
_WORD = re.compile(r"[A-Za-z_]\w*")


def check_file(file: File) -> Iterator[Problem]:
    """Yield the locks that nothing names but their definition."""
    macros = [macro.body for macro in file.unit.macros.values()]
    pasted = tuple(part for body in macros for part in _PASTED.findall(body))
    for lock in file.unit.globals:
        if lock.macro not in _DEFINES or "static" not in lock.storage or lock.name.startswith(pasted):
            continue
        if (file.whole or lock.name in file.introduced) and not _used(file.unit, lock.name, macros):
            yield Problem(lock.line, f"{lock.name} is defined here and never taken.", "high", about=lock.name)


def _used(unit: Unit, name: str, macros: list[str]) -> bool:
    wanted = c.Name(name)
    if any(expr == wanted for function in naming(unit, name) for expr in function.expressions):
        return True
    texts = [*macros, *(error.text for error in unit.errors)]
    if any(name in _WORD.findall(text) for text in texts):
        return True
    tops = [top for v in unit.globals for top in (v.init, *v.args) if top is not None and v.name != name]
    return any(expr == wanted for top in tops for expr in walk(top))
