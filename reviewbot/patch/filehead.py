# SPDX-License-Identifier: GPL-2.0-or-later
"""What a file's headers say, once cut: paths, kind, modes, blob ids, similarity (git-diff(1), "extended headers")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reviewbot.model.diff import FileKind
from reviewbot.patch.hostile import SYMLINK_MODE, refuse_mode, refuse_path
from reviewbot.patch.names import DEV_NULL, common_level, git_names, header_name, strip_level, strip_original, unquote
from reviewbot.patch.scan import RawFile

_INDEX = re.compile(r"([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})(?: (\d{6}))?")


@dataclass(frozen=True, slots=True)
class Head:
    """What a file's headers say; a path is None where that side does not exist. See `FileDiff` for the rest."""

    old_path: str | None
    new_path: str | None
    kind: FileKind
    old_mode: str | None = None
    new_mode: str | None = None
    old_blob: str | None = None
    new_blob: str | None = None
    similarity: int | None = None
    copied: bool = False


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of the two sides as written (level not stripped), and which of them are said not to exist."""

    old: str
    new: str
    absent_old: bool = False
    absent_new: bool = False


def _differ_names(differ: str) -> tuple[str, str] | None:
    """The two names of a line `Binary files OLD and NEW differ`."""
    names = differ.removeprefix("Binary ").partition(" ")[2].rstrip("\r").removesuffix(" differ")
    old, found, new = names.partition(" and ")
    return (unquote(old), unquote(new)) if found else None


def _written_names(file: RawFile) -> _Names:
    """The names of a file: those of `---`/`+++`, else of `diff --git`, `Binary files` or `Index:`."""
    if file.old is not None and file.new is not None:
        (old, no_old), (new, no_new) = header_name(file.old), header_name(file.new)
        return _Names(old, new, old == DEV_NULL or no_old, new == DEV_NULL or no_new)
    pair = git_names(file.git) if file.git is not None else None
    if pair is None and file.differ is not None:
        pair = _differ_names(file.differ)
    old, new = pair or ("", "")
    return _Names(old, new, old == DEV_NULL, new == DEV_NULL)


def diff_level(files: Sequence[RawFile]) -> int:
    """How many leading directories all names of a diff carry that are no part of the path (`-p0` or `-p1`)."""
    pairs = []
    for file in files:
        names = _written_names(file)
        pairs.append((DEV_NULL if names.absent_old else names.old, DEV_NULL if names.absent_new else names.new))
    return common_level(pairs)


def _extended(file: RawFile) -> dict[str, str]:
    """git's extended headers by their words; the last one wins, as in git."""
    found = {}
    for line in file.extended:
        for words in ("similarity index", "dissimilarity index", "deleted file mode", "new file mode"):
            if line.startswith(words + " "):
                found[words] = line[len(words) + 1 :]
                break
        else:
            first, _, rest = line.partition(" ")
            second, _, value = rest.partition(" ")
            found["index" if first == "index" else f"{first} {second}"] = rest if first == "index" else value
    return found


def _kind(file: RawFile, said: dict[str, str], old: str | None, new: str | None) -> FileKind:
    if file.binary is not None or file.differ is not None:
        return "binary"
    if old is None:
        return "add"
    if new is None:
        return "delete"
    if "copy to" in said:
        return "copy"
    if "rename to" in said or "rename new" in said:
        return "rename"
    if not file.hunks and "new mode" in said:
        return "mode"
    return "modify"


def _sides(file: RawFile, said: dict[str, str], names: _Names, level: int) -> tuple[str | None, str | None]:
    """The two paths; names come from `+++` where headers differ, from rename and copy headers where there are any."""
    old, new = strip_level(names.old, level), strip_level(names.new, level)
    for words in ("rename from", "rename old", "copy from"):
        old = unquote(said[words]) if words in said else old
    for words in ("rename to", "rename new", "copy to"):
        new = unquote(said[words]) if words in said else new
    moved = any(word.startswith(("rename", "copy")) for word in said)
    no_old = names.absent_old or "new file mode" in said
    no_new = names.absent_new or "deleted file mode" in said
    if file.git is None and len(file.hunks) == 1 and not (no_old or no_new):
        hunk = file.hunks[0]
        no_old = (hunk.old_start, hunk.old_count) == (0, 0)
        no_new = (hunk.new_start, hunk.new_count) == (0, 0)
    if not moved and not no_old and not no_new:
        old = new
    if not moved and no_new and names.new not in ("", DEV_NULL):
        old = strip_original(old, new)
    return (None if no_old else old), (None if no_new else new)


def read_head(file: RawFile, level: int) -> Head:
    """What a file's headers say, the first `level` directories of its names left out."""
    said = _extended(file)
    old, new = _sides(file, said, _written_names(file), level)
    index = _INDEX.match(said.get("index", ""))
    mode = index[3] if index else None
    old_mode = said.get("deleted file mode", said.get("old mode", mode if old is not None else None))
    new_mode = said.get("new file mode", said.get("new mode", mode if new is not None else None))
    percent = said.get("similarity index", "").rstrip("%")
    return Head(
        old_path=old,
        new_path=new,
        kind=_kind(file, said, old, new),
        old_mode=old_mode,
        new_mode=new_mode,
        old_blob=index[1] if index else None,
        new_blob=index[2] if index else None,
        similarity=int(percent) if percent.isascii() and percent.isdigit() and len(percent) < 4 else None,
        copied="copy to" in said,
    )


def refuse_head(file: RawFile, head: Head) -> str | None:
    """Why a file's headers make the patch unusable (paths out of the tree, submodules, odd modes), or None."""
    names = _written_names(file)
    for written in (names.old, names.new):
        if written.startswith("/") and written != DEV_NULL:
            return refuse_path(written)
    if head.old_path is None and head.new_path is None:
        return "a file that exists neither before nor after"
    for path in (head.old_path, head.new_path):
        if path is not None and (reason := refuse_path(path)):
            return reason
    path = head.new_path or head.old_path or ""
    for mode in (head.old_mode, head.new_mode):
        if reason := refuse_mode(mode, path):
            return reason
    if SYMLINK_MODE in (head.old_mode, head.new_mode) and (head.old_mode or SYMLINK_MODE) != (
        head.new_mode or SYMLINK_MODE
    ):
        return f"a file that turns into a symbolic link or back: {path}"
    return None
