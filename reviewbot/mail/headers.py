# SPDX-License-Identifier: GPL-2.0-or-later
"""Header fields of a mail: unfolding, encoded words (RFC 2047), addresses, message-ids and dates (RFC 5322).

The standard library's parser of addresses is recursive and that of fields slow; hostile mail and archives of 40,000
mails need neither, so what review needs is read here, in linear time and with no exception.
"""

from __future__ import annotations

import binascii
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from reviewbot.model.mail import Person

MAX_FIELD = 100_000
"""A field longer than this is cut; the longest real ones are Cc lists of some kilobytes."""

MAX_PEOPLE = 1000
MAX_REFERENCES = 1000

_NAME = re.compile(r"[!-9;-~]{1,100}")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,5000})\?=")
_BETWEEN = re.compile(r"[ \t\r\n]*")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_ID = re.compile(r"<([^<>\s]{1,995})>")
_SPACES = re.compile(r"\s+")
_PLAIN = re.compile(r'([^"<>(),@;:\\]{0,500})<([^<>\s"(),]{1,500})>')
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "iso-8859-1": "cp1252", "latin1": "cp1252"}
"""What mailers really write under these names."""

_UNSAFE_CODECS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})


def fields(head: bytes) -> list[tuple[str, str]]:
    """Return a header block's fields in order, names in lower case, folded lines joined; other lines are left out."""
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError:
        text = head.decode("latin-1")
    text = text.replace("\r\n", "\n").replace("\n\t", " ").replace("\n ", " ")
    found = []
    for line in text.split("\n"):
        name, colon, value = line.partition(":")
        name = name.rstrip(" \t")
        if colon and _NAME.fullmatch(name):
            found.append((name.lower(), value[:MAX_FIELD].strip()))
    return found


def decode_bytes(data: bytes, charset: str) -> str:
    """Decode text by a charset's name; bogus names and wrong bytes end in UTF-8, else Windows-1252, never an error."""
    name = charset.strip().strip("\"'").lower()
    if name not in ("", "utf-8", "utf8", "us-ascii", "ascii") and name.replace("-", "_") not in _UNSAFE_CODECS:
        try:
            return data.decode(_WIDER.get(name, name))
        except (LookupError, UnicodeError, ValueError):
            pass
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace") if _mostly_utf8(data) else data.decode("cp1252", "replace")


def _mostly_utf8(data: bytes) -> bool:
    """Tell whether a text is UTF-8 with a few bytes broken rather than text in a one-byte charset."""
    bad = data.decode("utf-8", "replace").count("\ufffd")
    return len(data.decode("utf-8", "ignore").encode("ascii", "ignore")) + 2 * bad < len(data)


def decode_words(value: str) -> str:
    """Decode the encoded words of a field (RFC 2047); what is not one stays as it is.

    Neighbouring words of one charset are joined before they are decoded: mailers split characters between them.
    """
    if "=?" not in value:
        return value
    out: list[str] = []
    held: tuple[str, bytearray] | None = None
    at = 0
    for match in _WORD.finditer(value):
        gap = value[at : match.start()]
        if held is not None and not (_BETWEEN.fullmatch(gap) and held[0] == match[1].lower()):
            out.append(decode_bytes(bytes(held[1]), held[0]))
            out.append("" if _BETWEEN.fullmatch(gap) else gap)
            held = None
        elif held is None:
            out.append(gap)
        data = _word_bytes(match[2], match[3])
        charset = match[1].lower().partition("*")[0]
        held = (charset, held[1] + data) if held is not None else (charset, bytearray(data))
        at = match.end()
    if held is not None:
        out.append(decode_bytes(bytes(held[1]), held[0]))
    out.append(value[at:])
    return "".join(out)


def _word_bytes(encoding: str, text: str) -> bytes:
    """Return the bytes that an encoded word stands for; broken base64 gives what can be read of it."""
    raw = text.encode("ascii", "ignore")
    if encoding in "qQ":
        return _HEX.sub(lambda m: bytes([int(m[1], 16)]), raw.replace(b"_", b" "))
    try:
        return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))
    except binascii.Error:
        return b""


def clean(value: str) -> str:
    """Decode a field's words and give it single spaces."""
    return _SPACES.sub(" ", decode_words(value)).strip()


def message_ids(value: str) -> list[str]:
    """Return the message-ids in a field, without their angle brackets, in order."""
    return _ID.findall(value)[:MAX_REFERENCES]


def message_id(value: str) -> str | None:
    """Return the id of a Message-ID field: what its brackets hold, or the bare word where there are none."""
    if found := _ID.search(value):
        return found[1]
    bare = value.strip()
    return bare if bare and "<" not in bare and ">" not in bare and " " not in bare and len(bare) < 996 else None


def people(value: str) -> tuple[Person, ...]:
    """Read a list of addresses (From, To, Cc); groups, comments and quotes are understood, order is kept."""
    found = []
    for item in _split_list(value):
        person = read_person(item)
        if person.email or person.name:
            found.append(person)
        if len(found) == MAX_PEOPLE:
            break
    return tuple(found)


def _split_list(value: str) -> list[str]:
    """Split at the commas that stand outside of quotes, comments and angle brackets."""
    if '"' not in value and "(" not in value and ";" not in value:
        return value.split(",")
    items, start, quoted, angle, depth = [], 0, False, False, 0
    for at, char in enumerate(value):
        if char == '"' and (at == 0 or value[at - 1] != "\\"):
            quoted = not quoted
        elif quoted:
            continue
        elif char in "()":
            depth = max(0, depth + (1 if char == "(" else -1))
        elif char in "<>":
            angle = char == "<"
        elif char in ",;" and not depth and not angle:
            items.append(value[start:at])
            start = at + 1
    items.append(value[start:])
    return items


def read_person(text: str) -> Person:
    """Read one address: `Name <a@b>`, `"Name, Q." <a@b>`, `a@b (Name)`, `a@b`; anything else is a name."""
    text = text.strip()
    if match := _PLAIN.fullmatch(text):
        return Person(clean(match[1]), match[2])
    before, angle, rest = text.rpartition("<")
    if angle:
        # a comment in front of an address is how people write their employer: it stays part of the name
        address, _, after = rest.partition(">")
        name = clean(_unquote(before.strip())) or clean(_cut_comments(after)[1])
        return Person(name if name != address.strip() else "", address.strip())
    text, comments = _cut_comments(text)
    bare = text.strip()
    if "@" in bare and " " not in bare:
        return Person(clean(comments), bare)
    return Person(clean(_unquote(bare)) or clean(comments), "")


def _cut_comments(text: str) -> tuple[str, str]:
    """Return a field without its comments, and what the comments say; quotes are left alone."""
    if "(" not in text:
        return text, ""
    kept: list[str] = []
    said: list[str] = []
    depth, quoted = 0, False
    for at, char in enumerate(text):
        if char == '"' and not depth and (at == 0 or text[at - 1] != "\\"):
            quoted = not quoted
        if char == "(" and not quoted:
            depth += 1
        elif char == ")" and depth and not quoted:
            depth -= 1
        else:
            (said if depth else kept).append(char)
    return "".join(kept), "".join(said)


def _unquote(name: str) -> str:
    """Undo the quotes of a display name; backslashes hide the character after them."""
    if '"' not in name:
        return name
    out = name.replace('\\"', "\0").replace('"', "").replace("\0", '"')
    return out.replace("\\\\", "\\")


def read_date(value: str) -> datetime | None:
    """Read a Date field; None where it is no date. A time without a zone is taken as UTC."""
    try:
        when = parsedate_to_datetime(value[:200])
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        # a date that UTC cannot express would raise later, in any comparison
        when.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return when
