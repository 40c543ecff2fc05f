# SPDX-License-Identifier: GPL-2.0-or-later
"""Git's binary patches: base 85, zlib, and git's pack deltas (gitformat-pack(5), and binary hunks in apply.c)."""

from __future__ import annotations

import base64
import binascii
import zlib

# what one file of a binary patch may inflate to; the kernel's largest files have 20 MB
LARGEST_CONTENT = 64 << 20


class BadBinaryError(Exception):
    """A binary patch that is damaged, too large, or not for this content; the text says which."""


def _inflate(packed: bytes, size: int) -> bytes:
    if size > LARGEST_CONTENT:
        raise BadBinaryError(f"binary content of {size} bytes is more than the {LARGEST_CONTENT} that are allowed")
    machine = zlib.decompressobj()
    try:
        data = machine.decompress(packed, size + 1)
    except zlib.error as error:
        raise BadBinaryError(f"binary content does not inflate ({error})") from error
    if len(data) != size or (not machine.eof and machine.decompress(machine.unconsumed_tail, 1)):
        raise BadBinaryError(f"binary content is not the {size} bytes that the patch announces")
    return data


def _line_length(mark: int) -> int:
    """`A` to `Z` stand for 1 to 26 bytes in a line, `a` to `z` for 27 to 52."""
    if ord("A") <= mark <= ord("Z"):
        return mark - ord("A") + 1
    if ord("a") <= mark <= ord("z"):
        return mark - ord("a") + 27
    raise BadBinaryError("a line of the binary patch has no length")


def first_part(text: bytes) -> tuple[str, bytes]:
    """Return the first (forward) part of a binary patch: its method, "literal" or "delta", and its inflated data.

    `text` is what follows the line `GIT binary patch`.
    """
    lines = text.split(b"\n")
    method, _, size = lines[0].strip().partition(b" ")
    if method not in (b"literal", b"delta") or not size.isdigit() or len(size) > 12:
        raise BadBinaryError("a binary patch begins with neither `literal` nor `delta` and a size")
    packed = bytearray()
    for line in lines[1:]:
        line = line.rstrip(b"\r")
        if not line:
            break
        length = _line_length(line[0])
        try:
            decoded = base64.b85decode(line[1:])
        except (ValueError, binascii.Error) as error:
            raise BadBinaryError("a line of the binary patch is no base 85") from error
        if len(decoded) < length or len(decoded) - length > 3:
            raise BadBinaryError("a line of the binary patch has another length than it says")
        packed += decoded[:length]
    return method.decode(), _inflate(bytes(packed), int(size))


def _size(delta: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(delta) and shift < 63:
        byte = delta[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at
    raise BadBinaryError("the delta of a binary patch ends early")


def _copied(delta: bytes, at: int, command: int) -> tuple[int, int, int]:
    """Read offset and size of a copy command; each bit of `command` says whether a byte of them is there."""
    numbers = 0
    for bit in range(7):
        if command >> bit & 1:
            if at >= len(delta):
                raise BadBinaryError("the delta of a binary patch ends early")
            numbers |= delta[at] << 8 * bit
            at += 1
    return numbers & 0xFFFFFFFF, numbers >> 32 or 0x10000, at


def apply_delta(base: bytes, delta: bytes) -> bytes:
    """Return what a pack delta makes of `base`; BadBinaryError when it is for other content or asks for too much."""
    old_size, at = _size(delta, 0)
    new_size, at = _size(delta, at)
    if old_size != len(base):
        raise BadBinaryError(f"the binary patch is for content of {old_size} bytes, the tree's has {len(base)}")
    if new_size > LARGEST_CONTENT:
        raise BadBinaryError(f"binary content of {new_size} bytes is more than the {LARGEST_CONTENT} that are allowed")
    out = bytearray()
    while at < len(delta):
        command = delta[at]
        at += 1
        if command & 0x80:
            offset, size, at = _copied(delta, at, command)
            piece = base[offset : offset + size]
        else:
            size = command
            piece = delta[at : at + size]
            at += size
        if not command or len(piece) != size or len(out) + size > new_size:
            raise BadBinaryError("the delta of a binary patch does not fit its content")
        out += piece
    if len(out) != new_size:
        raise BadBinaryError("the delta of a binary patch does not fit its content")
    return bytes(out)


def patch_binary(base: bytes, text: bytes) -> bytes:
    """Return the content after a binary patch (the bytes after `GIT binary patch`) on the content `base`."""
    method, data = first_part(text)
    return data if method == "literal" else apply_delta(base, data)
