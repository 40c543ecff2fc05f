# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernel C made fit for a C grammar, without moving a single character.

Macros that no grammar can know are replaced in place: annotations become spaces, an iterator with a body becomes
`while`, a macro that declares becomes a declaration, a type that is a macro's argument becomes an identifier. Length
and line ends stay, so an offset in the masked text is the same place in the real one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from reviewbot.csource import conditionals, lexical
from reviewbot.csource.kernelmacros import (
    ANNOTATIONS,
    ANNOTATIONS_WITH_ARGUMENTS,
    KEYWORDS,
    TYPE_NAME,
    TYPE_OF,
    words,
)
from reviewbot.csource.maskscan import Scan

# a pattern that begins with `\b` is tried at every character: whether a word begins there is asked afterwards, here and
# in those below
_WORD_CHARACTER = re.compile(r"\w")
_ANNOTATION_WORDS = re.compile(
    r"(?:__\w+|" + "|".join(sorted(w for w in ANNOTATIONS if not w.startswith("__"))) + r")\b"
)
_WORD_BEFORE = re.compile(r"(\w+|\*|\))\s*$")
_WORD_AFTER = re.compile(r"\s*(\w+|\*)")
_BEGINS_DECLARATION = words(
    "static inline extern const void int long short char unsigned signed bool struct union enum volatile"
)
_NO_DECLARATOR = words(
    """
    struct union enum return else goto case const volatile static extern inline unsigned signed register typedef do
    sizeof
    """
)
# `STATIC int f(`, `EXPORT_FOR_TESTS` on a line of its own: capitals before a type and a name
_CAPITALS = re.compile(r"^([A-Z][A-Z0-9_]{2,60})\s{1,4}(?=[A-Za-z_]\w{0,60}(?:\s|\*){1,40}[A-Za-z_])", re.MULTILINE)
# `static int INIT f(` and `static FORCE_INLINE u32 f(`: capitals where a type is given besides
_CAPITALS_AFTER_TYPE = re.compile(
    r"(?:int(?<!\wint)|void(?<!\wvoid)|bool(?<!\wbool)|long(?<!\wlong)|unsigned(?<!\wunsigned))"
    r"\s{1,20}([A-Z][A-Z0-9_]{2,60})\s{1,20}(?=[A-Za-z_]\w{0,80}\s{0,4}\()"
)
_CAPITALS_BEFORE_TYPE = re.compile(
    r"^(?:static|inline)\s{1,20}([A-Z][A-Z0-9_]{2,60})\s{1,20}"
    r"(?=[A-Za-z_]\w{0,60}[\s*]{1,20}[A-Za-z_]\w{0,80}\s{0,4}\()",
    re.MULTILINE,
)
# `BTF_ID_UNUSED` on a line of its own
_CAPITALS_ALONE = re.compile(r"^([A-Z][A-Z0-9_]{2,60}\w{0,20})[ \t]{0,8}$", re.MULTILINE)
# `KERN_INFO DRIVER_NAME " says"`: a grammar takes one macro in a row of strings
_CAPITALS_TWICE = re.compile(r"[(,]\s{0,80}([A-Z][A-Z0-9_]{2,60})\s{1,40}(?=[A-Z][A-Z0-9_]{2,60}\s{0,40}[\"),])")
_STRINGIFIED = re.compile(r"(__stringify\((?<!\w__stringify\()\s{0,8}\w{1,80}\s{0,8}\))(?=\s{0,40}\")")
# `register long r0 asm("r0") = x;`
_REGISTER = re.compile(r"\w\s{1,8}((?:__asm__|asm)\s{0,4}\(\s{0,4}\"[^\"\n]{0,20}\"\s{0,4}\))(?=\s{0,8}[=;,])")
_OPERATOR_ARGUMENT = re.compile(r",\s{0,20}([=!<>&|]{1,2})\s{0,20},")
_NO_ANNOTATION = words("struct union enum return else goto case sizeof do")
_ARGUMENTS = re.compile(r"\s*\(|[()]|[^()\s]")
_CASE_RANGE = re.compile(r"case(?<!\wcase)\b[^:?;{}\n]{0,200}?(\.\.\.)")
_COMPUTED_GOTO = re.compile(r"goto(?<!\wgoto)\s{0,20}(\*)")
_LABEL_ADDRESS = re.compile(r"[=,{(\[]\s{0,80}(&&)(?=\s{0,8}[A-Za-z_])")
# (a sign that it may occur, what, its replacement: "" for blanks and None for underscores)
_SPELLINGS = (
    ("...", _CASE_RANGE, "+  "),
    ("goto", _COMPUTED_GOTO, " "),
    ("&&", _LABEL_ADDRESS, " &"),
    ("", _CAPITALS, ""),
    ("", _CAPITALS_AFTER_TYPE, ""),
    ("", _CAPITALS_BEFORE_TYPE, ""),
    ("", _CAPITALS_ALONE, ""),
    ("", _CAPITALS_TWICE, ""),
    ("__stringify", _STRINGIFIED, ""),
    ("asm", _REGISTER, ""),
    (",", _OPERATOR_ARGUMENT, None),
)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the masked text leaves out: `what` says it in a few words, `line` is 1-based."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Masked:
    """Masked text (as long as the original, same line ends), the preprocessor lines, and what was left out.

    `closed` tells that the text ends with a `}` at the margin and leaves nothing open before it: no bracket, comment or
    conditional.
    """

    text: bytes
    directives: tuple[lexical.Directive, ...]
    notes: tuple[Note, ...]
    closed: bool = False


def without_annotations(code: str) -> str:
    """Return `code` (comments and directives already blank) with annotations turned into spaces."""
    parts: list[str] = []
    done = 0
    for found in _ANNOTATION_WORDS.finditer(code):
        start, end = found.span()
        if start < done or (start and _WORD_CHARACTER.match(code, start - 1)):
            continue
        word = found.group()
        if word in ANNOTATIONS_WITH_ARGUMENTS:
            end = _end_of_arguments(code, end)
        elif word not in ANNOTATIONS and not _stands_like_annotation(code, start, end, word):
            continue
        parts += [code[done:start], lexical.blank(code[start:end])]
        done = end
    return "".join(parts) + code[done:]


def _stands_like_annotation(code: str, start: int, end: int, word: str) -> bool:
    """Tell whether a `__word` that is in no table stands between a type and the name it declares."""
    if not word.startswith("__") or word in KEYWORDS or word in TYPE_OF or TYPE_NAME.match(word):
        return False
    after = _WORD_AFTER.match(code, end)
    prior = _WORD_BEFORE.search(code, max(0, start - 80), start)
    if after is None or after.group(1) in ANNOTATIONS or after.group(1).startswith("__"):
        return False
    if after.group(1) in _BEGINS_DECLARATION:
        return prior is None or prior.group(1) not in _NO_ANNOTATION
    if code[start - 1 : start] in ("\n", "") and code[end : end + 1] == "\n":
        return True
    return prior is not None and prior.group(1) not in _NO_DECLARATOR and prior.group(1) not in "*)"


def _end_of_arguments(code: str, at: int) -> int:
    """Return the offset after the balanced parentheses that begin at `at` (white space skipped), `at` without any."""
    depth = 0
    for found in _ARGUMENTS.finditer(code, at):
        text = found.group()
        if text.endswith("("):
            depth += 1
        elif text == ")":
            depth -= 1
        elif depth == 0:
            return at
        if depth <= 0:
            return found.end() if text == ")" and depth == 0 else at
    return at


def _spell_out(code: str) -> str:
    """Replace the GNU forms that the grammar lacks by like forms that it has."""
    for sign, pattern, text in _SPELLINGS:
        if sign not in code:
            continue
        parts: list[str] = []
        done = 0
        for found in pattern.finditer(code):
            start, end = found.span(1)
            parts += [code[done:start], text or ("_" if text is None else " ") * (end - start)]
            done = end
        if parts:
            code = "".join(parts) + code[done:]
    return code


def mask(data: bytes) -> Masked:
    """Return the text to parse in place of `data`; any bytes will do, and nothing is ever raised."""
    code = lexical.plain(data.decode("latin-1"))
    lines = lexical.directives(code)
    flat = lexical.without_directives(code, lines)
    flat, groups = conditionals.resolve(lines, flat)
    flat = _spell_out(without_annotations(flat))
    scan = Scan(flat, groups)
    scan.run()
    notes = [Note(code.count("\n", 0, at) + 1, what) for at, what in scan.notes]
    notes += [
        Note(code.count("\n", 0, group.start) + 1, "only one branch of #if kept")
        for group in groups
        if group.shape == "cut"
    ]
    closed = flat.endswith("\n}\n") and conditionals.closed(lines) and scan.closed
    return Masked(bytes(scan.text), lines, tuple(sorted(notes, key=lambda note: note.line)), closed)
