# SPDX-License-Identifier: GPL-2.0-or-later
"""Spin finds in hand-written models what the simulator finds in the C that they were written after."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench.simulate_spin import CASES, KNOWN, Case, compiled, make_trees, ours, pan

MISSING = [tool for tool in ("spin", "cc") if shutil.which(tool) is None]
SMALL = ("two-chargers-one-victim/v1", "two-chargers-one-victim/v2", "room-by-limit/v2", "victim-without-pages/v1")
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("trees")
    make_trees(place)
    return place


@pytest.mark.parametrize("case", [case for case in CASES if case.name in SMALL], ids=lambda case: case.name)
def test_spin_finds_the_same_properties_broken(case: Case, trees: Path, tmp_path: Path) -> None:
    compiled(case, tmp_path / "spin", "-O0")
    theirs = pan(case, tmp_path / "spin", "-c0").broken
    assert bool(theirs) == (case.version == "v1")
    assert ours(case, trees, first=False).broken & set(KNOWN) == theirs
