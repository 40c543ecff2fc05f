# SPDX-License-Identifier: GPL-2.0-or-later
"""How the bot comes in: as an App, with a token, with neither; and that it never runs what a pull request contains."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from reviewbot.model.errors import UnusableInputError
from reviewbot.publish.github.access import Forge
from reviewbot.publish.github.mirror import Mirror
from reviewbot.publish.github.settings import App, GithubBot, secret, token
from tests.fixturekit import git
from tests.github.hub import BOT, REPOSITORY
from tests.github.scene import TOKEN, Scene, function, scene, source
from tests.github.server import APP_TOKEN


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Scene]:
    """A repository at GitHub."""
    with scene(tmp_path) as made:
        yield made


def test_a_token_goes_with_every_request(github: Scene) -> None:
    github.bot().sweep()
    assert github.server.logins == {TOKEN}


def test_an_app_gets_a_token_for_its_installation(github: Scene) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file = github.home / "app.pem"
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    file.write_bytes(key.private_bytes(*form))
    forge = Forge(github.settings(token_file=None, app=App(12, 34, file)), REPOSITORY)
    assert forge.login() == BOT and list(forge.pulls()) == []
    assert ("POST", "/app/installations/34/access_tokens") in github.server.requests
    assert APP_TOKEN in github.server.logins


def test_with_neither_it_only_reads(github: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REVIEWBOT_GITHUB_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    forge = Forge(github.settings(token_file=None), REPOSITORY)
    assert forge.login() == "" and forge.conversation(1).threads == ()


def test_secrets_come_from_files_or_the_environment(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("in a file\n")
    assert token(GithubBot(token_file=tmp_path / "t"), {"GITHUB_TOKEN": "x"}) == "in a file"
    assert token(GithubBot(), {"GITHUB_TOKEN": "x", "REVIEWBOT_GITHUB_TOKEN": "y"}) == "y"
    assert secret(GithubBot(), {"REVIEWBOT_GITHUB_SECRET": "z"}) == b"z"
    with pytest.raises(UnusableInputError, match="need a secret"):
        secret(GithubBot(), {})
    with pytest.raises(UnusableInputError, match="missing"):
        token(GithubBot(token_file=tmp_path / "missing"))


@pytest.mark.parametrize("name", ["ring", "a/b/c", "/x", "x/", ""])
def test_what_names_no_repository_is_refused(name: str) -> None:
    with pytest.raises(UnusableInputError, match="owner/name"):
        Forge(GithubBot(), name)


def test_nothing_of_a_pull_request_is_checked_out_or_run(github: Scene) -> None:
    trap = github.home / "sprung"
    script = f"#!/bin/sh\ntouch {trap}\n"
    modules = f'[submodule "x"]\n\tpath = x\n\turl = ext::sh -c touch% {trap}\n'
    attributes = "*.c diff=trap filter=trap merge=trap\n"
    names = ("hooks/post-checkout", "Makefile", ".github/workflows/x.yml", "configure")
    files = dict.fromkeys(names, script) | {".gitmodules": modules, ".gitattributes": attributes}
    github.commit("topic", files, "main")
    github.commit("topic", {"new.c": source(function("one"))})
    # even a mirror that somebody gave a program for diffs does not run it
    mirror = github.bot().mirror
    mirror.prepare()
    with (mirror.path / "config").open("a") as config:
        config.write(
            f'[diff "trap"]\n\tcommand = touch {trap}\n\ttextconv = touch {trap}\n[diff]\n\texternal = touch {trap}\n'
        )
    github.hub.open("topic")
    github.hub.refresh()
    assert github.bot().sweep() == 0
    assert len(github.hub.comments) == 1
    assert not trap.exists()
    assert {one.name for one in mirror.path.iterdir()} <= {
        "HEAD",
        "config",
        "objects",
        "refs",
        "packed-refs",
        "shallow",
    }


def test_what_git_says_has_no_password_in_it(tmp_path: Path) -> None:
    mirror = Mirror(tmp_path / "mirror.git", "http://me:hunter2@127.0.0.1:9/x.git")
    with pytest.raises(UnusableInputError) as caught:
        mirror.fetch("refs/heads/main")
    assert "hunter2" not in str(caught.value) and "127.0.0.1" in str(caught.value)


def test_a_mirror_borrows_the_objects_of_a_clone(github: Scene) -> None:
    mirror = Mirror(github.home / "thin.git", str(github.hub.repository), borrow=github.work)
    tree = mirror.fetch("refs/heads/main")
    assert tree.resolve("refs/reviewbot/heads/main") == github.hub.sha("main")
    assert "0 objects" in git(mirror.path, "count-objects").out


def test_what_could_not_be_read_is_no_success(github: Scene) -> None:
    modules = '[submodule "x"]\n\tpath = x\n\turl = https://example.org/x\n'
    github.commit("topic", {".gitmodules": modules, "new.c": source(function("one"))}, "main")
    github.hub.open("topic")
    github.hub.refresh()
    github.bot().sweep()
    (check,) = github.hub.checks
    assert check["conclusion"] == "neutral" and "not everything was read" in check["output"]["title"]
    assert "commit 1 was not read" in check["output"]["summary"]
