# SPDX-License-Identifier: GPL-2.0-or-later
"""The bundled fixtures for tests: their tree as a git repository, and their mailboxes applied to it by real git."""

from __future__ import annotations

import json
import mailbox
import os
import shutil
import subprocess
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

WHO = {
    "GIT_AUTHOR_NAME": "A Tester",
    "GIT_AUTHOR_EMAIL": "tester@example.org",
    "GIT_COMMITTER_NAME": "A Tester",
    "GIT_COMMITTER_EMAIL": "tester@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a git command."""

    status: int
    out: str
    err: str


def git(repository: Path, *arguments: str, stdin: bytes | None = None) -> Done:
    """Run git in a repository."""
    done = subprocess.run(
        ["git", "-C", str(repository), *arguments],
        input=stdin,
        capture_output=True,
        env={**os.environ, **WHO},
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def make_repository(fixtures: Path, place: Path) -> str:
    """Make a repository of the fixture tree, with one commit; return its id."""
    shutil.copytree(fixtures / "tree", place)
    for command in (["init", "-q", "-b", "base"], ["add", "-A"], ["commit", "-q", "-m", "base"]):
        done = git(place, *command)
        assert done.status == 0, done.err
    return git(place, "rev-parse", "HEAD").out.strip()


def messages(box: Path) -> list[Message]:
    """Read all messages of a mailbox."""
    return list(mailbox.mbox(box, create=False))


def has_patch(message: Message) -> bool:
    """Tell whether a message carries a diff that is not quoted."""
    body = message.get_payload(decode=True)
    assert isinstance(body, bytes)
    return b"\ndiff --git " in body


def patch_mails(box: Path) -> list[list[Message]]:
    """Return the patches of a mailbox, those of a numbered or single posting first, then each one posted in a reply."""
    carriers = [m for m in messages(box) if has_patch(m)]
    posted = [m for m in carriers if not m["Subject"].startswith("Re:")]
    return [posted] * bool(posted) + [[m] for m in carriers if m not in posted]


def apply_mails(repository: Path, base: str, mails: list[Message]) -> list[str] | None:
    """Apply mails with `git am` onto a commit; return it and the commits made, oldest first, or None on a conflict."""
    assert git(repository, "checkout", "-q", "--detach", base).status == 0
    raw = b"".join(b"From a@b Mon Sep 17 00:00:00 2001\n" + m.as_bytes() + b"\n" for m in mails)
    if git(repository, "am", "-q", stdin=raw).status != 0:
        assert git(repository, "am", "--abort").status == 0
        return None
    first = git(repository, "rev-parse", base).out.strip()
    return [first, *git(repository, "rev-list", "--reverse", f"{base}..HEAD").out.split()]


def expectations(fixtures: Path) -> list[dict[str, Any]]:
    """Load all files of fixtures/expected/, sorted by name."""
    return [json.loads(file.read_text()) for file in sorted((fixtures / "expected").glob("*.json"))]
