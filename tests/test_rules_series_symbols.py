# SPDX-License-Identifier: GPL-2.0-or-later
"""Symbols across the patches of a series: used before they are there, and after they are gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.serieskit import Files, findings

HEADER = "struct box { int used; };\n#define BOX_MOST 3\nenum lid { LID_OFF, LID_ON };\nint look(struct box *box);\n"
USER = '#include "box.h"\n\nint fill(struct box *box)\n{\n\treturn 0;\n}\n'
BASE = {"mm/box.h": HEADER, "mm/box.c": USER}


def using(text: str) -> str:
    """Return a file that has `text` in its function."""
    return USER.replace("return 0", f"return {text}")


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("shake(box)", "int shake(struct box *box);\n"),
        ("BOX_LEAST", "#define BOX_LEAST 1\n"),
        ("LID_LOST", "enum lost { LID_LOST };\n"),
        ("box_count", "extern int box_count;\n"),
        ("box->size", "struct box { int used; int size; };\n"),
    ],
)
def test_a_use_before_the_patch_that_declares_is_a_note_on_the_earlier_one(
    tmp_path: Path, text: str, declared: str
) -> None:
    kept = HEADER.partition("\n")[2] if declared.startswith("struct box") else HEADER
    with_it = kept + declared
    use: tuple[str, Files] = ("use it", {"mm/box.c": using(text)})
    add: tuple[str, Files] = ("add it", {"mm/box.h": with_it})
    (found,) = findings(tmp_path / "wrong", "used-before-defined", BASE, use, add)
    assert (found.patch, found.severity, found.put_right_by) == (1, "note", 2)
    assert not findings(tmp_path / "right", "used-before-defined", BASE, add, use)


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("look(box)", "int look(struct box *box, int n);\n"),
        ("box->size", "struct crate { int size; };\n"),
        ("shake(box)", None),
    ],
)
def test_what_an_earlier_header_has_or_another_structure_gets_is_no_use_of_it(
    tmp_path: Path, text: str, declared: str | None
) -> None:
    use: tuple[str, Files] = ("use it", {"mm/box.c": using(text)})
    other: tuple[str, Files] = ("of another file", {"mm/lid.c": "static int shake(void)\n{\n\treturn 0;\n}\n"})
    add: tuple[str, Files] = ("add", {"mm/box.h": HEADER + declared}) if declared is not None else other
    assert not findings(tmp_path, "used-before-defined", BASE, use, add)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("look(box)", "int look(struct box *box);\n"),
        ("BOX_MOST", "#define BOX_MOST 3\n"),
        ("LID_ON", "enum lid { LID_OFF, LID_ON };\n"),
        ("box->used", "int used; "),
    ],
)
def test_what_a_header_loses_is_missed_by_a_neighbour_that_the_patch_does_not_touch(
    tmp_path: Path, text: str, gone: str
) -> None:
    base = {"mm/box.h": HEADER, "mm/box.c": using(text)}
    remove: tuple[str, Files] = ("remove", {"mm/box.h": HEADER.replace(gone, "")})
    (found,) = findings(tmp_path / "wrong", "removed-symbol-still-used", base, remove)
    assert (found.path, found.severity, found.put_right_by) == ("mm/box.c", "error", None)
    follow: tuple[str, Files] = ("follow", {"mm/box.c": USER})
    (found,) = findings(tmp_path / "late", "removed-symbol-still-used", base, remove, follow)
    assert (found.severity, found.put_right_by) == ("note", 2)
    assert not findings(tmp_path / "right", "removed-symbol-still-used", base, follow, remove)


@pytest.mark.parametrize(
    "more",
    [
        {"include/linux/lid.h": "int look(struct box *box);\n"},
        {"mm/box.c": "static int look(struct box *box)\n{\n\treturn 1;\n}\n" + using("look(box)")},
        {"mm/box.c": USER.replace("struct box *box", "int look")},
    ],
)
def test_a_name_that_something_else_has_too_is_not_missed(tmp_path: Path, more: dict[str, str]) -> None:
    base = {"mm/box.h": HEADER, "mm/box.c": "#include <linux/lid.h>\n" + using("look(box)"), **more}
    without = HEADER.replace("int look(struct box *box);\n", "")
    assert not findings(tmp_path, "removed-symbol-still-used", base, ("remove", {"mm/box.h": without}))
