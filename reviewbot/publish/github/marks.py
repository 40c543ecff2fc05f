# SPDX-License-Identifier: GPL-2.0-or-later
"""The hidden marker in everything the bot writes: an HTML comment, by which it finds its own words again."""

from __future__ import annotations

import re
from collections.abc import Iterable

_MARK = re.compile(r"<!-- reviewbot key=([0-9a-zA-Z_.:-]{1,200})(?: findings=([0-9a-f,]{0,60000}))? -->")
_SERIES = re.compile(r"<!-- reviewbot series version=([0-9]{1,4}) ids=([^\s>]{0,4000}) -->")
_UNSAFE = re.compile(r"[^A-Za-z0-9@._+=%~-]")


def mark(key: str, findings: Iterable[str] = ()) -> str:
    """Return the marker for a key, with the fingerprints of the findings that the text tells."""
    told = ",".join(findings)
    return f"<!-- reviewbot key={key}{f' findings={told}' if told else ''} -->"


def keys(text: str) -> frozenset[str]:
    """Return the keys of all markers in a text."""
    return frozenset(match[1] for match in _MARK.finditer(text))


def findings(text: str) -> tuple[str, ...]:
    """Return the fingerprints of all markers in a text, in order."""
    return tuple(one for match in _MARK.finditer(text) for one in (match[2] or "").split(",") if one)


def series_mark(version: int, ids: Iterable[str]) -> str:
    """Return the marker of a pull request that was made of mail: which version it shows, and all message-ids so far."""
    safe = ",".join(_UNSAFE.sub(lambda found: f"%{ord(found[0]) % 256:02x}", one) for one in ids)
    # two hyphens would end the comment
    return f"<!-- reviewbot series version={version} ids={safe.replace('--', '-%2d')} -->"


def read_series_mark(text: str) -> tuple[int, frozenset[str]]:
    """Return the version and the message-ids of a pull request's marker; (0, none) where it has none."""
    match = _SERIES.search(text)
    if match is None:
        return 0, frozenset()
    ids = (re.sub(r"%([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), one) for one in match[2].split(","))
    return int(match[1]), frozenset(one for one in ids if one)
