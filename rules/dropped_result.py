# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch throws away what a call returns, which was tested before

Before the patch the function asked whether the call failed. Now it goes on as if it could not; the call is the same.

To fix it, keep the test; or say in the changelog why the call cannot fail any more.

Only what a patch takes away is seen here; code that has always been so is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.change import Change
from reviewbot.checks.rule import Code, Problem
from reviewbot.checks.touched import touched
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.functions import call_name

id = "dropped-result"
severity = "warning"

GOOD = [
    """
== patch: box: name the result
== mm/box.c
 int fill(struct box *box)
 {
-\tif (box_put(box))
+\tint err = box_put(box);
+
+\tif (err)
 \t\treturn -EINVAL;
 \treturn 0;
 }
""",
    """
== patch: box: box_put() cannot fail any more
== mm/box.c
-static int box_put(struct box *box)
+static void box_put(struct box *box)
 {
 \tbox->used++;
-\treturn 0;
 }
 int fill(struct box *box)
 {
-\tif (box_put(box))
-\t\treturn -EINVAL;
+\tbox_put(box);
 \treturn 0;
 }
""",
    """
== patch: box: put once more
== mm/box.c
 int fill(struct box *box)
 {
 \tif (box_put(box))
 \t\treturn -EINVAL;
+\tbox_put(box);
 \treturn 0;
 }
""",
]

BAD = [
    """
== patch: box: tidy fill()
== mm/box.c
 int fill(struct box *box)
 {
-\tif (!box_put(box))
-\t\treturn -EINVAL;
+\tbox_put(box); /* finding */
 \treturn box->used;
 }
""",
    """
== patch: box: tidy fill()
== mm/box.c
 int fill(struct box *box)
 {
-\tif (box_put(box) < 0)
-\t\tgoto out;
+\tbox_put(box); /* finding */
 \tbox->used++;
-out:
 \treturn box->used;
 }
""",
    """
== patch: box: tidy fill()
== mm/box.c
 int fill(struct box *box)
 {
-\tif (unlikely(box_put(box)))
-\t\treturn -EINVAL;
+\tbox_put(box); /* finding */
 \treturn box->used;
 }
""",
]


def check_change(change: Change) -> Iterator[Problem]:
    """Yield the calls whose results are thrown away where they were tested."""
    remade = {one.name for one in touched(change.after.unit, change.before.unit)} - {change.after.function.name}
    before, after = _asked(change.before), _asked(change.after)
    ignored = {expr for expr, _ in _ignored(change.before)}
    for expr, line in _ignored(change.after):
        name = call_name(expr)
        tested = name in before and change.gone(before[name]) and name not in after
        if name is not None and tested and name not in remade and expr not in ignored:
            text = f"What {name}() returns was tested before this patch, and is thrown away now."
            yield Problem(line, text, "high", about=name)


def _asked(code: Code) -> dict[str, int]:
    """Return the functions whose results conditions ask for, and where."""
    found = {}
    for node in code.cfg.nodes:
        if node.kind != "condition" or node.expr is None:
            continue
        expr = strip(node.expr)
        if isinstance(expr, c.Unary) and expr.op == "!":
            expr = strip(expr.operand)
        elif isinstance(expr, c.Binary):
            expr = strip(expr.left)
        name = call_name(expr)
        if name is not None:
            found[name] = node.line
    return found


def _ignored(code: Code) -> Iterator[tuple[c.Expr, int]]:
    """Yield the calls that are statements of their own."""
    for node in code.cfg.nodes:
        if node.kind == "expression" and node.expr is not None and isinstance(strip(node.expr), c.Call):
            yield strip(node.expr), node.line
