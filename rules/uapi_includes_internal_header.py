# SPDX-License-Identifier: GPL-2.0-or-later
"""A header for user space includes one that user space does not have

What is in include/uapi/ is installed for programs (Documentation/kbuild/headers_install.rst); the kernel's own headers
are not, so that nothing that includes this one compiles any more outside of the kernel.

To fix it, move what is needed to a header in include/uapi/, or include it only where __KERNEL__ is defined, or from the
kernel's own header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath

from reviewbot.checks.series import ChangedFile, PatchCode, SeriesCode, SeriesProblem

id = "uapi-includes-internal-header"
severity = "error"

GOOD = [
    """
== patch: box: what programs need
== include/uapi/linux/box.h
 #define BOX 1
+#include <linux/lid.h>
== include/uapi/linux/lid.h
+#define LID 2
== include/linux/lid.h
+#include <uapi/linux/lid.h>
""",
    """
== patch: box: only for the kernel
== include/uapi/linux/box.h
 #define BOX 1
+#ifdef __KERNEL__
+#include <linux/lid.h>
+#endif
== include/linux/lid.h
+#define LID 2
""",
    """
== patch: box: of another directory
== include/linux/box.h
 #define BOX 1
+#include <linux/lid.h>
== include/linux/lid.h
+#define LID 2
""",
    """
== patch: box: headers that programs have anyway
== include/uapi/linux/box.h
 #define BOX 1
+#include <asm/byteorder.h>
+#include <stddef.h>
+#include "lid.h"
== include/uapi/linux/lid.h
+#define LID 2
""",
]

BAD = [
    """
== patch: box: share the lid
== include/uapi/linux/box.h
 #define BOX 1
+#include <linux/lid.h> /* finding */
== include/linux/lid.h
+#define LID 2
""",
    """
== patch: box: a new header
== include/uapi/linux/box.h
+#ifndef _BOX_H
+#define _BOX_H
+#include "linux/lid.h" /* finding */
+#endif
== include/linux/lid.h
+#define LID 2
""",
    """
== patch: box: the kernel's own part has ended
== include/uapi/linux/box.h
 #ifdef __KERNEL__
 #define BOX 1
 #endif
+#include <linux/lid.h> /* finding */
== include/linux/lid.h
+#define LID 2
""",
]

_INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([\w./+-]+)[>"]')
_CONDITION = re.compile(r"\s*#\s*(if(?:n?def)?|el\w+|endif)\b(.*)")
_UAPI = re.compile(r"(?:arch/\w+/)?include/uapi/")
# the tool that installs headers takes these out (scripts/headers_install.sh)
_STRIPPED = ("linux/compiler.h", "linux/compiler_types.h")


def check_series(series: SeriesCode) -> Iterator[SeriesProblem]:
    """Yield the lines that the patches add and that only the kernel can read."""
    for one in series.patches:
        for changed in one.files:
            for name, line in _added(changed) if _UAPI.match(changed.path) else ():
                if _internal(series, one, changed.path, name):
                    text = (
                        f"{name} is not in include/uapi/, so that user space does not have it: "
                        "programs that include this header will not compile."
                    )
                    yield SeriesProblem(one.number, text, name, changed.path, line)


def _added(changed: ChangedFile) -> Iterator[tuple[str, int]]:
    """Yield the headers that added lines include for the kernel and for programs alike."""
    if changed.new is None:
        return
    open_conditions: list[bool] = []
    for number, line in enumerate(changed.new.data.decode("utf-8", "replace").split("\n"), 1):
        condition = _CONDITION.match(line)
        if condition is not None and condition.group(1).startswith("if"):
            open_conditions.append("__KERNEL__" in condition.group(2))
        elif condition is not None and condition.group(1) == "endif":
            del open_conditions[-1:]
        include = _INCLUDE.match(line)
        if include is not None and number in changed.added and not any(open_conditions):
            yield include.group(2), number


def _internal(series: SeriesCode, patch: PatchCode, path: str, name: str) -> bool:
    """Tell whether a header is one of the kernel's own, and of no other place that programs have it from."""
    if name in _STRIPPED or name.startswith(("asm/", "asm-generic/")):
        return False
    diffs = (diff for one in series.patches for diff in one.patch.files)
    # of a header that is only shown in part nobody knows whether programs have one of that name
    added = any(diff.kind == "add" and diff.path == f"include/{name}" for diff in diffs)
    if patch.after.read(f"include/{name}") is None or not (patch.after.complete or added):
        return False
    beside = normpath(join(dirname(path), name))
    places = (f"include/uapi/{name}", beside)
    return all(state.read(place) is None for state in (patch.after, series.final) for place in places)
