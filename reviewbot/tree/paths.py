# SPDX-License-Identifier: GPL-2.0-or-later
"""Which paths of a patch are refused."""

from __future__ import annotations

import re
import unicodedata

# Other names under which Windows knows `.git` (is_ntfs_dotgit in git's path.c): 8.3 names, trailing dots, streams.
NTFS_GIT = re.compile(r"(?:\.git|git~[0-9]+)[ .]*(?::.*)?\Z", re.IGNORECASE | re.DOTALL)
LONGEST_PATH = 4096


def refusal(path: str) -> str | None:
    """Say why a patch may not touch `path`, None when it may.

    Refused are absolute paths, `.` and `..`, empty parts, `.git` in any case or disguise, and control characters.
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
        # HFS+ ignores characters without a shape in names: `.g<U+200C>it` is `.git` (next_hfs_char in git's utf8.c)
        seen = "".join(character for character in part if unicodedata.category(character) != "Cf")
        plain = unicodedata.normalize("NFKC", seen)
        if NTFS_GIT.match(plain) or NTFS_GIT.match(part):
            return f"a part of git's own directory, {path!r}"
    return None
