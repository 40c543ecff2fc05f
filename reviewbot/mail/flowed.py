# SPDX-License-Identifier: GPL-2.0-or-later
"""format=flowed (RFC 3676): lines that end in a space go on in the next, a space is stuffed before some lines."""

from __future__ import annotations


def unflow(payload: bytes, delsp: bool = False) -> bytes:
    """Join flowed lines of one quote depth and undo space-stuffing; `delsp` drops the space at each join."""
    out: list[bytes] = []
    held: list[bytes] = []
    held_depth = 0
    for line in payload.split(b"\n"):
        quoted = len(line) - len(line.lstrip(b">"))
        text = line[quoted:]
        text = text[1:] if text[:1] == b" " else text
        if held and (quoted != held_depth or text == b"-- "):
            out.append(b"".join(held))
            held = []
        if not held:
            held_depth = quoted
            held.append(b">" * quoted + (b" " if quoted and text else b""))
        if text.endswith(b" ") and text != b"-- ":
            held.append(text[:-1] if delsp else text)
        else:
            held.append(text)
            out.append(b"".join(held))
            held = []
    if held:
        out.append(b"".join(held))
    return b"\n".join(out)


def unstuff(payload: bytes) -> bytes:
    """Undo space-stuffing alone: what a mailer leaves that declares the format and flows nothing."""
    return b"\n".join(line[1:] if line[:1] == b" " else line for line in payload.split(b"\n"))
