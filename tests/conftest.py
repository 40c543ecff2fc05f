# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the tests find their data: the bundled fixtures, and the corpus of real mail where there is one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The bundled fixtures."""
    return ROOT / "fixtures"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The directory with the corpus of real mail, beside the checkout or named by REVIEWBOT_SHARED."""
    place = Path(os.environ.get("REVIEWBOT_SHARED", ROOT.parent / "shared"))
    if not (place / "corpus").is_dir():
        pytest.skip(f"no corpus of real mail at {place} (set REVIEWBOT_SHARED to where it is)")
    return place
