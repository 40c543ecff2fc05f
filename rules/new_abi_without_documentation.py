# SPDX-License-Identifier: GPL-2.0-or-later
"""A new interface to user space comes without documentation

What user space reads and writes is kept for ever, so that it is described when it is added
(Documentation/process/submit-checklist.rst): who sets it needs to know what it takes and what it does.

To fix it, describe it in Documentation/ (a module parameter by MODULE_PARM_DESC, a Kconfig symbol by its help text), in
this series.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewbot.checks.kconfig import unexplained_symbols
from reviewbot.checks.series import ChangedFile, SeriesCode, SeriesProblem

id = "new-abi-without-documentation"
severity = "note"

GOOD = [
    """
== patch: box: a knob
== mm/box.c
 static struct cftype files[] = {
+\t{
+\t\t.name = "lid",
+\t},
 };
== Documentation/box.txt
+lid: whether it is closed
""",
    """
== patch: box: two tables instead of one
== mm/box.c
-static struct cftype files[] = { { .name = "lid", }, };
+static struct cftype more[] = {
+\t{ .name = "lid", },
+};
""",
    """
== patch: box: a name that no user sees
== mm/box.c
 static struct shrinker drain = {
+\t.name = "lid",
 };
""",
]

BAD = [
    """
== patch: box: a knob
== mm/box.c
 static struct cftype files[] = {
+\t{
+\t\t.name = "lid", /* finding */
+\t},
 };
""",
    """
== patch: box: two knobs
== mm/box.c
+static struct ctl_table files[] = {
+\t{ .procname = "lid", .mode = 0644 }, /* finding */
+\t{ .procname = "bottom", .mode = 0644 }, /* finding */
+};
""",
    """
== patch: box: one is there already
== mm/box.c
 static struct cftype files[] = {
 \t{ .name = "lid", },
+\t{ .name = "bottom", }, /* finding */
 };
""",
    """
== patch: box: attributes
== mm/box.c
+static DEVICE_ATTR_RW(lid); /* finding */
+module_param(slots, int, 0644); /* finding */
+module_param(depth, int, 0644);
+MODULE_PARM_DESC(depth, "how deep");
== mm/Kconfig
+config BOX /* finding */
+\tbool "Boxes"
""",
]

_TABLE = re.compile(r"\bstruct\s+(cftype|ctl_table)\s+\w+\s*\[")
_NAME = {"cftype": re.compile(r'\.name\s*=\s*"([^"]+)"'), "ctl_table": re.compile(r'\.procname\s*=\s*"([^"]+)"')}
# what makes a file of sysfs, of proc, a parameter, a system call (linux/device.h, linux/moduleparam.h …)
_MACRO = re.compile(
    r"\s*(?:static\s+|struct\s+\w+\s+\w+\s*=\s*)*(?:(?:DEVICE|BUS|DRIVER|CLASS)_ATTR(?:_RW|_RO|_WO)?\s*\((\w+)"
    r'|proc_(?:create\w*|mkdir)\s*\("([^"]+)"|(?:module_param(?:_named|_cb|_array)?|core_param)\s*\((\w+)'
    r"|(?:COMPAT_)?SYSCALL_DEFINE\d\s*\((\w+))"
)


def check_series(series: SeriesCode) -> Iterator[SeriesProblem]:
    """Yield what user space will see, where no patch of the series touches the documentation."""
    diffs = [diff for one in series.patches for diff in one.patch.files]
    if series.mail.missing:
        return
    documented = any(diff.path.startswith("Documentation/") for diff in diffs)
    for one in series.patches:
        for diff in one.patch.files:
            for name, line in unexplained_symbols(diff, one.after.read(diff.path)):
                text = f"The new option {name} is asked for, and has no help text: what is it for?"
                yield SeriesProblem(one.number, text, name, diff.path, line)
        for changed in one.files if not documented else ():
            for name, line in (*_entries(changed), *_made(changed)):
                text = f'"{name}" is new to user space, and nothing in Documentation/ describes it. Is that added?'
                yield SeriesProblem(one.number, text, name, changed.path, line)


def _made(changed: ChangedFile) -> Iterator[tuple[str, int]]:
    """Yield the files, parameters and calls that macros on added lines make."""
    if changed.new is None:
        return
    old = changed.old.data.decode("utf-8", "replace") if changed.old is not None else ""
    text = changed.new.data.decode("utf-8", "replace")
    for number, line in changed.added_texts.items():
        found = _MACRO.match(line)
        name = next((group for group in found.groups() if group), None) if found is not None else None
        if (
            name is not None
            and not re.search(rf"\b{re.escape(name)}\b", old)
            and f"MODULE_PARM_DESC({name}" not in text
        ):
            yield name, number


def _entries(changed: ChangedFile) -> Iterator[tuple[str, int]]:
    """Yield the names that a patch adds to such tables and that stood nowhere in the file, with their lines."""
    names = (form.search(line) for line in changed.added_texts.values() for form in _NAME.values())
    if changed.new is None or not any(names):
        return
    old = changed.old.data.decode("utf-8", "replace") if changed.old is not None else ""
    heads = {hunk.new_start: hunk.section for hunk in changed.diff.hunks}
    kind: str | None = None
    for number, line in enumerate(changed.new.data.decode("utf-8", "replace").split("\n"), 1):
        # where the head of a table is unseen, the hunk says what it is in
        if (table := _TABLE.search(line) or _TABLE.search(heads.get(number, ""))) is not None:
            kind = table.group(1)
        name = _NAME[kind].search(line) if kind is not None and number in changed.added else None
        if name is not None and f'"{name.group(1)}"' not in old:
            yield name.group(1), number
        if line.startswith("}"):
            kind = None
