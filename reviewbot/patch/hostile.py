# SPDX-License-Identifier: GPL-2.0-or-later
"""What no honest patch needs: sizes and names that are refused before anything is made of them.

The limits are far above what kernel lists carry (the largest patches there, generated register headers, have a few
hundred thousand lines). All checks are linear in the input and make no copy of it.
"""

from __future__ import annotations

import re
import unicodedata

MAX_BYTES = 24 << 20
MAX_LINES = 500_000
MAX_LINE = 1 << 20
MAX_HUNKS = 50_000
MAX_FILES = 20_000
MAX_PATH = 4096

FILE_MODES = frozenset({"100644", "100755", "100664", "120000"})
SUBMODULE_MODE = "160000"
SYMLINK_MODE = "120000"

# HFS+ drops these code points when it compares names, so that `.g<U+200C>it` is `.git` there (git's utf8.c).
_HFS_IGNORED = dict.fromkeys([*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF])
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_SHORT_NAME = re.compile(r"git~\d{1,6}")
_DRIVE = re.compile(r"[A-Za-z]:")


def refuse_bytes(diff: bytes) -> str | None:
    """Why a diff of these raw bytes is too large to be looked at, or None when it is not."""
    if len(diff) > MAX_BYTES:
        return f"the diff has {len(diff)} bytes, more than the {MAX_BYTES} that are read"
    lines = diff.count(b"\n") + 1
    if lines > MAX_LINES:
        return f"the diff has {lines} lines, more than the {MAX_LINES} that are read"
    start = 0
    while len(diff) - start > MAX_LINE:
        end = diff.rfind(b"\n", start, start + MAX_LINE + 1)
        if end < 0:
            return f"the diff has a line of more than {MAX_LINE} bytes"
        start = end + 1
    files = max(diff.count(b"\n+++ "), diff.count(b"\ndiff --git "))
    if files > MAX_FILES:
        return f"the diff has {files} files, more than the {MAX_FILES} that are read"
    hunks = diff.count(b"\n@@ -")
    if hunks > MAX_HUNKS:
        return f"the diff has {hunks} hunks, more than the {MAX_HUNKS} that are read"
    return None


def _is_git_directory(component: str) -> bool:
    """Whether a file system somewhere takes a path component for `.git` (git's path.c, is_ntfs_dotgit and utf8.c)."""
    plain = unicodedata.normalize("NFKC", component.translate(_HFS_IGNORED)).translate(_HFS_IGNORED).casefold()
    plain = plain.partition(":")[0].rstrip(". ")
    return plain == ".git" or _SHORT_NAME.fullmatch(plain) is not None


def refuse_path(path: str) -> str | None:
    """Why a path (as the diff names it, level stripped) may not be touched, or None when it may.

    Windows' device names (`aux`, `con`) are no reason: the kernel has files of that name and nothing is checked out.
    """
    if not path.strip():
        return "a file without a name"
    shown = _CONTROL.sub("?", path[:80])
    if len(path) > MAX_PATH:
        return f"a path of {len(path)} characters: {shown}"
    if _CONTROL.search(path):
        return f"a control character in the path {shown}"
    if path.startswith(("/", "\\", "~/")) or _DRIVE.match(path):
        return f"a path outside the tree: {shown}"
    for component in path.replace("\\", "/").split("/"):
        if component in ("", ".", ".."):
            return f"a path that does not stay where it is: {shown}"
        if _is_git_directory(component):
            return f"a path into git's own directory: {shown}"
    if path.rpartition("/")[2].casefold() == ".gitmodules":
        return f"a change of the submodules: {shown}"
    return None


def refuse_mode(mode: str | None, path: str) -> str | None:
    """Why a file of this mode (octal text of an extended header) is not used, or None when it is."""
    if mode is None or mode in FILE_MODES:
        return None
    shown = _CONTROL.sub("?", path[:80])
    if mode == SUBMODULE_MODE:
        return f"a submodule change, which names a commit and no content: {shown}"
    return f"a file of mode '{_CONTROL.sub('?', mode[:12])}': {shown}"
