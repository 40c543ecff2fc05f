# SPDX-License-Identifier: GPL-2.0-or-later
"""A series of five patches for mm/, made out of whatever functions the tree has there.

The edits are of the kinds that series consist of: a hint on a branch, a message, a helper and its call, memory that is
taken and given back, a lock that one way out forgets. Nothing of the tree is kept but at run time.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

# file: how many functions of it are edited; one item a patch
PATCHES = (
    ("Show when charging waits", (("mm/memcontrol.c", 3), ("mm/oom_kill.c", 1))),
    ("Say which branches of reclaim are rare", (("mm/vmscan.c", 3),)),
    ("Bound what the memory controller counts", (("mm/memcontrol.c", 3), ("mm/memory.c", 1))),
    ("Keep a record of allocations", (("mm/page_alloc.c", 3),)),
    ("Count rounds under a lock", (("mm/memcontrol.c", 2), ("mm/vmscan.c", 1))),
)
_HEAD = re.compile(
    r"^(?!typedef|struct|union|enum|#)[A-Za-z_][\w \t*]{0,80}?\b(\w+)\([^;{}#]{0,300}\)\n\{\n", re.MULTILINE
)
_BRANCH = re.compile(r"^(\t+)if \(([^()\n]{1,40})\)$", re.MULTILINE)
_SHORTEST, _LONGEST = 12, 90
Edit = Callable[[str, str], str | None]


def functions(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, name) of functions of a middling length that begin with declarations and a blank line."""
    for head in _HEAD.finditer(text):
        end = text.find("\n}\n", head.end())
        body = text[head.end() : end]
        if end > 0 and _SHORTEST <= body.count("\n") <= _LONGEST and "\n\n" in body and "\n#" not in body:
            yield head.start(), end + 3, head.group(1)


def hint(code: str, _: str) -> str | None:
    """Say of the first simple condition that it is rare."""
    changed = _BRANCH.sub(r"\1if (unlikely(\2))", code, count=1)
    return changed if changed != code else None


def message(code: str, name: str) -> str | None:
    """Say that the function is reached, behind its declarations."""
    return code.replace("\n\n", f'\n\n\tpr_debug("{name}: reached by %d\\n", current->pid);\n', 1)


def helper(code: str, name: str) -> str | None:
    """Put a helper before the function, and call it."""
    made = (
        f"static unsigned long {name}_bounded(unsigned long value, unsigned long limit)\n{{\n"
        "\tif (value > limit)\n\t\treturn limit;\n\n\treturn value;\n}\n\n"
    )
    call = f'\n\n\tpr_debug("{name}: %lu\\n", {name}_bounded(jiffies, LONG_MAX));\n'
    return made + code.replace("\n\n", call, 1)


def record(code: str, name: str) -> str | None:
    """Take memory in a helper, look whether it is there, and give it back."""
    made = (
        f"static void {name}_record(unsigned int count)\n{{\n\tunsigned long *seen;\n\tunsigned int i;\n\n"
        "\tseen = kcalloc(count, sizeof(*seen), GFP_NOWAIT);\n\tif (!seen)\n\t\treturn;\n"
        "\tfor (i = 0; i < count; i++)\n\t\tseen[i] = jiffies;\n\tkfree(seen);\n}\n\n"
    )
    return made + code.replace("\n\n", f"\n\n\t{name}_record(4);\n", 1)


def lock(code: str, name: str) -> str | None:
    """Count under a lock that one way out leaves taken: something to be found."""
    made = (
        f"static DEFINE_SPINLOCK({name}_lock);\nstatic unsigned long {name}_rounds;\n\n"
        f"static int {name}_count(unsigned long limit)\n{{\n\tspin_lock(&{name}_lock);\n"
        f"\tif ({name}_rounds >= limit)\n\t\treturn -EBUSY;\n\t{name}_rounds++;\n\tspin_unlock(&{name}_lock);\n"
        "\treturn 0;\n}\n\n"
    )
    call = f'\n\n\tif ({name}_count(100))\n\t\tpr_debug("{name}: too often\\n");\n'
    return made + code.replace("\n\n", call, 1)


EDITS: Sequence[Sequence[Edit]] = ((message, hint), (hint, message), (helper, hint), (record, helper), (lock, message))


def edited(text: str, count: int, edits: Sequence[Edit], place: int) -> str:
    """Edit `count` functions that lie evenly over the file; `place` moves the choice from patch to patch."""
    found = list(functions(text))
    step = max(1, len(found) // count)
    picked = [found[(nth * step + 3 * place) % len(found)] for nth in range(count)]
    for nth, (start, end, name) in enumerate(sorted(set(picked), reverse=True)):
        code = text[start:end]
        changed = edits[nth % len(edits)](code, name) or message(code, name)
        text = text[:start] + (changed or code) + text[end:]
    return text


def make_series(tree: Path, rev: str, place: Path) -> bytes:
    """Commit the edits in a bare repository of our own that borrows the tree's objects; return them as an mbox."""
    objects = subprocess.run(
        ["git", "-C", str(tree), "rev-parse", "--path-format=absolute", "--git-path", "objects"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    who = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in _WHO}
    environment = os.environ | who | {"GIT_INDEX_FILE": str(place / "edits"), "GIT_DIR": str(place)}

    def git(*arguments: str, data: str | None = None) -> str:
        done = subprocess.run(
            ["git", *arguments], env=environment, check=True, capture_output=True,
            input=data.encode("utf-8", "surrogateescape") if data is not None else None,
        )  # fmt: skip
        return done.stdout.decode("utf-8", "surrogateescape")

    subprocess.run(["git", "init", "-q", "--bare", str(place)], check=True)
    (place / "objects/info/alternates").write_text(objects + "\n")
    git("read-tree", rev)
    tip = rev
    for number, (title, files) in enumerate(PATCHES):
        for path, count in files:
            text = edited(git("show", f":{path}"), count, EDITS[number], number)
            blob = git("hash-object", "-w", "--stdin", data=text).strip()
            git("update-index", "--cacheinfo", f"100644,{blob},{path}")
        log = f"mm: {title.lower()}\n\n{title} in {' and '.join(path for path, _ in files)}.\n\n{_SIGNED}\n"
        tip = git("commit-tree", git("write-tree").strip(), "-p", tip, data=log).strip()
    return git("format-patch", "--stdout", f"{rev}..{tip}").encode("utf-8", "surrogateescape")


_WHO = (("NAME", "Bench Mark"), ("EMAIL", "bench@example.org"), ("DATE", "2024-01-01T12:00:00+0000"))
_SIGNED = "Signed-off-by: Bench Mark <bench@example.org>"
