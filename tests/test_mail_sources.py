# SPDX-License-Identifier: GPL-2.0-or-later
"""The kinds of SOURCE, and the one clear line for each that cannot be used."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest

from reviewbot.mail.read import read_mail
from reviewbot.model.errors import UnusableInputError
from tests.mailkit import diff, mail, mbox, patch


def subjects(*sources: str, stdin: bytes | None = None) -> list[str]:
    """Return the subjects of all patches of the sources."""
    series, _ = read_mail(sources, io.BytesIO(stdin) if stdin is not None else None)
    return [p.subject for one in series for p in one.patches]


def test_an_mbox_is_read_plain_zipped_and_from_standard_input(tmp_path: Path) -> None:
    data = mbox([patch("[PATCH] one", "1@x"), patch("[PATCH] two", "2@x")])
    (tmp_path / "plain.mbox").write_bytes(data)
    (tmp_path / "zipped").write_bytes(gzip.compress(data))
    assert subjects(str(tmp_path / "plain.mbox")) == ["one", "two"]
    assert subjects(str(tmp_path / "zipped")) == ["one", "two"]
    assert subjects("-", stdin=data) == subjects("-", stdin=gzip.compress(data)) == ["one", "two"]


def test_from_lines_in_bodies_part_no_mails(tmp_path: Path) -> None:
    body = "Log.\n\nFrom here on: nothing.\nFrom: the start\n\n>From old mailers\n---\n" + diff()
    (tmp_path / "one.eml").write_bytes(mail("[PATCH] one", body, "1@x"))
    (tmp_path / "one.mbox").write_bytes(mbox([mail("[PATCH] one", body, "1@x")]))
    assert subjects(str(tmp_path / "one.eml")) == subjects(str(tmp_path / "one.mbox")) == ["one"]


def test_an_mbox_with_crlf_line_ends_is_read(tmp_path: Path) -> None:
    data = mbox([patch("[PATCH] one", "1@x")]).replace(b"\n", b"\r\n")
    ((series,), _) = read_mail(["-"], io.BytesIO(data))
    assert series.patches[0].diff == diff().encode()


def test_a_maildir_is_read_in_order_of_delivery(tmp_path: Path) -> None:
    for part, name, number in (("cur", "20.b:2,S", 2), ("new", "10.a", 1), ("cur", "30.c:2,", 3)):
        (tmp_path / part).mkdir(exist_ok=True)
        (tmp_path / part / name).write_bytes(patch(f"[PATCH] number {number}", f"{number}@x"))
    assert subjects(str(tmp_path)) == ["number 1", "number 2", "number 3"]


def test_several_patch_files_make_one_series(tmp_path: Path) -> None:
    files = [tmp_path / f"000{n}-x.patch" for n in (1, 2)]
    for number, file in enumerate(files, 1):
        head = b"From " + b"0" * 40 + b" Mon Sep 17 00:00:00 2001\n"
        file.write_bytes(head + patch(f"[PATCH {number}/2] number {number}"))
    series, _ = read_mail([str(file) for file in files])
    assert [(one.total, len(one.patches)) for one in series] == [(2, 2)]


def unusable(tmp_path: Path, name: str) -> Path:
    """Make an unusable source and return its path."""
    place = tmp_path / name
    data = {
        "empty": b"",
        "blank": b"\n \n",
        "binary": bytes(range(256)) * 20,
        "zipped": gzip.compress(b"x" * 100)[:20],
        "twice": gzip.compress(gzip.compress(b"x")),
        "replies": mbox([mail("Re: x", "> a\nb\n", "1@x", "0@x")]),
        "text": b"Just some words.\n",
    }
    if name in data:
        place.write_bytes(data[name])
    elif name == "folder":
        place.mkdir()
    elif name == "maildir":
        (place / "new").mkdir(parents=True)
    return place


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("empty", "empty"),
        ("blank", "empty"),
        ("binary", "binary"),
        ("zipped", "broken gzip"),
        ("twice", "gzip within gzip"),
        ("replies", "no patch in"),
        ("text", "no patch in"),
        ("folder", "not a maildir, a quilt directory or a public-inbox archive"),
        ("maildir", "empty"),
        ("nothing", "no such file"),
        ("a\0b", "no such file"),
        ("x" * 300, "too long"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(tmp_path: Path, name: str, words: str) -> None:
    place = unusable(tmp_path, name)
    with pytest.raises(UnusableInputError) as caught:
        read_mail([str(place)])
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_broken_mail_is_skipped_and_named(tmp_path: Path) -> None:
    html = mail("[PATCH] two", "<p>\n", "2@x", extra=["Content-Type: text/html"])
    file = tmp_path / "some.mbox"
    file.write_bytes(mbox([patch("[PATCH] one", "1@x"), html]))
    series, skipped = read_mail([str(file)])
    assert [one.subject for one in series] == ["one"]
    assert [(s.message_id, s.reason.partition(": ")[2]) for s in skipped] == [("2@x", "its only part is HTML")]


def test_a_notice_is_a_patch_only_where_nothing_else_is(tmp_path: Path) -> None:
    notice = mail('patch "one" added to driver-core-next', "Added.\n\n---\n" + diff(), "n@x", "1@x")
    alone, thread = tmp_path / "alone.eml", tmp_path / "thread.mbox"
    alone.write_bytes(notice)
    thread.write_bytes(mbox([patch("[PATCH] one", "1@x"), notice]))
    assert len(subjects(str(alone))) == 1
    assert subjects(str(thread)) == ["one"]
