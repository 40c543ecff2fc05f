# SPDX-License-Identifier: GPL-2.0-or-later
"""The house keeps its shape: who may import whom, and how long a file may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOMS = ("model", "mail", "patch", "tree", "csource", "checks", "simulate", "review", "render", "publish", "cli")
# checks and simulate stand side by side: neither imports the other
SIDE_BY_SIDE = {("simulate", "checks")}
SHARED_BY_ALL = {"resources", "__init__"}


def imported_rooms(file: Path) -> Iterator[str]:
    """Yield the rooms of the package that a file imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for name in names:
            parts = name.split(".")
            if parts[0] == "reviewbot" and len(parts) > 1:
                yield parts[1]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_rooms_to_its_left(root: Path, room: str) -> None:
    wrong = [
        f"{file.relative_to(root)} imports {other}"
        for file in (root / "reviewbot" / room).rglob("*.py")
        for other in imported_rooms(file)
        if other in ROOMS and (ROOMS.index(other) > ROOMS.index(room) or (room, other) in SIDE_BY_SIDE)
    ]
    assert wrong == []


def test_rules_see_only_the_front_end_and_the_rule_interface(root: Path) -> None:
    allowed = {"model", "csource", "checks"}
    wrong = [f"{f.name}: {r}" for f in (root / "rules").glob("*.py") for r in imported_rooms(f) if r not in allowed]
    assert wrong == []


@pytest.mark.parametrize(("folder", "most"), [("reviewbot", 300), ("rules", 150)])
def test_files_fit_a_few_screens(root: Path, folder: str, most: int) -> None:
    long = {
        str(file.relative_to(root)): lines
        for file in (root / folder).rglob("*.py")
        if (lines := len(file.read_text().splitlines())) > most
    }
    assert long == {}
