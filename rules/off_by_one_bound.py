# SPDX-License-Identifier: GPL-2.0-or-later
"""An index may be as large as the array is long

The elements of an array of N are 0 to N - 1. The condition lets the index be N, and what is read or written then is
the next object in memory.

To fix it, compare with `<` (or `>=` where too large ones are turned away).

Reported where the array is declared or allocated with just this size, where ARRAY_SIZE() asks for it, and where all
other code of the file stops before the size.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.bounds import overruns
from reviewbot.checks.rule import Code, Problem

id = "off-by-one-bound"
severity = "error"

GOOD = [
    """
static int sizes[16];
int size_of(unsigned int slot)
{
	if (slot >= ARRAY_SIZE(sizes))
		return -EINVAL;
	return sizes[slot];
}
""",
    """
static int sizes[17];
int sum(int last)
{
	int i, all = 0;

	for (i = 0; i <= 16; i++)
		all += sizes[i];
	return all;
}
""",
    """
#define SLOTS 8
static int sizes[SLOTS];
int sum(void)
{
	int i, all = 0;

	for (i = 1; i <= SLOTS; i++)
		all += sizes[i - 1];
	return all;
}
""",
]

BAD = [
    """
static int sizes[16];
int size_of(unsigned int slot)
{
	if (slot > ARRAY_SIZE(sizes)) /* finding */
		return -EINVAL;
	return sizes[slot];
}
""",
    """
#define SLOTS 8
struct box { int sizes[SLOTS]; };
int sum(struct box *box)
{
	int i, all = 0;

	for (i = 0; i <= SLOTS; i++) /* finding */
		all += box->sizes[i];
	return all;
}
""",
    """
int *copy(struct box *box, int many)
{
	int i, *sizes = kmalloc_array(many, sizeof(*sizes), GFP_KERNEL);

	if (!sizes)
		return NULL;
	for (i = 0; i <= many; i++) /* finding */
		sizes[i] = box_size(box, i);
	return sizes;
}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the conditions that are off by one."""
    for over in overruns(code):
        text = f"`{over.asked}` lets {over.index} be {over.size}, but {over.array} has only {over.size} elements."
        yield Problem(over.line, text, "high", ((over.used, f"{over.array} is indexed here"),), about=over.array)
