# SPDX-License-Identifier: GPL-2.0-or-later
"""New interfaces to user space are to be described; what is described, old or not for users is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.serieskit import Files, findings

BOX = "static DEVICE_ATTR_RO(size);\nstatic int slots;\n"
KCONFIG = "config CRATE\n\tbool\n"
BASE = {"drivers/box.c": BOX, "drivers/Kconfig": KCONFIG, "Documentation/ABI/crates": "size\n"}


def said(place: Path, **after: str) -> list[str]:
    """Return what is said of a patch that adds lines to files, named by their last part without its ending."""
    files: Files = {path: text + after.get(path.split("/")[-1].split(".")[0], "") for path, text in BASE.items()}
    if "ABI" in after:
        files["Documentation/ABI/crates"] = "size\n" + after["ABI"]
    changed = {path: text for path, text in files.items() if text != BASE[path]}
    return [f.message for f in findings(place, "new-abi-without-documentation", BASE, ("box: add", changed))]


MADE = [
    ("static DEVICE_ATTR_RW(lid);\n", "lid"),
    ("static DEVICE_ATTR(lid, 0644, show, store);\n", "lid"),
    ("module_param(depth, int, 0644);\n", "depth"),
    ("SYSCALL_DEFINE1(box, int, n)\n{\n\treturn 0;\n}\n", "box"),
    ('static void made(void)\n{\n\tproc_create("boxes", 0, NULL, &ops);\n}\n', "boxes"),
]


@pytest.mark.parametrize(("line", "name"), MADE)
def test_what_user_space_will_see_is_to_be_described(tmp_path: Path, line: str, name: str) -> None:
    (message,) = said(tmp_path / "without", box=line)
    assert message.startswith(f'"{name}"')
    assert said(tmp_path / "with", box=line, ABI="more\n") == []


@pytest.mark.parametrize(
    "line",
    [
        'module_param(depth, int, 0644);\nMODULE_PARM_DESC(depth, "how deep");\n',
        "static DEVICE_ATTR_RW(size);\n",
        "static int depth;\n",
    ],
)
def test_what_is_described_or_was_there_is_left_alone(tmp_path: Path, line: str) -> None:
    assert said(tmp_path, box=line) == []


@pytest.mark.parametrize(
    ("option", "right"),
    [
        ('config BOX\n\tbool "Boxes"\n', False),
        ('config BOX\n\tbool "Boxes"\n\thelp\n\t  Say Y.\n', True),
        ("config BOX\n\tdef_bool y\n", True),
        ('config BOX\n\tbool "Boxes" if EXPERT\n\tdefault y\nconfig LID\n\tbool\n\thelp\n\t  None.\n', False),
    ],
)
def test_an_option_that_people_are_asked_for_has_a_help_text(tmp_path: Path, option: str, right: bool) -> None:
    assert bool(said(tmp_path, Kconfig=option)) != right
