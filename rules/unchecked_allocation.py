# SPDX-License-Identifier: GPL-2.0-or-later
"""The result of an allocation is used without a test for NULL

Allocations fail when memory is short. What is done with the result then crashes, there or where a field that was
stored is used.

To fix it, test the result and give up with -ENOMEM, or ask for __GFP_NOFAIL where failure cannot be dealt with.

What runs while the kernel boots (__init) is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import Code, Problem
from reviewbot.checks.untested import judge, results
from reviewbot.csource import syntax as c
from reviewbot.csource.api import kernel_api
from reviewbot.csource.functions import call_name, walk
from reviewbot.csource.kernelmacros import words

id = "unchecked-allocation"
severity = "error"

GOOD = [
    """
int make(struct lid *lid)
{
	struct box *box = kzalloc(sizeof(*box), GFP_KERNEL);

	if (!box)
		return -ENOMEM;
	box->used = 1;
	lid->box = box;
	return 0;
}
""",
    """
void make(struct lid *lid)
{
	struct box *box = kmalloc(sizeof(*box), GFP_KERNEL | __GFP_NOFAIL);

	box->used = 1;
	lid->box = box;
}
""",
    """
int make(struct lid *lid)
{
	lid->box = kzalloc(sizeof(*lid->box), GFP_KERNEL);
	lid->name = kstrdup("lid", GFP_KERNEL);
	if (!lid->box || !lid->name)
		return -ENOMEM;
	return lid->box->used;
}
""",
    """
static int __init make(struct lid *lid)
{
	lid->box = kzalloc(sizeof(*lid->box), GFP_KERNEL);
	lid->box->used = 1;
	return 0;
}
""",
    """
void name(struct lid *lid, const char *text)
{
	lid->name = kstrdup(text, GFP_KERNEL);
}
""",
]

BAD = [
    """
void make(struct lid *lid)
{
	struct box *box = kzalloc(sizeof(*box), GFP_KERNEL); /* finding */

	box->used = 1;
	lid->box = box;
}
""",
    """
int make(struct lid *lid, int wanted)
{
	struct box *box;

	box = kmalloc(sizeof(*box), GFP_KERNEL); /* finding */
	if (wanted)
		box->used = wanted;
	return box_close(lid);
}
""",
    """
int make(struct lid *lid)
{
	lid->box = kzalloc(sizeof(*lid->box), GFP_KERNEL); /* finding */
	lid->used = 0;
	return 0;
}
""",
]

# variables that hold flags of the caller's choice, and a flag that panics instead
_MAY_HOLD_NOFAIL = words("gfp gfp_mask gfp_flags flags SLAB_PANIC")

# copies of names: where they are stored, NULL is taken as "no name"
_NAMES = words("kstrdup kstrdup_const kstrndup kmemdup_nul kasprintf kvasprintf kvasprintf_const")


def check(code: Code) -> Iterator[Problem]:
    """Yield the allocations that are followed, or stored for good, untested."""
    if "__init" in code.function.header:
        # the machine comes up with all its memory, or not at all
        return
    for result in results(code, _can_fail):
        untested = judge(code, result)
        if untested is None:
            continue
        if untested.followed is None and result.maker in _NAMES:
            continue
        place, text = str(result.place), f"{result.maker}() may return NULL, and "
        if untested.followed is not None:
            evidence = ((untested.followed, f"{place} is followed here"),)
            yield Problem(result.line, f"{text}{place} is followed without a test.", "high", evidence, about=place)
        else:
            text += f"nothing here tests {place}: who uses it later does not know."
            yield Problem(result.line, text, "medium", about=place)


def _can_fail(made: c.Call) -> bool:
    """Tell whether the call may fail; flags that are not spelled out may hold __GFP_NOFAIL."""
    if call_name(made) not in kernel_api().allocated or call_name(made) == "bio_alloc_clone":
        return False
    flags = {part.name for arg in made.args for part in walk(arg) if isinstance(part, c.Name)}
    return not any("NOFAIL" in flag or flag in _MAY_HOLD_NOFAIL for flag in flags)
