# SPDX-License-Identifier: GPL-2.0-or-later
"""File names as a diff's headers give them: C quoting, time stamps, and leading directories that are no part of it."""

from __future__ import annotations

import re
from collections.abc import Iterable

DEV_NULL = "/dev/null"

_ESCAPE = re.compile(r'\\([abtnvfr"\\]|[0-3][0-7]{2})')
_ESCAPED = {"a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}
_NEEDS_QUOTES = re.compile(r'[\x00-\x1f\x7f"\\]')
# What diff(1) and version control systems put behind a name; git strips the same (apply.c, find_name_traditional).
_STAMP = re.compile(
    r"[ \t](?:\d{4}-\d\d-\d\d[ \t][0-9:.]{5,20}(?:[ \t][-+]\d{4})?"
    r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]?\d [\d:]{8}(?: [A-Z]{2,5})? \d{4}"
    r"|\((?:revision \d{1,9}|working copy)\))$"
)
_EPOCH = re.compile(r"(?:1970-01-01|1969-12-31)[ \t][\d:]{5,8}(?:\.0{1,9})?")
_ORIGINAL = (".orig", ".old", ".bak", "-old", "-orig")
# Top directories of a kernel tree: what a name begins with when no level has to be stripped.
_TOP = frozenset(
    re.split(
        r"\s+",
        """arch block certs crypto Documentation drivers fs include init io_uring ipc kernel lib LICENSES mm net rust
        samples scripts security sound tools usr virt""",
    )
)


def unquote(name: str) -> str:
    """A name without git's C quoting (`"a/f\\303\\266"`), its bytes decoded as UTF-8 with surrogates for the rest."""
    if len(name) < 2 or name[0] != '"' or name[-1] != '"':
        return name

    def replace(match: re.Match[str]) -> str:
        code = match[1]
        return _ESCAPED[code] if code in _ESCAPED else bytes([int(code, 8)]).decode("utf-8", "surrogateescape")

    text = _ESCAPE.sub(replace, name[1:-1])
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def quote(name: str) -> str:
    """The name as git writes it into a header: in C quotes when it has a character that would end or change it."""
    if not _NEEDS_QUOTES.search(name):
        return name
    escapes = {value: "\\" + key for key, value in _ESCAPED.items()}
    return '"' + "".join(escapes.get(c) or (f"\\{ord(c):03o}" if c < " " or c == "\x7f" else c) for c in name) + '"'


def header_name(rest: str) -> tuple[str, bool]:
    """The name in what follows `--- ` or `+++ `, level not stripped; and whether its time stamp says "no such file"."""
    rest = rest.rstrip("\r")
    if rest.startswith('"'):
        end = rest.rfind('"')
        return unquote(rest[: end + 1]), False
    name, tab, stamp = rest.partition("\t")
    if not tab:
        name = rest.rstrip(" ")
        found = _STAMP.search(name)
        if found:
            name, stamp = name[: found.start()].rstrip(" "), found[0]
    return name, bool(_EPOCH.search(stamp[:80]))


def git_names(rest: str) -> tuple[str, str] | None:
    """The two names of what follows `diff --git `, levels not stripped; None when they cannot be told apart.

    Unquoted names may have blanks, so that only equal ones (behind their first directory) can be told (git's apply.c,
    git_header_name); renames name their files in further headers.
    """
    rest = rest.rstrip("\r\n")
    if rest.startswith('"'):
        end = _closing(rest)
        second = rest[end + 1 :].strip(" ")
        return (unquote(rest[: end + 1]), unquote(second)) if second else None
    if rest.endswith('"') and ' "' in rest:
        first, _, second = rest.partition(' "')
        return first, unquote('"' + second)
    middle, odd = divmod(len(rest), 2)
    if odd and rest[middle] == " ":
        old, new = rest[:middle], rest[middle + 1 :]
        if old.partition("/")[2] == new.partition("/")[2] and ("/" in old or old == new):
            return old, new
    parts = rest.split(" ")
    return (parts[0], parts[1]) if len(parts) == 2 else None


def _closing(text: str) -> int:
    """The place of the quote that closes the one at the beginning, the last character's when none does."""
    place = 1
    while place < len(text) and text[place] != '"':
        place += 2 if text[place] == "\\" else 1
    return min(place, len(text) - 1)


def _pair_level(old: str, new: str) -> int | None:
    """How many leading directories the two names show to be no part of the path: 0, 1 or None (cannot tell)."""
    pair = [name for name in (old, new) if name and name != DEV_NULL]
    if not pair:
        return None
    if any("/" not in name for name in pair):
        return 0
    heads = [name.partition("/")[0] for name in pair]
    if len(heads) == 2 and heads[0] != heads[1]:
        return 1
    if heads[0] in _TOP:
        return 0
    if len(heads) == 1:
        return 1 if heads[0] in "abciow12" and len(heads[0]) == 1 else None
    return None


def common_level(pairs: Iterable[tuple[str, str]]) -> int:
    """The level (`-p0` or `-p1`) at which the (old, new) names of a diff's files are paths of the tree.

    One level is the rule, as for git; none when the names of the files' two sides begin with the same directory and
    that is a top directory of a kernel tree, or have no directory at all. Files that cannot tell follow the others.
    """
    levels = [level for level in (_pair_level(old, new) for old, new in pairs) if level is not None]
    return 1 if not levels or 2 * sum(levels) >= len(levels) else 0


def strip_level(name: str, level: int) -> str:
    """The name without its first `level` directories; a name that has fewer keeps its last part."""
    for _ in range(level):
        head, slash, rest = name.partition("/")
        if slash and head:
            name = rest.lstrip("/")
    return name


def strip_original(old: str, new: str) -> str:
    """The old name without the `.orig` that some tools leave on it, when the new name shows that it is none of it."""
    for suffix in _ORIGINAL:
        if old == new + suffix:
            return new
    return old
