# SPDX-License-Identifier: GPL-2.0-or-later
"""The variants of the corrected version go on top of it, compile, and have their defect where the index says."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.fixturekit import apply_mails, git, make_repository, messages, patch_mails

FIXTURES = ROOT / "fixtures"
VARIANTS = FIXTURES / "variants"
INDEX = json.loads((VARIANTS / "variants.json").read_text())
COMPILER = shutil.which("gcc")
PROPERTIES = {
    "no-lost-wakeup",
    "no-deadlock",
    "no-livelock",
    "one-kill-at-a-time",
    "no-global-kill",
    "charges-balance",
    "references-balance",
    "no-use-after-free",
    "no-null-dereference",
    "no-sleep-in-atomic",
    "killed-task-leaves",
    "disabled-killer-kills-nobody",
}

Variant = dict[str, Any]


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A repository with the fixture tree and the corrected version on it, and the commit."""
    place = tmp_path_factory.mktemp("variants") / "tree"
    base = make_repository(FIXTURES, place)
    (mails,) = patch_mails(FIXTURES / "series" / INDEX["onto"])
    commits = apply_mails(place, base, mails)
    assert commits is not None
    return place, commits[-1]


def test_the_index_names_each_mailbox_once() -> None:
    assert sorted(one["mailbox"] for one in INDEX["variants"]) == sorted(file.name for file in VARIANTS.glob("*.mbox"))


def test_what_a_variant_violates_is_a_known_property() -> None:
    for one in INDEX["variants"]:
        assert set(one["violates"]) <= PROPERTIES
        assert not (one["right"] and one["violates"])


@pytest.mark.parametrize("one", INDEX["variants"], ids=lambda one: Path(one["mailbox"]).stem)
def test_a_variant_applies_compiles_and_has_its_line(corrected: tuple[Path, str], one: Variant) -> None:
    tree, tip = corrected
    commits = apply_mails(tree, tip, messages(VARIANTS / one["mailbox"]))
    assert commits is not None
    assert len(commits) == 2
    if COMPILER:
        command = [COMPILER, "-fsyntax-only", "-std=gnu11", "-Iinclude", "mm/memcontrol.c"]
        assert subprocess.run(command, cwd=tree, capture_output=True, check=False).stderr == b""
    if not one["right"]:
        source = git(tree, "show", f"{commits[1]}:{one['path']}").out.split("\n")
        assert source[one["line"] - 1].strip() == one["text"]
