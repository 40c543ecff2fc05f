# SPDX-License-Identifier: GPL-2.0-or-later
"""One mail, from bytes to text: charsets, encodings, parts, flowed text, headers."""

from __future__ import annotations

import base64
import quopri
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.mail.flowed import unflow
from reviewbot.mail.headers import decode_words, message_id, people, read_date, read_person
from reviewbot.mail.message import BrokenMailError, parse_message
from reviewbot.mail.patchtext import is_scissors, whole_patch
from reviewbot.model.mail import Message, Person
from tests.mailkit import diff, mail, patch_body

TEXT = "Grüße aus Köln – 你好\n"


def typed(content: bytes, kind: str, encoding: str = "8bit") -> Message:
    """Read a mail with this body, type and transfer encoding."""
    head = mail("[PATCH] x", "", "1@x", extra=[f"Content-Type: {kind}", f"Content-Transfer-Encoding: {encoding}"])
    return parse_message(head + content, "test")


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("utf-8", TEXT),
        ("iso-8859-1", "Grüße\n"),
        ("windows-1252", "Grüße – hm\n"),
        ("gb2312", "你好\n"),
        ("utf-16", TEXT),
        ("iso-2022-jp", "こんにちは\n"),
    ],
)
@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
def test_charsets_are_decoded_under_every_transfer_encoding(charset: str, text: str, encoding: str) -> None:
    data = text.encode(charset)
    coded = {"8bit": data, "base64": base64.encodebytes(data), "quoted-printable": quopri.encodestring(data)}[encoding]
    if encoding == "8bit" and charset == "utf-16":
        coded = data
    found = typed(coded, f"text/plain; charset={charset}", encoding)
    assert found.body.strip("\n") == text.strip("\n")
    assert found.body.count("\n") == found.payload.count(b"\n")


@pytest.mark.parametrize("charset", ["y", "true", "unknown-8bit", "punycode", "zlib", "idna", "''"])
def test_bogus_charsets_fall_back(charset: str) -> None:
    assert typed(TEXT.encode(), f"text/plain; charset={charset}").body == TEXT
    assert typed("Grüße\n".encode("cp1252"), f"text/plain; charset={charset}").body == "Grüße\n"


def test_broken_base64_is_read_as_far_as_it_goes() -> None:
    coded = base64.b64encode(b"one\ntwo\n").rstrip(b"=")
    assert typed(coded + b"\n", "text/plain", "base64").body == "one\ntwo\n"
    assert typed(b"!!!", "text/plain", "base64").body == ""


def test_a_diff_is_cut_from_the_bytes_before_the_charset() -> None:
    body = patch_body(new="Grüße").encode("iso-8859-1")
    found = typed(body, "text/plain; charset=iso-8859-1")
    part = whole_patch(found.payload.split(b"\n"), found.body.split("\n"))
    assert part is not None
    assert b"+Gr\xfc\xdfe\n" in part.diff


def test_inline_and_attached_patches_are_read_and_html_is_not() -> None:
    parts = [
        "Content-Type: multipart/alternative; boundary=c\n\n--c\nContent-Type: text/plain\n\nHello.\n"
        "--c\nContent-Type: text/html\n\n<p>Hello.\n--c--",
        f"Content-Type: text/x-patch\nContent-Disposition: attachment; filename=x.patch\n\n{diff()}",
        "Content-Type: application/gzip\n\nnothing",
    ]
    content = "".join(f"--b\n{part}\n" for part in parts) + "--b--\n"
    found = typed(content.encode(), "multipart/mixed; boundary=b")
    assert found.body.startswith("Hello.\n")
    assert "<p>" not in found.body
    assert diff().encode() in found.payload


@pytest.mark.parametrize(
    ("kind", "content", "reason"),
    [
        ("text/html", b"<p>", "its only part is HTML"),
        ("image/png", b"x", "its only part is image/png"),
        (
            "multipart/mixed; boundary=b",
            b"--b\nContent-Type: text/html\n\n<p>\n--b--\n",
            "none of its parts is plain text",
        ),
    ],
)
def test_mails_without_text_are_refused_with_their_id(kind: str, content: bytes, reason: str) -> None:
    with pytest.raises(BrokenMailError, match=reason) as caught:
        typed(content, kind)
    assert caught.value.message_id == "1@x"


def test_text_with_no_field_is_no_mail() -> None:
    with pytest.raises(BrokenMailError, match="no header fields"):
        parse_message(b"\n\nhello\n", "test")


def test_flowed_text_is_joined_by_quote_depth() -> None:
    assert unflow(b"one \ntwo\n> a \n> b\n>> c\n stuffed\n-- \nme \n") == b"one two\n> a b\n>> c\nstuffed\n-- \nme "
    assert unflow(b"one \ntwo\n", delsp=True) == b"onetwo\n"


def test_a_patch_that_was_only_declared_flowed_stays_whole() -> None:
    body = patch_body(new="two ").encode()
    found = typed(body, "text/plain; format=flowed")
    assert (found.payload, found.damage) == (body, ())
    stuffed = b"\n".join(b" " + x if x[:1] in (b" ", b">") else x for x in body.split(b"\n"))
    found = typed(stuffed, "text/plain; format=flowed")
    assert (found.payload, found.damage) == (body, ("format-flowed",))


def test_carriage_returns_of_the_file_stay_and_those_of_the_mailer_go() -> None:
    ours = diff(old="one\r", new="two\r").encode()
    assert b"+two\r\n" in typed(ours, "text/plain").payload
    made = patch_body().replace("\n", "\r\n").encode()
    found = typed(base64.encodebytes(made), "text/plain", "base64")
    assert (found.payload, found.damage) == (patch_body().encode(), ("crlf",))


def test_header_fields_are_unfolded_and_their_words_decoded() -> None:
    raw = mail("[PATCH]\n =?utf-8?q?Gr=C3=BC?=\n =?UTF-8?B?w59l?= now", "x\n", sender="=?gb2312?B?xOO6ww==?= <a@x>")
    found = parse_message(raw, "test")
    assert (found.subject, found.author) == ("[PATCH] Grüße now", Person("你好", "a@x"))


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Ada Writer <a@x>", Person("Ada Writer", "a@x")),
        ('"Writer, Ada" <a@x>', Person("Writer, Ada", "a@x")),
        ('"Ada \\"Q\\" Writer" <a@x>', Person('Ada "Q" Writer', "a@x")),
        ("a@x (Ada Writer)", Person("Ada Writer", "a@x")),
        ("Ada (Example) Writer <a@x>", Person("Ada (Example) Writer", "a@x")),
        ("<a@x>", Person("", "a@x")),
        ("a@x", Person("", "a@x")),
        ("nobody", Person("nobody", "")),
        ("", Person("", "")),
    ],
)
def test_addresses_are_read_as_people_write_them(text: str, person: Person) -> None:
    assert read_person(text) == person


def test_lists_of_addresses_are_split_outside_of_quotes() -> None:
    found = people('"A, B" <a@x>, c@x (C, D), <e@x>, group: f@x;')
    assert [one.email for one in found][:3] == ["a@x", "c@x", "e@x"]


@pytest.mark.parametrize("value", ["", "yesterday", "Tue, 99 Foo 2020", "1 Jan 99999 00:00:00 +9999", "\0"])
def test_broken_dates_are_none(value: str) -> None:
    assert read_date(value) is None


def test_a_date_without_a_zone_is_utc() -> None:
    assert read_date("Tue, 3 Mar 2020 10:00:00 -0000") == datetime(2020, 3, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "found"),
    [("<a@x>", "a@x"), ("a@x", "a@x"), ("", None), ("<>", None), ("x <a@x> y", "a@x"), ("a b", None)],
)
def test_message_ids_with_and_without_brackets(value: str, found: str | None) -> None:
    assert message_id(value) == found


def test_missing_ids_and_self_references_are_no_parents() -> None:
    found = parse_message(mail("Re: x", "y\n", "1@x", "1@x"), "test")
    assert (found.in_reply_to, found.references) == (None, ())


@pytest.mark.parametrize("line", ["-- >8 --", "--8<-- cut here --8<--", " - - >8 - - cut - - >8 - -", "---->%----"])
def test_scissors_are_known(line: str) -> None:
    assert is_scissors(line)


@pytest.mark.parametrize("line", ["--", "-- ", ">8", "this is not -- >8 -- but talks about it", "- a longer list >8"])
def test_lines_that_are_no_scissors(line: str) -> None:
    assert not is_scissors(line)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_mail_or_refused(data: bytes) -> None:
    try:
        found = parse_message(b"From: a@x\n" + data, "test")
    except BrokenMailError:
        return
    assert found.body.count("\n") == found.payload.count(b"\n")


@given(st.text(max_size=100), st.sampled_from(["utf-8", "iso-8859-1", "x", "gb2312"]), st.sampled_from("bqx"))
def test_any_encoded_words_are_decoded_or_left(text: str, charset: str, kind: str) -> None:
    assert isinstance(decode_words(f"a =?{charset}?{kind}?{text}?= =?{charset}?b?{text}?="), str)
