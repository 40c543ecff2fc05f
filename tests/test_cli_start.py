# SPDX-License-Identifier: GPL-2.0-or-later
"""The program starts quickly and explains itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from reviewbot.cli.main import COMMANDS
from tests.commands import reviewbot

HEAVY = ("git", "pygit2", "jinja2", "tree_sitter", "unidiff", "liblore", "rich", "requests")


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from reviewbot.cli.main import call; call(['--help']); "
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(command: str) -> None:
    done = reviewbot(command, "--help")
    assert done.status == 0
    assert "Example" in done.out


def test_the_version_is_the_packages() -> None:
    import reviewbot as package

    assert package.__version__ in reviewbot("--version").out
