# SPDX-License-Identifier: GPL-2.0-or-later
"""Splitting an mbox (mboxrd, mboxo) into mails, one at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_DATED = re.compile(rb"From .{0,200}\d\d:\d\d(?::\d\d)? .{0,60}\d{4}")
_ASCTIME = re.compile(rb"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d(?::\d\d)? (?:[A-Z]{3,5} )?\d{4}")
_FIELD = re.compile(rb"[!-9;-~]{1,76}[ \t]?:|>From ")
_KNOWN_FIELD = re.compile(
    rb"(?:from|to|cc|subject|date|received|return-path|message-id|mime-version|delivered-to|x-[a-z-]{1,40}|reply-to"
    rb"|content-type|sender|envelope-to|status|list-id|arc-[a-z-]{1,40}|dkim-signature)[ \t]?:",
    re.I,
)
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)


def split_mbox(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the mails of an mbox, given as lines with their ends, without their `From ` lines and with `>From ` undone.

    A `From ` line parts two mails where fields follow it and either it has a date as mailers write it, or it stands
    under an empty line and the field is one that mails begin with. Text in a body that begins with "From " does not.
    """
    mail: list[bytes] = []
    held: bytes | None = None
    blank = True
    for line in lines:
        if held is not None:
            if _opens(held, line, blank):
                if any(one.strip() for one in mail):
                    yield _finish(mail)
                mail = []
            else:
                mail.append(held)
                blank = False
            held = None
        if line[:5] == b"From ":
            held = line
            continue
        mail.append(line)
        blank = line in (b"\n", b"\r\n")
    if held is not None:
        mail.append(held)
    if any(one.strip() for one in mail):
        yield _finish(mail)


def _opens(separator: bytes, following: bytes, blank: bool) -> bool:
    """Tell whether a `From ` line, given the line after it, begins a mail; `blank`: it stands under an empty line."""
    if _KNOWN_FIELD.match(following):
        return blank or _ASCTIME.search(separator[:300]) is not None
    return blank and _DATED.match(separator) is not None and _FIELD.match(following) is not None


def _finish(mail: list[bytes]) -> bytes:
    """Join a mail's lines, without the empty line that ends it in an mbox, and undo the escaping of `From `."""
    if len(mail) > 1 and mail[-1] in (b"\n", b"\r\n"):
        mail = mail[:-1]
    text = b"".join(mail)
    return _ESCAPED.sub(rb"\1", text) if b">From " in text else text
