# SPDX-License-Identifier: GPL-2.0-or-later
"""Patches that say they change nothing: what tidies up is believed, what does something else is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.serieskit import findings

CLAIM = "box: tidy up\nNo functional change intended.\n"
BOX = """struct box { int used; int size; int lid; };

static int fill(struct box *box, int n)
{
\tint room = box->size - box->used;

\tif (n > room)
\t\treturn -ENOSPC;
\tlock(box);
\tbox->used += n;
\tunlock(box);
\treturn 0;
}
"""


def said(place: Path, old: str, new: str, claim: str = CLAIM) -> list[str]:
    """Return what is said of a patch that puts `new` for `old` in a file."""
    assert old in BOX
    return [
        f.message for f in findings(place, "no-functional-change-claim", {"mm/box.c": BOX}, _patch(claim, old, new))
    ]


def _patch(claim: str, old: str, new: str) -> tuple[str, dict[str, str | None]]:
    return claim, {"mm/box.c": BOX.replace(old, new)}


HELPER = "static int room(struct box *box)\n{\n\treturn box->size - box->used;\n}\n\nstatic int fill("


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("room", "left"),
        ("\tlock(box);\n\tbox->used += n;\n", "\t/* a slot more */\n\tlock(box);\n\n\tbox->used += n;\n"),
        ("\tif (n > room)\n", "\tif (unlikely(n > room))\n"),
        ("static int fill(", HELPER),
        ("\tint room", "\tint slots = 0;\n\tint room"),
        ("\tlock(box);\n", "\tlockdep_assert_held(&big);\n\tlock(box);\n"),
        ("\tlock(box);\n\tbox->used += n;\n\tunlock(box);\n", "\tguard_fill(box, n);\n"),
        ("\tbox->used += n;\n", "\tbox->used = box->used + n;\n"),
        (
            "fill(struct box *box, int n)\n{\n",
            "fill(struct box *box, int n, bool now)\n{\n\tif (now)\n\t\tshake(box);\n",
        ),
    ],
)
def test_tidying_up_is_no_change(tmp_path: Path, old: str, new: str) -> None:
    assert said(tmp_path, old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("n > room", "n >= room", "has `>=` here where it had `>`"),
        ("-ENOSPC", "-ENOMEM", "`ENOMEM`"),
        ("\tlock(box);\n", "\tlock(box);\n\tshake(box);\n", "calls shake() here"),
        ("\tunlock(box);\n", "", "no longer calls unlock()"),
        ("if (n > room)", "if (n > room && box->lid != 2)", "now also depends on `box->lid != 2`"),
        ("\tif (n > room)\n\t\treturn -ENOSPC;\n", "", "no longer depends on `n > room`"),
    ],
)
def test_what_changes_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    (message,) = said(tmp_path, old, new)
    assert words in message


@pytest.mark.parametrize(
    "claim",
    [
        "box: fill it\n",
        "box: tidy up\nNo functional change for boxes without a lid.\n",
        "box: tidy up\nfill() need not unlock() here.\n\nNo functional change.\n",
    ],
)
def test_a_changelog_that_claims_less_is_not_held_to_more(tmp_path: Path, claim: str) -> None:
    assert said(tmp_path, "\tunlock(box);\n", "", claim) == []


def test_code_that_goes_from_one_function_to_another_is_no_change(tmp_path: Path) -> None:
    base = BOX + "\nvoid fill_all(struct box *box)\n{\n\tfill(box, 1);\n\tshake(box);\n}\n"
    moved = base.replace("\tshake(box);\n", "").replace("\tlock(box);\n", "\tshake(box);\n\tlock(box);\n")
    assert not findings(tmp_path, "no-functional-change-claim", {"mm/box.c": base}, (CLAIM, {"mm/box.c": moved}))
