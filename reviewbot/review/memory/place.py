# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the memory is kept."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "REVIEWBOT_MEMORY"
NONE = "none"
"""What stands for no memory at all, in the variable, in the configuration and on the command line."""


def memory_url(option: str | None = None, configured: str | None = None) -> str:
    """Return the URL of the memory, or NONE.

    The first that is given counts: the command line's, the environment's, the configuration's, else a file in the
    user's data directory.
    """
    return option or os.environ.get(VARIABLE) or configured or f"sqlite:///{_data_directory() / 'memory.sqlite'}"


def _data_directory() -> Path:
    import platformdirs  # only where nothing else says

    return platformdirs.user_data_path("reviewbot", appauthor=False)
