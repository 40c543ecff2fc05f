# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails for tests, written for them: patches, covers, replies, mboxes and public-inbox archives."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from reviewbot.mail.read import read_mail
from reviewbot.model.mail import MailSeries, Skipped

AUTHOR = "Ada Writer <ada@example.org>"
REVIEWER = "Rob Reader <rob@example.org>"
DATE = "Tue, 03 Mar 2020 10:00:00 +0100"


def diff(name: str = "mm/pool.c", old: str = "one", new: str = "two") -> str:
    """Return a small git diff that changes one line."""
    return (
        f"diff --git a/{name} b/{name}\nindex 1111111..2222222 100644\n--- a/{name}\n+++ b/{name}\n"
        f"@@ -1,3 +1,3 @@\n first\n-{old}\n+{new}\n last\n"
    )


def mail(
    subject: str,
    body: str,
    message_id: str | None = None,
    parent: str | None = None,
    sender: str = AUTHOR,
    extra: Sequence[str] = (),
    date: str = DATE,
) -> bytes:
    """Return a mail as it is stored: LF line ends, UTF-8."""
    lines = [f"From: {sender}", f"Subject: {subject}", f"Date: {date}"]
    lines += [f"Message-ID: <{message_id}>"] if message_id else []
    lines += [f"In-Reply-To: <{parent}>", f"References: <{parent}>"] if parent else []
    return ("\n".join([*lines, *extra]) + "\n\n" + body).encode()


def patch_body(log: str = "Change one thing.", name: str = "mm/pool.c", new: str = "two", notes: str = "") -> str:
    """Return the body of a mail that `git format-patch` wrote."""
    return f"{log}\n\nSigned-off-by: {AUTHOR}\n---\n{notes} {name} | 2 +-\n\n{diff(name, new=new)}-- \n2.39.5\n"


def patch(subject: str, message_id: str | None = None, parent: str | None = None, **more: str) -> bytes:
    """Return a mail with a patch."""
    return mail(subject, patch_body(**more), message_id, parent)


def mbox(mails: Iterable[bytes]) -> bytes:
    """Return an mboxrd."""
    out = []
    for one in mails:
        escaped = b"\n".join(b">" + x if x.lstrip(b">").startswith(b"From ") else x for x in one.split(b"\n"))
        out.append(b"From mboxrd@z Thu Jan  1 00:00:00 1970\n" + escaped + b"\n")
    return b"".join(out)


def read(directory: Path, *mails: bytes) -> tuple[MailSeries, ...]:
    """Write mails into an mbox and read it; only the series."""
    return read_all(directory, *mails)[0]


def read_all(directory: Path, *mails: bytes) -> tuple[tuple[MailSeries, ...], tuple[Skipped, ...]]:
    """Write mails into an mbox and read it."""
    file = directory / "test.mbox"
    file.write_bytes(mbox(mails))
    return read_mail([str(file)])


def fast_import(repository: Path, mails: Iterable[tuple[str, bytes]]) -> None:
    """Make a bare repository with one commit for each (`m` or `d`, mail), as an epoch of a public-inbox archive has."""
    subprocess.run(["git", "init", "-q", "--bare", str(repository)], check=True)
    importer = subprocess.Popen(
        ["git", "-C", str(repository), "fast-import", "--quiet"], stdin=subprocess.PIPE, bufsize=1 << 20
    )
    assert importer.stdin is not None
    for number, (name, data) in enumerate(mails, 1):
        importer.stdin.write(
            b"commit refs/heads/master\ncommitter t <t@example.org> %d +0000\ndata 1\nm\ndeleteall\n"
            b"M 100644 inline %s\ndata %d\n%s\n" % (1_500_000_000 + number, name.encode(), len(data), data)
        )
    importer.stdin.close()
    assert importer.wait() == 0
    subprocess.run(["git", "-C", str(repository), "symbolic-ref", "HEAD", "refs/heads/master"], check=True)
