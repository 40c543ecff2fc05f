# SPDX-License-Identifier: GPL-2.0-or-later
"""Measure how much of a kernel tree the C front end can parse, and how fast.

    python bench/csource_coverage.py PATH-TO-KERNEL-REPOSITORY [REVISION] [FOLDER …]

Prints for each folder the functions found, the share of them without a node that could not be parsed, the share of
the functions standing in the text that were found (by a simple rule of its own: a line that begins with a name and has
a parameter list, then a brace at the beginning of a line), and the megabytes a second (of processor time) of masking,
parsing, and reading all statements. `--errors` lists what could not be parsed.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pygit2

from reviewbot.csource.definitions import parse_text
from reviewbot.csource.functions import Function
from reviewbot.csource.mask import mask
from reviewbot.csource.parse import Unit, parse
from reviewbot.model.tree import SourceFile

FOLDERS = ("mm", "kernel", "block", "fs")
# the head of a function as kernel style writes it: from the beginning of a line to a brace on a line of its own
HEAD = re.compile(rb"^[a-z_][^;{}()#=]*?\b(\w+)\s*\([^;{}]*\)[^;{}()=]*\n\{", re.MULTILINE)
COMMENT = re.compile(rb"/\*[^*]*(?:\*(?!/)[^*]*)*\*/|//[^\n]*")


@dataclass
class Count:
    """What was counted in a folder."""

    size: int = 0
    functions: int = 0
    broken: int = 0
    missed: int = 0
    mask_seconds: float = 0.0
    parse_seconds: float = 0.0
    read_seconds: float = 0.0


def sources(tree: pygit2.Tree, folder: str) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the C files below a folder."""
    for entry in tree:
        path = f"{folder}/{entry.name}"
        if isinstance(entry, pygit2.Tree):
            yield from sources(entry, path)
        elif path.endswith(".c") and isinstance(entry, pygit2.Blob):
            yield path, entry.data


def heads(data: bytes) -> set[str]:
    """Return the names of the functions that a file seems to define."""
    plain = COMMENT.sub(lambda found: b"\n" * found.group().count(b"\n"), data)
    return {found.group(1).decode() for found in HEAD.finditer(plain)}


def measure(path: str, data: bytes, count: Count) -> tuple[Unit, list[Function]]:
    """Parse one file and count."""
    start = time.process_time()
    mask(data)
    masked = time.process_time()
    parse_text(data)
    parsed = time.process_time()
    unit = parse(SourceFile(path, data, path))
    for function in unit.functions:
        _ = function.statements
    count.read_seconds += time.process_time() - parsed - (parsed - masked)
    count.mask_seconds += masked - start
    count.parse_seconds += (parsed - masked) - (masked - start)
    count.size += len(data)
    broken = [function for function in unit.functions if function.errors]
    count.functions += len(unit.functions)
    count.broken += len(broken)
    count.missed += len(heads(data) - {f.name for f in unit.functions} - {f.macro for f in unit.functions})
    return unit, broken


def show(name: str, count: Count) -> None:
    """Print one line of figures."""
    whole = 100 * (1 - count.broken / max(1, count.functions))
    found = 100 * (1 - count.missed / max(1, count.functions))
    size = count.size / 1e6
    print(
        f"{name:8} {size:6.1f} MB {count.functions:6} functions, {whole:.3f} % parsed whole, {found:.3f} % found;"
        f" mask {size / count.mask_seconds:.1f}, parse {size / count.parse_seconds:.1f},"
        f" read {size / count.read_seconds:.2f} MB/s"
    )


def main(arguments: list[str]) -> None:
    """Measure the folders of a revision."""
    verbose = "--errors" in arguments
    place, revision, *folders = [*(a for a in arguments if a != "--errors"), "HEAD"][:2] + arguments[2:]
    tree = pygit2.Repository(place).revparse_single(revision).peel(pygit2.Tree)
    total = Count()
    for folder in [f for f in folders if f != "--errors"] or FOLDERS:
        count = Count()
        for path, data in sources(tree[folder], folder):
            unit, broken = measure(path, data, count)
            for function in broken if verbose else ():
                lines = [error.line for error in unit.errors if function.covers(error.line)]
                print(f"{path}:{lines[0] if lines else function.start_line}: {function.name}")
        show(folder, count)
        for key, value in vars(count).items():
            setattr(total, key, getattr(total, key) + value)
    show("all", total)


if __name__ == "__main__":
    main(sys.argv[1:])
