# SPDX-License-Identifier: GPL-2.0-or-later
"""What a line alone tells of the symbols that it may declare."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewbot.checks.rule import File
from reviewbot.checks.symbols import may_declare, symbols
from reviewbot.csource.parse import parse
from reviewbot.tree.repository import open_tree


@pytest.mark.parametrize(
    "line",
    [
        "int look(void)", "#define LOOK 1", "\tint slots;", "\t} lid;", "\tLID_OPEN = 1,", "\tLID_SHUT",
        "\tint (*look)(int slot);", "\tvoid(*look)(int slot);", "\tDECLARE_BITMAP(slots, 9);", "  # define LOOK 2",
        "\tunsigned int open:1;", "\tstruct lid *lid[SLOTS];",
    ],
)  # fmt: skip
def test_a_line_that_declares_is_taken_for_one(line: str) -> None:
    assert may_declare(line)


@pytest.mark.parametrize(
    "line",
    [
        "", "\t", "\treturn slots;", "\tif (slots)", "\t} else {", "\t}", "\tlid->slots = 3;", "\tslots += 3;",
        "\tlook(slots);", "\t/* int slots; */", "\t * slots", "\tgoto out;", "\t\t&& slots)", '\t\t"slots");',
    ],
)  # fmt: skip
def test_a_line_that_is_surely_a_statement_is_not(line: str) -> None:
    assert not may_declare(line)


def test_no_symbol_of_real_files_stands_on_a_line_that_may_not_declare(linux: Path) -> None:
    snapshot = open_tree(str(linux)).snapshot("HEAD")
    count = 0
    for path in (*snapshot.paths("block"), "include/linux/mm_types.h", "include/linux/bpf.h", "mm/vmscan.c"):
        source = snapshot.read(path) if path.endswith((".c", ".h")) else None
        lines = source.data.decode("utf-8", "replace").split("\n") if source else []
        for symbol in symbols(File(parse(source))) if source else ():
            count += 1
            assert may_declare(lines[symbol.line - 1]), (path, symbol)
    assert count > 5_000
