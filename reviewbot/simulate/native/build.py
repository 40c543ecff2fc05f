# SPDX-License-Identifier: GPL-2.0-or-later
"""Compiling the explorer: once for each version of its source and each compiler, into the user's cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from platformdirs import user_cache_path

from reviewbot.simulate.native.tables import header

FLAGS = ("-std=gnu11", "-O3")
SECONDS = 120


@cache
def explorer() -> Path | None:
    """Return the compiled explorer; None where there is no C compiler, or it does not compile this source.

    What is compiled is reviewbot's own source and nothing else. `CC` names another compiler than `cc`, and
    `REVIEWBOT_CACHE` another place for the result than the user's cache directory.
    """
    compiler = shutil.which(os.environ.get("CC") or "cc")
    if compiler is None:
        return None
    folder = Path(__file__).parent
    sources = sorted(folder.glob("*.[ch]"))
    key = hashlib.sha256("\0".join((compiler, *FLAGS, header())).encode())
    for source in sources:
        key.update(source.read_bytes())
    place = Path(os.environ.get("REVIEWBOT_CACHE") or user_cache_path("reviewbot"))
    program = place / f"explorer-{key.hexdigest()[:20]}"
    if program.is_file():
        return program
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place) as scratch:
            (Path(scratch) / "generated.h").write_text(header())
            made = Path(scratch) / "explorer"
            units = [str(source) for source in sources if source.suffix == ".c"]
            command = [compiler, *FLAGS, f"-I{scratch}", "-o", str(made), *units]
            subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
            made.replace(program)  # at once, as another process may do the same
    except (OSError, subprocess.SubprocessError):
        return None
    return program
