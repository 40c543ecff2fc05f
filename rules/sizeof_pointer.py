# SPDX-License-Identifier: GPL-2.0-or-later
"""sizeof is asked of a pointer where what it points to is meant

`sizeof(p)` of a pointer is four or eight, whatever it points to: memory is allocated, cleared or copied too short.

To fix it, write `sizeof(*p)`.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import Code, Problem
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.api import kernel_api
from reviewbot.csource.exprtypes import type_of
from reviewbot.csource.functions import call_name, walk
from reviewbot.csource.kernelmacros import words
from reviewbot.csource.spell import spell

id = "sizeof-pointer"
severity = "error"

GOOD = [
    """
void clear(struct box *box)
{
	memset(box, 0, sizeof(*box));
}
""",
    """
void clear(struct box *box)
{
	char name[16];

	memset(name, 0, sizeof(name));
	memcpy(box->name, name, sizeof(name));
}
""",
    """
int grow(struct box *box, int count)
{
	struct slot **slots = kmalloc(count * sizeof(slots[0]), GFP_KERNEL);
	void **tail;

	tail = kmalloc(sizeof(tail), GFP_KERNEL);
	return slots && tail ? 0 : -ENOMEM;
}
""",
]

BAD = [
    """
void clear(struct box *box)
{
	memset(box, 0, sizeof(box)); /* finding */
}
""",
    """
struct box *make(void)
{
	struct box *box = kzalloc(sizeof(box), GFP_KERNEL); /* finding */

	return box;
}
""",
    """
struct lid { struct box *box; };
int make(struct lid *lid, struct box *old)
{
	lid->box = kmalloc(sizeof(lid->box), GFP_KERNEL); /* finding */
	if (lid->box)
		memcpy(lid->box, old, sizeof(old)); /* finding */
	return 0;
}
""",
]

_FILLS = words("memset memcpy memmove memcmp memzero_explicit memset_io memcpy_fromio memcpy_toio")


def check(code: Code) -> Iterator[Problem]:
    """Yield the calls with a size that is that of a pointer."""
    for call in code.function.calls:
        if call.name in _FILLS and call.args:
            size = strip(call.args[-1])
            for target in map(strip, call.args[:-1]):
                if isinstance(size, c.SizeOf) and size.operand == target and _points(code, target):
                    yield _problem(call.line, target)
                    break
    for target, value in _stored(code):
        made = strip(value)
        if isinstance(made, c.Call) and call_name(made) in kernel_api().allocated and _points(code, target):
            for arg in made.args:
                if any(isinstance(part, c.SizeOf) and part.operand == target for part in walk(arg)):
                    yield _problem(made.line, target)


def _stored(code: Code) -> Iterator[tuple[c.Expr, c.Expr]]:
    for variable in code.function.locals:
        if variable.init is not None:
            yield c.Name(variable.name, line=variable.line), variable.init
    for expr in code.function.expressions:
        if isinstance(expr, c.Assign) and expr.op == "=":
            yield expr.target, expr.value


def _points(code: Code, expr: c.Expr) -> bool:
    kind = type_of(code.function, code.unit, expr)
    return kind is not None and kind.pointers == 1 and not kind.dims


def _problem(line: int, target: c.Expr) -> Problem:
    name = spell(target)
    text = f"sizeof({name}) is the size of a pointer; what {name} points to has sizeof(*{name}) bytes."
    return Problem(line, text, "proved", about=name)
