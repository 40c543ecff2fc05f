# SPDX-License-Identifier: GPL-2.0-or-later
"""What a mailer did to every line of a diff alike, seen by evidence that no intact diff has, and undone.

Each function takes the diff's lines (no line ends) and returns them repaired, or None when there is no evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

NBSP = ("\u00a0", "\udca0")
_STRUCTURE = ("diff --git ", "Index: ", "--- ", "+++ ", "@@ -")
_ENTITY = re.compile(r"&(?:(lt|gt|amp|quot|apos|nbsp)|#(\d{1,6})|#x([0-9a-fA-F]{1,5}));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'", "nbsp": " "}
_CODE = (".c", ".h", ".S")
_MARKUP = (".html", ".htm", ".xml", ".svg", ".rst", ".md", ".xsl", ".tmpl")
MIN_EVIDENCE = 3
MAX_DEPTH = 8
"""Quotes within quotes that a whole diff may stand in."""


def _names_file(lines: Sequence[str], endings: tuple[str, ...]) -> bool:
    """Whether a file with one of these endings is patched."""
    return any(line.startswith("+++ ") and line.partition("\t")[0].rstrip().endswith(endings) for line in lines)


def undo_crlf(lines: Sequence[str]) -> list[str] | None:
    """Line ends that became CR LF everywhere, headers included (a file's own leave the headers alone)."""
    if sum(bool(line) for line in lines) < 2 or not all(line.endswith("\r") for line in lines if line):
        return None
    return [line.removesuffix("\r") for line in lines]


def undo_quoting(lines: Sequence[str]) -> list[str] | None:
    """A diff that is quoted as a whole: each line that says anything begins with `>`."""
    said = [line for line in lines if line.strip()]
    if not said or not all(line.startswith(">") for line in said):
        return None
    stuffed = all(line[1:2] in (" ", "", *NBSP) for line in said)
    bare = [line[2:] if stuffed else line[1:] for line in lines]
    return bare if any(line.lstrip("> ").startswith(_STRUCTURE) for line in bare) else None


def undo_stuffing(lines: Sequence[str]) -> list[str] | None:
    """format=flowed's space-stuffing (RFC 3676, 4.4): every line that began with a blank begins with two.

    The evidence is context whose indentation is a blank and tabs, on every line, while no changed line has that.
    """
    context = [line for line in lines if line.startswith(" ")]
    if len(context) < MIN_EVIDENCE or not all(line.startswith("  ") for line in context):
        return None
    if not any(line.startswith("  \t") for line in context) or any(line.startswith(("+ \t", "- \t")) for line in lines):
        return None
    return [line[1:] if line.startswith(" ") else line for line in lines]


def undo_nbsp(lines: Sequence[str]) -> list[str] | None:
    """Blanks that became no-break spaces: a diff's line that begins with one has no mark, so it stands for it.

    Behind a mark they are taken for blanks when several lines of code are indented with them.
    """
    if not any(line.startswith("@@ -") for line in lines):
        return None
    indented = sum(line[:1] in ("+", "-", " ") and line[1:].lstrip(" ").startswith(NBSP) for line in lines)
    code = indented >= MIN_EVIDENCE and _names_file(lines, _CODE)
    if not code and not any(line.startswith(NBSP) for line in lines):
        return None
    return [line.replace(NBSP[0], " ").replace(NBSP[1], " ") for line in lines]


def _unescape(match: re.Match[str]) -> str:
    name, decimal, hexadecimal = match.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0x20 <= code < 0xD800 else match[0]


def _is_code(line: str) -> bool:
    """Whether a line has an entity that stands in no string: C has no such thing."""
    first = _ENTITY.search(line)
    before = line[: first.start()] if first else '"'
    return (before.count('"') + before.count("&quot;")) % 2 == 0


def undo_entities(lines: Sequence[str]) -> list[str] | None:
    """HTML's escapes: code files, in which every `&` begins an entity and no raw `<` or `>` is left.

    Escaping is one to one, so a diff in which all of it is escaped has one original.
    """
    if _names_file(lines, _MARKUP) or not _names_file(lines, _CODE):
        return None
    escaped = sum(len(_ENTITY.findall(line)) for line in lines)
    if escaped == 0 or escaped != sum(line.count("&") for line in lines):
        return None
    if any("<" in line or ">" in line for line in lines) or not any(_is_code(line) for line in lines):
        return None
    return [_ENTITY.sub(_unescape, line) for line in lines]


UNDOING: tuple[tuple[str, Callable[[Sequence[str]], list[str] | None]], ...] = (
    ("crlf", undo_crlf),
    ("quoted", undo_quoting),
    ("html-entities", undo_entities),
    ("nbsp", undo_nbsp),
    ("format-flowed", undo_stuffing),
)


def undo_all(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lines with all such damage undone, and the kinds that were found."""
    found, text = [], list(lines)
    for kind, undo in UNDOING:
        for _ in range(MAX_DEPTH if kind == "quoted" else 1):
            undone = undo(text)
            if undone is None:
                break
            text = undone
            found += [] if kind in found else [kind]
    return text, found
