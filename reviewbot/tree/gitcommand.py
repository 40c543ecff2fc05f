# SPDX-License-Identifier: GPL-2.0-or-later
"""Running git in the scratch repository, for what libgit2 lacks (path-limited history, patch ids, partial clones)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

# transports over which a partial clone may fetch an object: nothing that runs a command of a configuration's choice
TRANSPORTS = "file:git:http:https:ssh"
SECONDS = 60


def environment() -> dict[str, str]:
    """The environment for git: no configuration but the scratch repository's own, no prompts, no GIT_* of a caller."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ALLOW_PROTOCOL": TRANSPORTS,
        "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
        "LC_ALL": "C",
    }


def run_git(store: Path, arguments: Sequence[str], stdin: bytes = b"", seconds: float = SECONDS) -> tuple[bytes, bool]:
    """Run git on the scratch repository `store`; return its output and whether it ended well within `seconds`.

    When it did not, the output is what there was until then.
    """
    command = ["git", f"--git-dir={store}", "--literal-pathspecs", *arguments]
    try:
        done = subprocess.run(
            command, input=stdin, capture_output=True, timeout=seconds, env=environment(), cwd=store, check=False
        )
    except subprocess.TimeoutExpired as late:
        return late.stdout or b"", False
    except OSError:
        # no git on this machine: whoever asks can do without the answer
        return b"", False
    return done.stdout, done.returncode == 0
