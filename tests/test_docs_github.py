# SPDX-License-Identifier: GPL-2.0-or-later
"""What docs/github.md shows is what the program takes: its configuration, and its commands."""

from __future__ import annotations

import dataclasses
import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest

from reviewbot.cli.bot_github import command
from reviewbot.publish.config import load_config
from reviewbot.publish.github.settings import App, GithubBot


def blocks(root: Path, language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", (root / "docs" / "github.md").read_text(), re.M | re.S)


def test_the_configuration_is_read_and_shows_the_defaults(root: Path, tmp_path: Path) -> None:
    (text,) = blocks(root, "toml")
    file = tmp_path / "reviewbot.toml"
    file.write_text(text)
    found = load_config(file).github
    assert found is not None and found.app == App(1234, 5678, Path("/etc/reviewbot/app.pem"))
    given = {"token_file", "secret_file", "cache", "borrow", "rules", "app"}
    usual = GithubBot()
    for field in dataclasses.fields(GithubBot):
        if field.name not in given:
            assert getattr(found, field.name) == getattr(usual, field.name)
    keys = set(tomllib.loads(text)["bot"]["github"])
    shown = {key.removesuffix("_seconds") for key in keys}
    assert shown == {field.name for field in dataclasses.fields(GithubBot)} - {"limits"}


def test_every_command_line_is_understood(root: Path) -> None:
    lines = [
        line for block in blocks(root, "sh") for line in block.splitlines() if line.startswith("reviewbot bot github")
    ]
    assert len(lines) == 5
    for line in lines:
        command.make_context("github", shlex.split(line, comments=True)[3:])


def test_a_misspelt_option_is_not(root: Path) -> None:
    with pytest.raises(click.NoSuchOption):
        command.make_context("github", ["--repo", "o/n", "--onec"])
