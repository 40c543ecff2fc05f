# SPDX-License-Identifier: GPL-2.0-or-later
"""A patch's diff as text that `git apply` takes."""

from __future__ import annotations

from reviewbot.model.diff import FileDiff, Hunk, Patch
from reviewbot.patch.modelled import NO_NEWLINE
from reviewbot.patch.names import DEV_NULL, quote


def _header(file: FileDiff) -> list[str]:
    """The header lines of a file up to `+++`, as git-diff(1) writes them."""
    old, new = file.old_path or file.new_path or "", file.new_path or file.old_path or ""
    lines = [f"diff --git {quote('a/' + old)} {quote('b/' + new)}"]
    if file.old_path is None:
        lines.append(f"new file mode {file.new_mode or '100644'}")
    elif file.new_path is None:
        lines.append(f"deleted file mode {file.old_mode or '100644'}")
    elif file.old_mode and file.new_mode and file.old_mode != file.new_mode:
        lines += [f"old mode {file.old_mode}", f"new mode {file.new_mode}"]
    if file.similarity is not None:
        lines.append(f"similarity index {file.similarity}%")
    if old != new:
        word = "copy" if file.kind == "copy" else "rename"
        lines += [f"{word} from {quote(old)}", f"{word} to {quote(new)}"]
    if file.old_blob and file.new_blob:
        same = file.old_mode if file.old_mode == file.new_mode else None
        lines.append(f"index {file.old_blob}..{file.new_blob}" + (f" {same}" if same else ""))
    return lines


def _name(prefix: str, path: str | None) -> str:
    """A name for `---` or `+++`; git ends one that has a blank with a tab."""
    if path is None:
        return DEV_NULL
    name = quote(prefix + path)
    return name + "\t" if " " in path and not name.startswith('"') else name


def _range(start: int, count: int) -> str:
    return f"{start}" if count == 1 else f"{start},{count}"


def _hunk(hunk: Hunk) -> list[str]:
    section = f" {hunk.section}" if hunk.section else ""
    old, new = _range(hunk.old_start, hunk.old_count), _range(hunk.new_start, hunk.new_count)
    lines = [f"@@ -{old} +{new} @@{section}"]
    for line in hunk.lines:
        lines.append(line.mark + line.text)
        if line.no_newline:
            lines.append(NO_NEWLINE)
    return lines


def file_diff(file: FileDiff) -> bytes:
    """One file's part of a diff, with git's headers and paths under `a/` and `b/`."""
    lines = _header(file)
    if file.hunks:
        lines += ["--- " + _name("a/", file.old_path), "+++ " + _name("b/", file.new_path)]
        for hunk in file.hunks:
            lines += _hunk(hunk)
    text = "".join(line + "\n" for line in lines).encode("utf-8", "surrogateescape")
    if file.binary is not None:
        return text + b"GIT binary patch\n" + file.binary
    if file.kind == "binary":
        old, new = _name("a/", file.old_path), _name("b/", file.new_path)
        return text + f"Binary files {old} and {new} differ\n".encode("utf-8", "surrogateescape")
    return text


def write_diff(patch: Patch) -> bytes:
    """The patch as a diff for `git apply`: git's headers, `-p1`, the counts and lines of the model.

    What is clean or whose hunks were repaired is accepted; a hunk that is not complete is written as it was read, its
    counts included, and `git apply` refuses it. A binary file whose content is not in the mail can only be named.
    """
    return b"".join(file_diff(file) for file in patch.files)
