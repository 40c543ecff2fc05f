# SPDX-License-Identifier: GPL-2.0-or-later
"""A local variable is read on a path that never assigns it

What the variable holds there is left over from another call: the function works by chance. Compilers often stay
silent, because they merge the unassigned value with the one that another path assigns, and kernels are built with
-Wno-maybe-uninitialized; with -ftrivial-auto-var-init=zero the value is zero, which need not be the right one.

To fix it, give the variable a value where it is declared, or assign it on the path that skips the assignment.

Paths whose conditions contradict each other do not count, nor do those that pass over a loop which assigns or need a
value that no case of a switch has. Handing out the variable's address counts as an assignment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from reviewbot.checks.rule import Code, Problem
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.assignment import UninitializedRead, definite_assignment
from reviewbot.csource.events import Write, events
from reviewbot.csource.spell import spell

id = "uninitialized-use"
severity = "error"

_WORD = re.compile(r"[A-Za-z_]\w*")

GOOD = [
    """
int resize(struct box *box, int size)
{
	int grown;

	if (size > box->size)
		grown = 1;
	else
		grown = 0;
	if (grown)
		box_wake(box);
	return 0;
}
""",
    """
int take(struct box *box, int wanted)
{
	int slot;

	if (wanted)
		slot = find_slot(box);
	box_lock(box);
	if (wanted)
		box->used = slot;
	box_unlock(box);
	return 0;
}
""",
    """
int ask(struct box *box)
{
	int value;
	int err = box_read(box, &value);

	if (err)
		return err;
	return value;
}
""",
    """
int sum(const int *values, int count)
{
	int i, last;

	for (i = 0; i < count; i++)
		last = values[i];
	return last;
}
""",
    """
/* unseen: static int resize(struct box *box, unsigned lo */
	int ret;
/* unseen */
	if (limit < size)
		enlarge = 1; /* added */
	ret = box_set_limit(box, size);
/* unseen */
	if (!ret) {
		if (enlarge && box_is_full(box)) /* added */
			box_wake(box); /* added */
		break;
	}
""",
]

BAD = [
    """
int resize(struct box *box, int size)
{
	int grown;

	if (size > box->size)
		grown = 1;
	box->size = size;
	if (grown) /* finding */
		box_wake(box);
	return 0;
}
""",
    """
int take(struct box *box, int wanted)
{
	int slot;

	while (box_is_full(box)) {
		if (wanted)
			slot = find_slot(box);
		if (slot < 0) /* finding */
			return -EBUSY;
	}
	return 0;
}
""",
    """
int give(struct box *box)
{
	int err;

	if (!box)
		goto out;
	err = box_close(box);
out:
	return err; /* finding */
}
""",
    """
/* unseen: static int resize(struct box *box, unsigned lo */
	int ret;
	int enlarge; /* added */
/* unseen */
	if (limit < size) /* added */
		enlarge = 1; /* added */
	ret = box_set_limit(box, size);
/* unseen */
	if (!ret) {
		if (enlarge && box_is_full(box)) /* added */ /* finding */
			box_wake(box); /* added */
		break;
	}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Yield the first unassigned read of each variable."""
    seen: set[str] = set()
    for read in sorted(definite_assignment(code.cfg, code.introduced), key=lambda one: one.line):
        if read.empty_loop or read.skipped_switch or read.name in seen or _assigned_unseen(code, read.name):
            continue
        seen.add(read.name)
        yield _problem(code, read)


def _assigned_unseen(code: Code, name: str) -> bool:
    """Tell whether something may assign the variable that does not look like an assignment.

    A macro of the file may name it. A structure is filled in by its fields. And a variable that is assigned nowhere, but
    given to a call, is given to a macro that assigns it: as an argument of a function it would be of no use.
    """
    function = code.function
    if any(isinstance(e, c.Member) and not e.arrow and e.base == c.Name(name) for e in function.expressions):
        return True
    used = {e.name for e in function.expressions if isinstance(e, c.Name)}
    if any(m.name in used and name in _WORD.findall(m.body) for m in code.unit.macros.values()):
        return True
    given = any(c.Name(name) in map(strip, call.args) for call in function.calls if not _is_function(code, call.name))
    return given and not _assigning(code, name)


def _is_function(code: Code, name: str | None) -> bool:
    return name is None or code.unit.function(name) is not None or any(p.name == name for p in code.unit.prototypes)


def _problem(code: Code, read: UninitializedRead) -> Problem:
    declared = next(v for v in code.function.locals if v.name == read.name)
    evidence = [(declared.line, f"{read.name} is declared without a value")]
    if code.cfg.path(code.cfg.entry, _assigning(code, read.name), [read.node]) is None:
        message = f"{read.name} is read here before anything is assigned to it."
        return Problem(read.line, message, "proved", tuple(evidence), read.name)
    message = f"{read.name} is read here, but a path comes here that assigns nothing to it"
    skip = _skipping_branch(code, read)
    if skip is not None:
        line, condition, outcome = skip
        evidence.append((line, f"when this is {outcome}, the assignment is skipped"))
        message += f": the one on which `{condition}` is {outcome}"
    return Problem(read.line, message + ".", "high", tuple(evidence), read.name)


def _assigning(code: Code, name: str) -> set[int]:
    cfg = code.cfg
    return {
        node.id
        for node in cfg.nodes
        if any(isinstance(event, Write) and event.path.root == name for event in events(cfg, node.id))
    }


def _skipping_branch(code: Code, read: UninitializedRead) -> tuple[int, str, str] | None:
    """Return the last condition (line, text, outcome) of the path whose other outcome leads aside to an assignment."""
    cfg = code.cfg
    assigning = _assigning(code, read.name)
    found = None
    for source, target in pairwise(read.path):
        node = cfg.nodes[source]
        if node.kind != "condition" or node.expr is None:
            continue
        for edge in cfg.successors(source):
            if edge.target == target or edge.label == "unknown":
                continue
            if edge.target in assigning or cfg.path(edge.target, assigning, read.path) is not None:
                found = node.line, spell(node.expr), "true" if edge.label == "false" else "false"
    return found
