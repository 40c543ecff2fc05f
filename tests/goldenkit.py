# SPDX-License-Identifier: GPL-2.0-or-later
"""Golden reviews: what the program mails about each mailbox in `tests/golden`, kept beside it to be read.

After a change that is meant to change mails, `python -m tests.goldenkit` writes them anew; read the difference
(`git diff tests/golden`) before it is committed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
NAMES = tuple(sorted(box.stem for box in FOLDER.glob("*.mbox")))

_FIXED = {
    "SOURCE_DATE_EPOCH": "1772625600",
    "REVIEWBOT_MEMORY": "none",
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "user.name",
    "GIT_CONFIG_VALUE_0": "Max Maintainer",
    "GIT_CONFIG_KEY_1": "user.email",
    "GIT_CONFIG_VALUE_1": "max@example.org",
}


def mails(source: Path, *arguments: str) -> str:
    """Return the mails about a source: same time, same sender, the program's version left out."""
    command = [sys.executable, "-m", "reviewbot", "review", str(source), "--format", "email", *arguments]
    done = subprocess.run(command, capture_output=True, env=os.environ | _FIXED, timeout=300, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stderr.decode())
    return re.sub(r"(?m)^(X-Mailer: reviewbot) .*$", r"\1", done.stdout.decode())


def expected(name: str) -> Path:
    """Return where the mails about a mailbox are kept."""
    return FOLDER / f"{name}.txt"


def main() -> None:
    """Write what the program says now over what is kept."""
    for name in NAMES:
        expected(name).write_text(mails(FOLDER / f"{name}.mbox"))
        print(name)


if __name__ == "__main__":
    main()
