# SPDX-License-Identifier: GPL-2.0-or-later
"""Trailers: of a patch's log, and those that replies offer (by liblore's rules, which are b4's)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reviewbot.model.mail import Message, Trailer

MAX_TRAILERS = 500
MAX_LINE = 1000
MAX_LINKS = 50

_TRAILER = re.compile(r"[ \t]{0,8}([A-Za-z][A-Za-z0-9_.-]{1,60})[ \t]{0,4}:[ \t]+(\S.*)")
_BASE = re.compile(r"^base-commit:[ \t]+([0-9a-f]{40,64})\b", re.MULTILINE)
_PREREQUISITE = re.compile(r"^prerequisite-patch-id:[ \t]+([0-9a-f]{40,64})\b", re.MULTILINE)
_CHANGE_ID = re.compile(r"^change-id:[ \t]+(\S{1,200})", re.MULTILINE)
_LINK = re.compile(r"https?://[^\s<>/]{1,100}/(?:[^\s<>/]{1,60}/){1,3}([^\s<>/@]{1,300}(?:@|%40)[^\s<>/]{1,200})")
_REVISION = re.compile(r"\b(?:v\d{1,2}|rfc)\b", re.I)
_NOT_TRAILERS = frozenset({"http", "https", "note", "todo", "example", "before", "after", "usage", "warning"})


def patch_trailers(log: str) -> tuple[Trailer, ...]:
    """Return the trailers of a commit message: the `Name: value` lines at its end, in order.

    As for git-interpret-trailers(1) the block is the last paragraph and may have a few other lines in it (notes of
    maintainers in brackets); where a dump lost the empty line above it, it is the run of trailers at the end.
    """
    found: list[tuple[str, str]] = []
    others = 0
    for line in reversed(log.replace("\r", "").rstrip().split("\n")[-MAX_TRAILERS:]):
        if trailer := _trailer(line):
            found.append(trailer)
        elif not line.strip():
            break
        elif line[:1] not in (" ", "\t", "[", "(", "<", "#"):
            others += 1
            if others > len(found) // 3:
                break
    return tuple(Trailer(name, value) for name, value in reversed(found))


def _trailer(line: str) -> tuple[str, str] | None:
    """Return a trailer line's name and value; None for any other line."""
    match = _TRAILER.match(line[:MAX_LINE])
    if match is None or match[1].lower() in _NOT_TRAILERS:
        return None
    if "-" not in match[1] and match[1].lower() not in _SINGLE_WORDS:
        return None
    return match[1], match[2].strip()


_SINGLE_WORDS = frozenset(
    {"cc", "fixes", "link", "closes", "references", "bugzilla", "buglink", "origin", "requires", "fix", "bug", "url"}
)


def reply_trailers(message: Message, own: Sequence[str]) -> tuple[Trailer, ...]:
    """Return the trailers that a reply gives in its own words (`own`: the unquoted lines).

    liblore decides which lines count: a person's trailer must name the sender, a link only a link trailer. Its
    patterns look at a few picked lines only, so that a hostile body costs no more than its length.
    """
    from liblore.series import Identity
    from liblore.series import Trailer as Found
    from liblore.utils import find_trailers

    lines = [line.strip() for line in own if _TRAILER.match(line[:MAX_LINE])][:MAX_TRAILERS]
    if not lines:
        return ()
    sender = Identity.from_addr((message.author.name, message.author.email))
    out = []
    for line in lines:
        for name, value in find_trailers(line[:MAX_LINE], followup=True)[0]:
            try:
                found = Found.parse(name, value)
            except ValueError:
                # liblore writes addresses out with email.utils, which takes ASCII alone
                continue
            if name.lower() in _METADATA or (found.addr is not None and not sender.matches(found.addr)):
                continue
            out.append(Trailer(name, found.value, "reply", message.message_id))
    return tuple(dict.fromkeys(out))


_METADATA = frozenset(
    {"author", "base-commit", "cc", "change-id", "date", "from", "message-id", "subject", "to", "signed-off-by"}
)
"""What a reply never gives to a patch: the patch's own data, and the sign-off of its way (b4 leaves those out too)."""


def is_trailer_line(line: str) -> bool:
    """Tell whether a line of a reply is a trailer that names a person."""
    found = _trailer(line.strip())
    return found is not None and "@" in found[1] and found[0].lower().endswith(("-by", "cc"))


def base_commit(text: str) -> str | None:
    """Return the commit id that `git format-patch --base` left in a text."""
    match = _BASE.search(text)
    return match[1] if match else None


def prerequisites(text: str) -> tuple[str, ...]:
    """Return the patch ids of the patches that have to be applied first, as `git format-patch --base` names them."""
    return tuple(_PREREQUISITE.findall(text)[:MAX_TRAILERS])


def change_id(text: str) -> str | None:
    """Return b4's change-id, which stays the same over the versions of a series."""
    match = _CHANGE_ID.search(text)
    return match[1] if match else None


def version_links(text: str) -> tuple[str, ...]:
    """Return the message-ids that a cover links to as earlier versions.

    A link counts where its line, or the one above, names a version (`v1: https://…`, b4's `- Link to v1: …`); other
    links are to reports and discussions.
    """
    if "://" not in text:
        return ()
    found: list[str] = []
    above = ""
    for line in text.split("\n"):
        if "://" in line and len(line) < 2000 and (_REVISION.search(line) or _REVISION.search(above[:200])):
            found += [match.replace("%40", "@") for match in _LINK.findall(line)]
        above = line if line.strip() else above
    return tuple(dict.fromkeys(found[:MAX_LINKS]))
