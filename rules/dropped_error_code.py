# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch no longer sets the error with which a way leaves

The function jumped out with an error, and now returns what the variable held before, which is often success: the
caller goes on with something that was never done.

To fix it, keep the assignment.

Only what a patch takes away is seen here; code that has always been so is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.change import Change
from reviewbot.checks.errorcodes import codes_gone, left_with
from reviewbot.checks.rule import Problem

id = "dropped-error-code"
severity = "error"

GOOD = [
    """
== patch: box: the error is set above
== mm/box.c
 int add(struct box *box, int n)
 {
 \tint err;
+\terr = -EINVAL;
 \tif (n < 0) {
-\t\terr = -EINVAL;
 \t\tgoto out;
 \t}
 \terr = 0;
 out:
 \treturn err;
 }
""",
    """
== patch: box: hand the error on
== mm/box.c
 int add(struct box *box, int n)
 {
 \tint err = box_fill(box);
 \tif (err) {
-\t\terr = -EIO;
 \t\tgoto out;
 \t}
 \tbox->n = n;
 out:
 \treturn err;
 }
""",
    """
== patch: box: return at once
== mm/box.c
 int add(struct box *box, int n)
 {
 \tint err = 0;
 \tif (n < 0) {
-\t\terr = -EINVAL;
-\t\tgoto out;
+\t\treturn -EINVAL;
 \t}
 \tbox->n = n;
-out:
 \treturn err;
 }
""",
]

BAD = [
    """
== patch: box: shorten add()
== mm/box.c
 int add(struct box *box, int n)
 {
 \tint err = 0;
 \tif (n < 0) {
-\t\terr = -EINVAL;
 \t\tgoto out; /* finding */
 \t}
 \tbox->n = n;
 out:
 \treturn err;
 }
""",
    """
== patch: box: shorten add()
== mm/box.c
 int add(struct box *box, int n)
 {
 \tint ret = box_look(box);
 \tif (ret < 0)
 \t\treturn ret;
 \tif (ret > n) {
 \t\tpr_debug("full");
-\t\tret = -ENOSPC;
 \t\tgoto out; /* finding */
 \t}
 \tbox->n = n;
 \tret = 0;
 out:
 \treturn ret;
 }
""",
    """
== patch: box: shorten add()
== mm/box.c
 int add(struct box *box, void *p)
 {
 \tint rc = box_fill(box);
 \tif (rc)
 \t\treturn rc;
 \tp = box_room(box);
 \tif (!p) {
-\t\trc = -ENOMEM;
 \t\tgoto out; /* finding */
 \t}
 \tbox->n = 1;
 out:
 \tbox_done(box);
 \treturn rc;
 }
""",
]


def check_change(change: Change) -> Iterator[Problem]:
    """Yield where control goes on to return what the variable held before."""
    for name, line in codes_gone(change):
        after = left_with(change, name, line)
        if after is not None:
            text = f"The patch no longer sets {name} to an error before this; the function returns what it held."
            yield Problem(after, text, "high", about=name)
