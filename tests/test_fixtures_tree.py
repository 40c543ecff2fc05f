# SPDX-License-Identifier: GPL-2.0-or-later
"""The fixture tree is C that a compiler takes, before and after every patch written for it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.fixturekit import apply_mails, git, make_repository, patch_mails

FIXTURES = ROOT / "fixtures"
MAILBOXES = sorted((FIXTURES / "series").glob("*.mbox"))
COMPILER = shutil.which("gcc")
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="no gcc")


def complaints(tree: Path) -> str:
    """What the compiler says of all C files of a tree."""
    return "".join(
        subprocess.run(
            [COMPILER or "gcc", "-fsyntax-only", "-std=gnu11", "-Iinclude", str(file.relative_to(tree))],
            cwd=tree,
            capture_output=True,
            text=True,
            check=False,
        ).stderr
        for file in sorted(tree.glob("[km]*/*.c"))
    )


@needs_compiler
def test_the_tree_compiles_with_its_own_headers() -> None:
    assert complaints(FIXTURES / "tree") == ""


@pytest.mark.parametrize("box", MAILBOXES, ids=lambda box: box.stem)
def test_the_tree_compiles_and_keeps_its_style_after_each_patch(tmp_path: Path, box: Path) -> None:
    tree = tmp_path / "tree"
    base = make_repository(FIXTURES, tree)
    for mails in patch_mails(box):
        for commit in apply_mails(tree, base, mails) or []:
            assert git(tree, "checkout", "-q", "--detach", commit).status == 0
            assert COMPILER is None or complaints(tree) == ""
            assert badly_laid_out(tree) == []


def badly_laid_out(tree: Path) -> list[str]:
    """Lines of C files that are too long for the screen, end in blanks or are indented with them."""
    return [
        f"{file.name}:{number}"
        for file in tree.rglob("*.[ch]")
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if len(line.expandtabs(8)) > 80 or line != line.rstrip() or line.startswith("    ")
    ]


def test_the_tree_keeps_the_style_of_its_kind() -> None:
    assert badly_laid_out(FIXTURES / "tree") == []
