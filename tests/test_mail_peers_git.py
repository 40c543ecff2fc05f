# SPDX-License-Identifier: GPL-2.0-or-later
"""git's own test mails (t5100, t4256): read as git-mailinfo(1) reads them, or the difference is explained."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from reviewbot.mail.headers import read_date, read_person
from reviewbot.mail.mbox import split_mbox
from reviewbot.mail.message import parse_message
from reviewbot.mail.patchtext import in_body_fields, split_log, whole_patch
from reviewbot.mail.read import read_mail
from reviewbot.mail.subject import parse_subject
from reviewbot.model.mail import Message, Person

VARIANTS = {12: "--message-id", 14: "--scissors"}
"""Mails for which git's answer with an option is the one compared: scissors are always honoured here."""

DIFFERS = {
    ("sample", 1, "author"): "a comment after the address is no part of the name (RFC 5322)",
    (
        "sample",
        8,
        "author",
    ): "git wants an empty line under an in-body From; dumps have none, and here is no patch",
    ("sample", 12, "log"): "git's option puts the message-id into the log; here it is a field of the patch",
    ("sample", 15, "author"): "git leaves the name empty where there is no address; here the text is kept as a name",
    ("sample", 16, "date"): "an in-body Date that is none does not replace the mail's",
    ("rfc2047", 4, "author"): "a comment after the address is no part of the name (RFC 5322)",
    ("comment", 1, "author"): "likewise",
    ("quoted-from", 1, "log"): "`>From ` in an mbox is undone (mboxrd); git does so only when told",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read of a mail, in the terms of git-mailinfo(1)."""

    author: tuple[str, str]
    subject: str
    date: datetime | None
    log: str
    diff: bytes


def reading(message: Message) -> Reading:
    """Read a mail the way a patch is made of it."""
    body = message.body.split("\n")
    part = whole_patch(message.payload.split(b"\n"), body)
    if part is None:
        fields, at = in_body_fields(body, 0, len(body))
        author = read_person(fields["from"]) if "from" in fields else message.author
        title = parse_subject(fields.get("subject", message.subject)).title
        date = read_date(fields.get("date", "")) or message.date
        return Reading(named(author), title, date, split_log(body[at:])[0].strip(), b"")
    title = parse_subject(part.subject or message.subject).title
    return Reading(named(part.author or message.author), title, part.date or message.date, part.log.strip(), part.diff)


def named(person: Person) -> tuple[str, str]:
    """Return a person as git has it: the address for a name where there is none."""
    return person.name or person.email, person.email


def told(path: Path) -> dict[str, str]:
    """Return the fields of git's answer."""
    lines = path.read_text().splitlines()
    return {name: value for name, _, value in (line.partition(": ") for line in lines)}


def differences(mine: Reading, info: dict[str, str], log: Path | None, patch: Path | None) -> set[str]:
    """Return in which respects a reading is not git's."""
    pairs: dict[str, tuple[object, object]] = {"subject": (mine.subject, info.get("Subject", ""))}
    if "Author" in info:
        pairs["author"] = (mine.author, (info["Author"], info["Email"]))
        pairs["date"] = (mine.date, read_date(info.get("Date", "")))
    if log:
        pairs["log"] = (mine.log, log.read_text(errors="replace").strip())
    if patch:
        theirs = patch.read_bytes()
        pairs["patch"] = (mine.diff.rstrip(b"\n") in theirs, bool(mine.diff) or b"@@" not in theirs)
    return {name for name, (one, other) in pairs.items() if one != other}


def mails(file: Path) -> list[Message]:
    """Return the mails of an mbox, empty lines before the first left out."""
    lines = file.read_bytes().lstrip(b"\n").splitlines(keepends=True)
    return [parse_message(raw, file.name) for raw in split_mbox(lines)]


def test_sample_mailbox_is_read_as_git_does(shared: Path) -> None:
    folder = shared / "corpus" / "peers" / "git" / "t5100"
    found = set()
    messages = mails(folder / "sample.mbox")
    assert len(messages) == 18
    for number, message in enumerate(messages, 1):
        end = f"{number:04d}{VARIANTS.get(number, '')}"
        wrong = differences(reading(message), told(folder / f"info{end}"), folder / f"msg{end}", folder / f"patch{end}")
        found |= {("sample", number, one) for one in wrong}
    assert found == {key for key in DIFFERS if key[0] == "sample"}


def test_encoded_words_are_read_as_git_does(shared: Path) -> None:
    folder = shared / "corpus" / "peers" / "git" / "t5100"
    found = set()
    for number, message in enumerate(mails(folder / "rfc2047-samples.mbox"), 1):
        info = told(folder / f"rfc2047-info-{number:04d}")
        found |= {("rfc2047", number, one) for one in differences(reading(message), info, None, None)}
    assert found == {key for key in DIFFERS if key[0] == "rfc2047"}


@pytest.mark.parametrize("name", ["comment", "embed-from", "info-from", "quoted-string"])
def test_single_headers_are_read_as_git_does(shared: Path, name: str) -> None:
    folder = shared / "corpus" / "peers" / "git" / "t5100"
    (message,) = mails(folder / f"{name}.in")
    wrong = differences(reading(message), told(folder / f"{name}.expect"), None, None)
    assert {(name, 1, one) for one in wrong} == {key for key in DIFFERS if key[0] == name}


def test_escaped_from_lines_are_undone_where_git_leaves_them(shared: Path) -> None:
    folder = shared / "corpus" / "peers" / "git" / "t5100"
    (message,) = mails(folder / "quoted-from.in")
    expect = (folder / "quoted-from.expect").read_text().strip()
    assert ("quoted-from", 1, "log") in DIFFERS
    assert reading(message).log == expect.replace(">From", "From")


def test_mboxrd_is_split_and_unescaped(shared: Path) -> None:
    folder = shared / "corpus" / "peers" / "git" / "t5100"
    messages = mails(folder / "sample.mboxrd")
    assert len(messages) == 2
    for number, message in enumerate(messages, 1):
        assert message.body.strip() == (folder / f"{number:04d}mboxrd").read_text().strip()


def test_line_ends_made_by_base64_transport_are_undone(shared: Path) -> None:
    first, second = mails(shared / "corpus" / "peers" / "git" / "t5100" / "quoted-cr.mbox")
    assert reading(first).diff == reading(second).diff
    assert second.damage == ("crlf",)


def test_a_nul_in_base64_stays_out_of_the_rest(shared: Path) -> None:
    folder = shared / "corpus" / "peers" / "git" / "t5100"
    (message,) = mails(folder / "nul-b64.in")
    assert message.payload.strip() == (folder / "nul-b64.expect").read_bytes().strip()


def test_a_flowed_patch_applies(shared: Path, tmp_path: Path) -> None:
    folder = shared / "corpus" / "peers" / "git" / "t4256" / "1"
    ((series,), _) = read_mail([str(folder / "patch")])
    (tmp_path / "mailinfo.c").write_bytes((folder / "mailinfo.c.orig").read_bytes())
    subprocess.run(["git", "apply"], input=series.patches[0].diff, cwd=tmp_path, check=True)
    assert (tmp_path / "mailinfo.c").read_bytes() == (folder / "mailinfo.c").read_bytes()
