# SPDX-License-Identifier: GPL-2.0-or-later
"""New functions and variables that nothing declares, or that nothing uses, as the whole series leaves them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.serieskit import Files, findings

HEADER = "struct box;\nint listed(void);\n"
BOX = '#include "box.h"\n#include <linux/lid.h>\n\nint fill(void)\n{\n\treturn 0;\n}\n'
BASE = {"mm/box.h": HEADER, "mm/box.c": BOX, "include/linux/lid.h": "int hooked(void);\n"}


def lines(place: Path, rule: str, *states: str, **more: str) -> list[int | None]:
    """Return the lines that a rule finds when a series brings the file to each state; `more` is for other files."""
    patches: list[tuple[str, Files]] = [("box: change", {"mm/box.c": state}) for state in states]
    if more:
        patches.append(("box: more", {f"mm/{name}.h": text for name, text in more.items()}))
    return [found.line for found in findings(place, rule, BASE, *patches)]


def test_a_function_that_no_header_declares_is_to_be_static(tmp_path: Path) -> None:
    assert lines(tmp_path, "missing-static", BOX + "int look(void)\n{\n\treturn 0;\n}\n") == [8]


@pytest.mark.parametrize(
    "text",
    [
        "static int look(void)\n{\n\treturn 0;\n}\n",
        "int listed(void)\n{\n\treturn 0;\n}\n",
        "int hooked(void)\n{\n\treturn 0;\n}\n",
        "int look(void);\nint look(void)\n{\n\treturn 0;\n}\n",
        "int __weak look(void)\n{\n\treturn 0;\n}\n",
    ],
)
def test_a_function_that_something_declares_is_not(tmp_path: Path, text: str) -> None:
    assert lines(tmp_path, "missing-static", BOX + text) == []


def test_a_header_or_a_static_that_comes_later_in_the_series_counts(tmp_path: Path) -> None:
    shared = BOX + "int look(void)\n{\n\treturn 0;\n}\n"
    assert lines(tmp_path / "header", "missing-static", shared, box=HEADER + "int look(void);\n") == []
    assert lines(tmp_path / "static", "missing-static", shared, shared.replace("int look", "static int look")) == []


def test_a_static_name_that_nothing_uses_is_left_over(tmp_path: Path) -> None:
    assert lines(tmp_path / "function", "unused-static", BOX + "static int look(void)\n{\n\treturn 0;\n}\n") == [8]
    assert lines(tmp_path / "variable", "unused-static", BOX + "/* slots */\nstatic int slots;\n") == [9]


@pytest.mark.parametrize(
    "use",
    [
        "int again(void)\n{\n\treturn look();\n}\n",
        "struct ops ops = { .look = look };\n",
        "LID_ATTRIBUTE(look);\n",
        "#define peek() look()\n",
    ],
)
def test_a_static_name_that_is_used_now_or_by_a_later_patch_is_not(tmp_path: Path, use: str) -> None:
    defined = BOX + "static int look(void)\n{\n\treturn 0;\n}\n"
    assert lines(tmp_path / "now", "unused-static", defined + use) == []
    assert lines(tmp_path / "later", "unused-static", defined, defined + use) == []
