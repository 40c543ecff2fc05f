# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails attached to mails: forwarded patches and digests, each with its own author and subject."""

from __future__ import annotations

import base64
import email
from collections.abc import Iterable
from email.generator import BytesGenerator
from io import BytesIO
from pathlib import Path

import pytest

from reviewbot.mail.attached import attached_mails
from reviewbot.mail.read import read_mail
from reviewbot.model.mail import MailSeries, Skipped
from tests.mailkit import REVIEWER, mail, mbox, patch, patch_body


def wrapping(subject: str, inner: Iterable[bytes], text: str = "See below.\n", kind: str = "mixed") -> bytes:
    """Return a mail of a reader that has other mails attached."""
    inner = list(inner)
    # each level needs a boundary that does not occur in it
    cut = f"cut{sum(map(len, inner))}"
    type_of_part = "" if kind == "digest" else "Content-Type: message/rfc822\n"
    parts = [f"--{cut}\nContent-Type: text/plain\n\n{text}"] if text else []
    parts += [f"--{cut}\n{type_of_part}\n{one.decode()}" for one in inner]
    kind_of_mail = f'Content-Type: multipart/{kind}; boundary="{cut}"'
    return mail(subject, "\n".join(parts) + f"\n--{cut}--\n", "outer@x", sender=REVIEWER, extra=[kind_of_mail])


def read(tmp_path: Path, *mails: bytes) -> tuple[tuple[MailSeries, ...], tuple[Skipped, ...]]:
    """Read an mbox of these mails."""
    box = tmp_path / "box.mbox"
    box.write_bytes(mbox(mails))
    return read_mail([str(box)])


def test_a_forwarded_patch_is_its_authors(tmp_path: Path) -> None:
    (one,), skipped = read(tmp_path, wrapping("Fwd: a patch", [patch("[PATCH] pool: two", "inner@x")]))
    assert (one.id, one.subject, one.author.name, skipped) == ("inner@x", "pool: two", "Ada Writer", ())


def test_a_digest_is_the_series_in_it(tmp_path: Path) -> None:
    mails = [patch(f"[PATCH {n}/2] pool: {n}", f"{n}@x", "1@x" if n > 1 else None) for n in (1, 2)]
    (one,), _ = read(tmp_path, wrapping("digest", mails, "", "digest"))
    assert [p.message_id for p in one.patches] == ["1@x", "2@x"]


def test_a_known_mail_that_a_reply_attaches_is_no_second_series(tmp_path: Path) -> None:
    original = patch("[PATCH] pool: two", "1@x")
    series, skipped = read(tmp_path, original, wrapping("Re: [PATCH] pool: two", [original]))
    assert [one.id for one in series] == ["1@x"]
    assert [one.message_id for one in skipped] == ["1@x"]


def test_an_attached_mail_without_an_id_belongs_to_the_mail_around_it(tmp_path: Path) -> None:
    (one,), _ = read(tmp_path, wrapping("[PATCH] pool: two", [patch("[PATCH] pool: two")]))
    assert (one.id, one.total, one.patches[0].author.name) == ("outer@x", 1, "Ada Writer")


def test_mails_within_mails_are_opened_only_so_far(tmp_path: Path) -> None:
    nested = patch("[PATCH] deep", "deep@x")
    for _ in range(50):
        nested = wrapping("Fwd", [nested])
    (one,), _ = read(tmp_path, nested, patch("[PATCH] flat", "flat@x"))
    assert one.id == "flat@x"


def test_a_numbered_patch_without_a_diff_is_named(tmp_path: Path) -> None:
    empty = mail("[PATCH 2/2] pool: nothing", "Sorry, forgot it.\n", "2@x", "1@x")
    (one,), skipped = read(tmp_path, patch("[PATCH 1/2] pool: two", "1@x"), empty)
    assert one.missing == (2,)
    assert [(s.message_id, "no diff" in s.reason) for s in skipped] == [("2@x", True)]


def test_utf_16_is_read_by_its_characters(tmp_path: Path) -> None:
    head = mail("[PATCH] pool: wide", "", "w@x", extra=["Content-Type: text/plain; charset=utf-16"])
    head = head.replace(b"\n\n", b"\nContent-Transfer-Encoding: base64\n\n")
    (one,), _ = read(tmp_path, head + base64.encodebytes(patch_body().encode("utf-16")))
    assert one.patches[0].diff.startswith(b"diff --git a/mm/pool.c")


def test_an_attached_mail_that_cannot_be_written_again_ends_nothing() -> None:
    raw = b"Content-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=b\n\x9f: x"
    with pytest.raises(UnicodeEncodeError):
        BytesGenerator(BytesIO()).flatten(email.message_from_bytes(raw))
    assert attached_mails(raw, "outer@x", wrapped=True) == ()
