# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails that are attached to a mail as mails: forwarded patches, digests (RFC 2046, 5.1.5 and 5.2.1).

Each is a mail in its own right, with its own author and subject, and is read as if it had come by itself.
"""

from __future__ import annotations

import email
import io
from collections.abc import Iterator
from email.generator import BytesGenerator
from email.message import Message as Parts

MOST = 200
"""Attached mails that are taken out of one mail."""

DEEPEST = 3
"""Levels of mails within mails that are opened."""


def may_have_mails(raw: bytes) -> bool:
    """Tell whether a mail may have others attached; most can be told to have none without reading them."""
    lower = raw.lower()
    return b"message/rfc822" in lower or b"multipart/digest" in lower


def attached_mails(raw: bytes, outer_id: str | None, wrapped: bool) -> tuple[bytes, ...]:
    """Return the mails attached to a mail, as bytes, in order.

    `outer_id` is the message-id of the mail around them, which those that answer nothing are made an answer to; a
    single one that has no id gets it itself if `wrapped` (the mail around it brings nothing of its own).
    """
    if not may_have_mails(raw):
        return ()
    # the standard library's parser reads mails that its generator cannot write again: those are left alone
    try:
        found = list(_inner(email.message_from_bytes(raw), 0))[:MOST]
        return tuple(_bytes(part, outer_id, wrapped and len(found) == 1) for part in found)
    except (ValueError, RecursionError, LookupError, AttributeError):
        return ()


def _inner(part: Parts, depth: int) -> Iterator[Parts]:
    """Yield the mails in a part, outer ones first."""
    children = part.get_payload()
    if depth > DEEPEST or not isinstance(children, list):
        return
    for child in children:
        if not isinstance(child, Parts):
            continue
        if part.get_content_type() == "message/rfc822":
            yield child
        yield from _inner(child, depth + (part.get_content_maintype() == "message"))


def _bytes(part: Parts, outer_id: str | None, wrapped: bool) -> bytes:
    """Return an attached mail as if it had come by itself."""
    added = b""
    if outer_id and wrapped and "message-id" not in part:
        added = f"Message-ID: <{outer_id}>\n".encode("utf-8", "surrogateescape")
    elif outer_id and "in-reply-to" not in part and "references" not in part:
        added = f"In-Reply-To: <{outer_id}>\n".encode("utf-8", "surrogateescape")
    out = io.BytesIO()
    BytesGenerator(out, mangle_from_=False, maxheaderlen=0).flatten(part)
    return added + out.getvalue()
