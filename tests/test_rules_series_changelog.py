# SPDX-License-Identifier: GPL-2.0-or-later
"""Names in changelogs: what a sentence says is done must be in the diff; other sentences are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.serieskit import Files, findings

BOX = "int fill(struct box *box)\n{\n\treturn 0;\n}\n"
SHAKEN = BOX.replace("\treturn", "\tshake_box(box);\n\treturn")


def said(place: Path, log: str, after: str = SHAKEN) -> list[str]:
    """Return what is said of a patch with this log."""
    patch: tuple[str, Files] = (f"box: shake it\n{log}\n", {"mm/box.c": after})
    return [f.message for f in findings(place, "changelog-names-absent", {"mm/box.c": BOX}, patch)]


@pytest.mark.parametrize(
    ("log", "name"),
    [
        ("It rattles. Call paint_box() first.", "paint_box"),
        ("Introduce a new helper lift_box().", "lift_box"),
        ("- call shake_box()\n- take box_lock around it", "box_lock"),
    ],
)
def test_a_sentence_about_what_the_diff_lacks_is_objected_to(tmp_path: Path, log: str, name: str) -> None:
    (message,) = said(tmp_path, log)
    assert f"no {name}." in message


def test_a_misspelt_name_comes_with_the_one_that_is_there(tmp_path: Path) -> None:
    (message,) = said(tmp_path, "Call shake_bxo() before it is filled.")
    assert message.endswith("is it shake_box?")


@pytest.mark.parametrize(
    "log",
    [
        "Call shake_box() before it is filled.",
        "Since paint_box() came, fill() rattles.",
        "Call paint_box() in the next patch.",
        "Add malloc(3) to what is explained.",
        "    Call paint_box() is what it printed.",
        "Call shake_box() instead of paint_box().",
        "Add a lid.\n\n---\nAdd paint_box() in v2.",
    ],
)
def test_a_sentence_that_says_no_such_thing_is_left_alone(tmp_path: Path, log: str) -> None:
    assert said(tmp_path, log) == []


def test_names_that_a_macro_makes_up_are_known(tmp_path: Path) -> None:
    assert said(tmp_path, "Add box_test_shaken().", BOX + "BOX_FLAG(shaken)\n") == []
