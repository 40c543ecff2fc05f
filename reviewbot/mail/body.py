# SPDX-License-Identifier: GPL-2.0-or-later
"""The text of a mail's body: transfer encodings, charsets, parts, format=flowed."""

from __future__ import annotations

import binascii
import email
import quopri
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message as Parts

from reviewbot.mail.diffwalk import may_have_diff, walk
from reviewbot.mail.flowed import unflow, unstuff
from reviewbot.mail.headers import clean, decode_bytes

MAX_PARTS = 200
"""Parts of a mail that are looked at; real mails have fewer than ten."""

_CHARSET = re.compile(r'charset\s{0,9}=\s{0,9}"?([^\s";]{1,60})', re.I)
_FLOWED = re.compile(r'format\s{0,9}=\s{0,9}"?flowed', re.I)
_DELSP = re.compile(r'delsp\s{0,9}=\s{0,9}"?yes', re.I)
_PATCH_NAME = re.compile(r"\.(?:patch|diff|txt|eml|mbox)\d{0,3}$", re.I)
_ONE_SPACE = re.compile(rb"^ (?! )", re.MULTILINE)
_NOT_BASE64 = bytes(code for code in range(256) if not (code < 128 and chr(code).isalnum()) and code not in b"+/")


class NoTextError(Exception):
    """A body with no text that a person or a patch reader could use; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Text:
    """A body's text decoded and the bytes that it was decoded from, of as many lines, and what mailers did to it."""

    body: str
    payload: bytes
    damage: tuple[str, ...] = ()


def read_body(raw: bytes, content: bytes, first: Mapping[str, str]) -> Text:
    """Read a body. `raw` is the whole mail, `content` what follows its headers, `first` its fields by name.

    Raises NoTextError when no part is text.
    """
    kind = first.get("content-type", "text/plain")
    media = kind.partition(";")[0].strip().lower()
    if media.startswith("multipart/"):
        return _read_parts(raw)
    if media == "text/html":
        raise NoTextError("its only part is HTML")
    if media == "message/rfc822":
        raise NoTextError("it holds nothing but another mail")
    if media.startswith(("image/", "audio/", "video/", "application/pdf", "application/zip", "application/gzip")):
        raise NoTextError(f"its only part is {media}")
    return _finish(_transfer(content, first.get("content-transfer-encoding", "")), kind)


def _transfer(data: bytes, encoding: str) -> bytes:
    """Undo the transfer encoding; broken base64 is read as far as it goes, an unknown encoding is none."""
    encoding = encoding.partition(";")[0].strip().lower()
    if encoding == "quoted-printable":
        return quopri.decodestring(data)
    if encoding != "base64":
        return data
    # a list footer may follow the base64 text after its padding or an empty line
    coded = data.partition(b"=")[0].translate(None, _NOT_BASE64)
    usable = coded[: len(coded) - (len(coded) % 4 == 1)]
    try:
        return binascii.a2b_base64(usable + b"=" * (-len(usable) % 4))
    except binascii.Error:
        return data


def _finish(payload: bytes, kind: str) -> Text:
    """Undo line ends, format=flowed and the charset."""
    damage: list[str] = []
    if b"\r" in payload:
        payload, changed = _line_ends(payload)
        damage += ["crlf"] if changed else []
    if _FLOWED.search(kind):
        payload, changed = _unflow(payload, _DELSP.search(kind) is not None)
        damage += ["format-flowed"] if changed else []
    match = _CHARSET.search(kind)
    text = decode_bytes(payload, match[1] if match else "")
    if text.count("\n") != payload.count(b"\n") or (b"\0" in payload and "\0" not in text):
        # UTF-16 and its like: no byte line ends to cut a diff at, or lines that no byte pattern fits
        payload = text.encode("utf-8", "replace")
    return Text(text, payload, tuple(damage))


def _line_ends(payload: bytes) -> tuple[bytes, bool]:
    """Turn CRLF to LF where a mailer made it, in lines that every diff ends with LF; a file's own CR stays.

    Returns the text and whether a diff in it was changed.
    """
    lines = payload.split(b"\n")
    made = all(line.endswith(b"\r") for line in lines[:-1])
    if not made:
        made = any(line.endswith(b"\r") and line.startswith((b"diff --git ", b"@@ -", b"--- a/")) for line in lines)
    if not made:
        return payload, False
    return payload.replace(b"\r\n", b"\n"), may_have_diff(payload)


def _unflow(payload: bytes, delsp: bool) -> tuple[bytes, bool]:
    """Undo format=flowed; where the text has a diff, take the reading of it that breaks the fewest hunks.

    Mailers declare the format for patches that they did not flow, or only stuffed. The hunk counts tell the first, and
    that no line begins with exactly one space tells the second: a diff without stuffing has such lines.
    Returns the text and whether it was changed by it.
    """
    if not may_have_diff(payload):
        return unflow(payload, delsp), False
    stuffed = _ONE_SPACE.search(payload) is None and b"\n  " in payload
    readings = [unstuff(payload) if stuffed else payload, unflow(payload, delsp)]
    best = min(readings, key=_badness)
    return best, best != payload


def _badness(payload: bytes) -> tuple[int, int]:
    extents = walk(payload.split(b"\n"))
    return sum(one.broken for one in extents), -sum(one.hunks for one in extents)


def _read_parts(raw: bytes) -> Text:
    """Read a mail of several parts: its plain text, then the patches attached to it, in order."""
    texts: list[Text] = []
    attached: list[Text] = []
    try:
        parts = list(_leaves(email.message_from_bytes(raw), 0))
    except (ValueError, RecursionError, LookupError, AttributeError) as error:
        raise NoTextError("its parts cannot be told apart") from error
    for part in parts[:MAX_PARTS]:
        kind = _raw_header(part, "content-type") or "text/plain"
        text = _finish(_part_bytes(part), kind)
        if part.get_content_type() == "text/plain" and not _is_attachment(part):
            texts.append(text)
        elif part.get_content_type() != "text/html" and _may_be_patch(part) and may_have_diff(text.payload):
            attached.append(text)
    chosen = texts + attached
    if not chosen:
        raise NoTextError("none of its parts is plain text")
    damage = tuple(dict.fromkeys(kind for text in chosen for kind in text.damage))
    return Text(
        "\n".join(text.body.removesuffix("\n") for text in chosen) + "\n",
        b"\n".join(text.payload.removesuffix(b"\n") for text in chosen) + b"\n",
        damage,
    )


def _leaves(part: Parts, depth: int) -> list[Parts]:
    """Return the parts that hold something, of alternatives the plain one, in order; attached mails are none."""
    if part.get_content_maintype() == "message":
        return []
    if not part.is_multipart() or depth > 20:
        return [part] if not part.is_multipart() else []
    children = part.get_payload()
    if not isinstance(children, list):
        return []
    kept = [child for child in children if isinstance(child, Parts)]
    if part.get_content_subtype() == "alternative":
        kept = [child for child in kept if child.get_content_type() != "text/html"] or kept
    return [leaf for child in kept for leaf in _leaves(child, depth + 1)]


def _raw_header(part: Parts, name: str) -> str:
    return str(part.get(name, ""))


def _part_bytes(part: Parts) -> bytes:
    """Return a part's bytes, its transfer encoding undone."""
    content = part.get_payload()
    data = content.encode("ascii", "surrogateescape") if isinstance(content, str) and content.isascii() else None
    if data is None:
        data = str(content).encode("utf-8", "surrogateescape")
    return _transfer(data, _raw_header(part, "content-transfer-encoding"))


def _is_attachment(part: Parts) -> bool:
    return _raw_header(part, "content-disposition").strip().lower().startswith("attachment")


def _may_be_patch(part: Parts) -> bool:
    """Tell by type or file name whether a part may be an attached patch."""
    name = clean(str(part.get_filename() or ""))
    return part.get_content_maintype() == "text" or _PATCH_NAME.search(name) is not None
