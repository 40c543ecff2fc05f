# SPDX-License-Identifier: GPL-2.0-or-later
"""Which paths of a patch are refused."""

from __future__ import annotations

import re
import unicodedata

# Git's own list of code points that HFS+ ignores in a name (next_hfs_char in git's utf8.c): `.g<U+200C>it` is `.git`.
IGNORED_BY_HFS = dict.fromkeys([*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF], None)
# Other names under which Windows knows `.git` (is_ntfs_dotgit in git's path.c): 8.3 names, trailing dots, streams.
NTFS_GIT = re.compile(r"(?:\.git|git~[0-9]+)[ .]*(?::.*)?\Z", re.IGNORECASE | re.DOTALL)
LONGEST_PATH = 4096


def refusal(path: str) -> str | None:
    """Say why a patch may not touch `path`, None when it may.

    Refused are absolute paths, `.` and `..`, empty components, `.git` in any case or disguise, control characters
    and what the Unicode standard lets a terminal not show.
    """
    if not path:
        return "an empty path"
    if len(path) > LONGEST_PATH:
        return f"a path of {len(path)} characters"
    if any(unicodedata.category(c) == "Cc" for c in path):
        return f"control characters in the path {path!r}"
    if path.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", path):
        return f"the absolute path {path!r}"
    if any(part in ("", ".", "..") for part in path.split("/")) or ".." in path.split("\\"):
        return f"an empty, `.` or `..` part in the path {path!r}"
    for part in re.split(r"[/\\]", path):
        plain = unicodedata.normalize("NFKC", part.translate(IGNORED_BY_HFS))
        if NTFS_GIT.match(plain) or NTFS_GIT.match(part):
            return f"a part of git's own directory, {path!r}"
    return None
