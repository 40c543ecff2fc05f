# SPDX-License-Identifier: GPL-2.0-or-later
"""Threads fetched from a public-inbox server, by message-id or by the address of a message's page."""

from __future__ import annotations

import os
import re
from urllib.parse import unquote, urlsplit

from reviewbot.model.errors import UnusableInputError

ARCHIVE = "https://lore.kernel.org/all"
"""The archive that is asked for a bare message-id; REVIEWBOT_ARCHIVE names another."""

_MESSAGE_ID = re.compile(r"<?([^\s<>@/]{1,500}@[^\s<>@/]{1,400})>?")


def is_online(source: str) -> bool:
    """Tell whether a source is a web address or a message-id."""
    return source.startswith(("http://", "https://")) or _MESSAGE_ID.fullmatch(source) is not None


def locate(source: str) -> tuple[str, str]:
    """Return the archive's address and the message-id that a source names.

    Raises UnusableInputError for an address with no message-id in it.
    """
    if match := _MESSAGE_ID.fullmatch(source):
        return os.environ.get("REVIEWBOT_ARCHIVE", ARCHIVE), match[1]
    parts = urlsplit(source)
    segments = parts.path.split("/")
    for at, segment in enumerate(segments):
        name = unquote(segment)
        if at and _MESSAGE_ID.fullmatch(name):
            # lore's short links (/r/ID) and its root redirect; /all has every message of every list
            before = [one for one in segments[1:at] if one]
            place = "/".join(before) if before and before != ["r"] else "all"
            return f"{parts.scheme}://{parts.netloc}/{place}", name
    raise UnusableInputError(f"{source}: no message-id in the address")


def fetch_thread(source: str) -> bytes:
    """Return the thread of a message as an mbox.

    Raises UnusableInputError when the server cannot be reached or has no such message.
    """
    # imported here: the HTTP stack takes longer to load than everything else of a run that needs no network
    import requests
    from liblore import LibloreError
    from liblore.node import LoreNode

    archive, message_id = locate(source)
    try:
        with LoreNode(archive, follow_upstream=False) as node:
            return node.get_mbox_by_msgid(message_id, nocache=True)
    except LibloreError as error:
        status = getattr(error, "status_code", None)
        reason = "has no such message" if status == 404 else "cannot be asked: " + _first_line(error)
        raise UnusableInputError(f"{source}: {archive} {reason}") from error
    except (requests.RequestException, OSError, EOFError, ValueError) as error:
        raise UnusableInputError(f"{source}: {archive} cannot be read: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
