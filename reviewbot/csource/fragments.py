# SPDX-License-Identifier: GPL-2.0-or-later
"""Files of which only some lines are known: which lines are whole definitions, and which are pieces of functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reviewbot.csource import conditionals, lexical
from reviewbot.csource.kernelmacros import DEFINING_FUNCTION, words
from reviewbot.csource.mask import without_annotations
from reviewbot.csource.pieces import cut_head
from reviewbot.model.tree import SourceFile

_HEADER = re.compile(
    r"(?:^|(?<=[;}]))[ \t]{0,40}((?:[A-Za-z_]\w{0,80}\s{1,40}|\*\s{0,8}){1,8})([A-Za-z_]\w{0,120})\s{0,8}\(",
    re.MULTILINE,
)
_DEFINED_BY_MACRO = re.compile(r"(?:^|(?<=[;}]))[ \t]{0,40}()([A-Z_]\w{0,80})\(", re.MULTILINE)
_NO_TYPE = words("return else goto case do if while for switch sizeof typedef break continue struct")
_BRACE = re.compile(r"[{}]")
_LAST_WORD = re.compile(r"(\w{1,120})\s{0,8}$")
_LONGEST_SECTION = 200
_LABEL = re.compile(r"(\w+)\s*:")
_PARAMETER = re.compile(
    r"\s{0,80}(?:[A-Za-z_]\w{0,80}[\s*]{1,40}){1,5}[A-Za-z_]\w{0,80}\s{0,8}(?:\[\s{0,8}\]\s{0,8})?[,)]"
)
_COMMENT_LINE = re.compile(r"\s*\*(?:\s|$)")
_NO_BODY_SECTION = re.compile(r"\s*(?:struct|union|enum|typedef)\b[^()]*$")
# an initializer, or a type outside of functions
_NO_BODY = re.compile(r"\s*(?:\.\w+\s*=|(?:struct|union|enum|typedef)\b[^;()=]*\{)")
_GOES_ON = re.compile(r"\}\s*(?:else|while)\b")
_LOST_LINES = 4
# a statement at the very beginning of a line: white space was lost, so that its absence means nothing
_UNINDENTED = re.compile(r"(?:if|for|while|return|goto|break|switch|else|do)\b")
_STATEMENT = re.compile(r"\b(?:if|for|while|return|goto|break|switch)\b|\)\s*;|[^=!<>]=[^=]|\+\+|--")
_NOT_A_FUNCTION = re.compile(
    r"\s*(?:(?:typedef|static|const)\s+)*(?:struct|union|enum)\s*\w*\s*\{|\s*#|[^()]*=|.*;\s*$"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a function in one known range: `text` and its cleaned `code`, from 1-based `line` on.

    `before` is what to put before it: None where it has the function's head itself, `void f(` where it begins among
    the parameters, `void f(void) {` for a piece of a body.
    """

    line: int
    last_line: int
    text: str
    code: str
    before: str | None

    @property
    def begins_function(self) -> bool:
        """Tell whether it has the function's head, at least the end of it."""
        return self.before is None or self.before.endswith("(")


@dataclass(slots=True)
class Partial:
    """A function in pieces. `name` may be cut short, as `diff -p` cuts it."""

    name: str
    pieces: list[Piece]
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Split:
    """A reconstructed file taken apart: `file_level` has the same lines, but only whole definitions on them."""

    file_level: bytes
    partials: tuple[Partial, ...]


def _without_macro_rest(text: str) -> str:
    """Blank the lines at the beginning that belong to a `#define` that begins before."""
    lines = text.split("\n")
    goes_on = lines[0].rstrip().endswith("\\") and not lines[0].lstrip().startswith("#")
    for number, line in enumerate(lines):
        if not goes_on:
            break
        goes_on = line.rstrip().endswith("\\")
        lines[number] = lexical.blank(line)
    return "\n".join(lines)


def _clean(text: str) -> tuple[str, str]:
    """Return a stretch without comments cut in two, and the same with comments, directives, annotations blank."""
    end, begin = text.find("*/"), text.find("/*")
    if end >= 0 and (begin < 0 or end < begin):
        text = lexical.blank(text[: end + 2]) + text[end + 2 :]
    elif begin != 0:
        lines = text.split("\n")
        for number, line in enumerate(lines):
            if line.strip() and not _COMMENT_LINE.match(line):
                break
            lines[number] = lexical.blank(line)
        text = "\n".join(lines)
    begin = text.rfind("/*")
    if begin >= 0 and text.find("*/", begin) < 0:
        text = text[:begin] + lexical.blank(text[begin:])
    text = _without_macro_rest(text)
    code = lexical.plain(text)
    directives = lexical.directives(code)
    flat, _ = conditionals.resolve(directives, lexical.without_directives(code, directives))
    return text, without_annotations(flat)


def _headers(code: str) -> list[tuple[int, str, int]]:
    """Return (offset, name, offset of the brace or -1 where it is not seen) of the function heads in a stretch."""
    partner = lexical.match_brackets(code)
    found = []
    for pattern in (_HEADER, _DEFINED_BY_MACRO):
        for match in pattern.finditer(code):
            name, opening = match.group(2), match.end() - 1
            type_words = re.findall(r"\w+", match.group(1))
            if name in _NO_TYPE or (type_words and type_words[0] in _NO_TYPE - {"struct"}):
                continue
            if pattern is _DEFINED_BY_MACRO and not DEFINING_FUNCTION.match(name):
                continue
            start = match.start() + len(match.group()) - len(match.group().lstrip())
            closing = partner.get(opening)
            after = code[closing + 1 :].lstrip() if closing is not None else ""
            if closing is not None and after.startswith("{"):
                found.append((start, name, code.index("{", closing)))
            elif type_words and _declares(type_words, code, match.end(), closing):
                found.append((start, name, -1))
    return sorted(found)


def _declares(type_words: list[str], code: str, opening: int, closing: int | None) -> bool:
    """Tell whether what looks like a function's head is a prototype, or a head that is cut off."""
    if closing is not None and code[closing + 1 :].lstrip()[:1] not in (";", ""):
        return False
    if type_words[0] in ("static", "extern"):
        return True
    given = code[opening:closing]
    return closing is not None and (given.strip() == "void" or bool(_PARAMETER.match(code, opening, closing + 1)))


def _pins(code: str, headers: Iterable[tuple[int, str, int]]) -> list[int]:
    """Return offsets that are surely outside of any function."""
    pins = [start for start, _, _ in headers]
    lines = code.split("\n")
    if any(line.startswith("\t") for line in lines) and not any(_UNINDENTED.match(line) for line in lines):
        at = 0
        for line in lines:
            if line.startswith("}") and not _GOES_ON.match(line):
                pins.append(at + 1)
            at += len(line) + 1
    return sorted(pins)


def _depths(code: str, offsets: list[int]) -> dict[int, int]:
    """Return the depth of braces at each offset, relative to the beginning."""
    out, depth, waiting = {}, 0, list(reversed(offsets))
    for brace in _BRACE.finditer(code):
        while waiting and waiting[-1] <= brace.start():
            out[waiting.pop()] = depth
        depth += 1 if brace.group() == "{" else -1
    while waiting:
        out[waiting.pop()] = depth
    return out


def _level(code: str, start_depth: int) -> tuple[int, int]:
    """Return where the depth first is zero, given that at the beginning, and where it last leaves zero (-1: never)."""
    depth, first, left = start_depth, 0 if start_depth == 0 else -1, -1
    for brace in _BRACE.finditer(code):
        if brace.group() == "{":
            if depth == 0:
                left = brace.start()
            depth += 1
        else:
            depth -= 1
            if depth <= 0:
                depth, left = 0, -1
                first = brace.end() if first < 0 else first
    return first, left


def section_name(section: str) -> tuple[str, bool]:
    """Return the name of the function that a hunk's section text shows, "" for none, and whether it is whole."""
    if _NOT_A_FUNCTION.match(section) or _LABEL.match(section):
        return "", False
    head, paren, rest = section[:_LONGEST_SECTION].partition("(")
    found = _LAST_WORD.search(head)
    if found is None:
        return "", False
    if DEFINING_FUNCTION.match(found.group(1)):
        # `SYSCALL_DEFINE3(name, type, argument …`
        given = re.match(r"\s*(\w+)\s*,?", rest)
        return (given.group(1), True) if given else ("", False)
    return found.group(1), bool(paren)


class _Splitter:
    def __init__(self, source: SourceFile, sections: Mapping[int, str]) -> None:
        self.source = source
        self.sections = sections
        self.partials: list[Partial] = []
        self.lines = source.data.split(b"\n")
        self.kept = [b""] * len(self.lines)

    def region(self, first: int, last: int) -> None:
        """Take one known range apart."""
        text = b"\n".join(self.lines[first - 1 : last]).decode("latin-1")
        text, code = _clean(text)
        if not code.strip():
            return
        headers = _headers(code)
        tail_header = self._cut_header(code, first)
        pins = _pins(code, headers)
        if tail_header:
            self._head(first, last, text, code, 0, section_name(self.sections.get(first, ""))[0], False)
            return
        if not pins:
            self._inside(first, last, text, code)
            return
        start_depth = -_depths(code, pins)[pins[0]]
        begin, left = _level(code, max(0, start_depth))
        if begin > 0:
            # what lies before the brace that closes it is the end of a function
            last_line = first + code.count("\n", 0, begin)
            self._inside(first, last_line, text[: begin - 1], code[: begin - 1], ended=True)
        end = len(code)
        open_header = next((header for header in reversed(headers) if header[2] == left >= 0), None)
        cut = [start for start, _, brace in headers if brace < 0 and ";" not in code[start:]]
        if left >= 0:
            end = open_header[0] if open_header else max(code.rfind(";", 0, left), code.rfind("}", 0, left)) + 1
        elif cut:
            end = cut[-1]
        self._file_level(first, text, max(begin, 0), end)
        if open_header is not None:
            self._head(first, last, text, code, end, open_header[1], True)

    def _file_level(self, first: int, text: str, begin: int, end: int) -> None:
        kept = lexical.blank(text[:begin]) + text[begin:end] + lexical.blank(text[end:])
        for number, line in enumerate(kept.split("\n")):
            self.kept[first - 1 + number] = line.encode("latin-1")

    def _cut_header(self, code: str, first: int) -> bool:
        """Tell whether a range begins among the parameters of a function's head."""
        cut = cut_head(code)
        section = self.sections.get(first, "")
        if cut is None or code[: cut[0]].strip() or not section_name(section)[0]:
            return False
        after = code[cut[1] + 1 :]
        if not after.lstrip().startswith("{"):
            return False
        apart = "\n" in after[: after.index("{")] and section.count("(") > section.count(")")
        return apart or bool(_PARAMETER.match(code))

    def _head(self, first: int, last: int, text: str, code: str, begin: int, name: str, headed: bool) -> None:
        line = first + code.count("\n", 0, begin)
        piece = Piece(line, last, text[begin:], code[begin:], None if headed else f"void {name}(")
        self.partials.append(Partial(name, [piece]))

    def _inside(self, first: int, last: int, text: str, code: str, ended: bool = False) -> None:
        """Add a stretch that begins inside of a function."""
        section = self.sections.get(first, "")
        name, whole = section_name(section)
        if not name and not _LABEL.match(section) and (section or not _STATEMENT.search(code)):
            return
        if _NO_BODY_SECTION.match(section) or _NO_BODY.match(code):
            return
        piece = Piece(first, last, text, code, f"void {name or 'unknown'}(void) {{")
        before = self.partials[-1] if self.partials and not self.partials[-1].ended else None
        if before is not None and (self._within_hunk(before, first) or self._same(before, name, whole, section)):
            before.pieces.append(piece)
            before.ended = ended
            return
        self.partials.append(Partial(name, [piece], ended))

    def _within_hunk(self, before: Partial, first: int) -> bool:
        """Tell whether only a few lines that a mailer lost lie between: then no hunk begins here."""
        return bool(self.sections) and first not in self.sections and first - before.pieces[-1].last_line <= _LOST_LINES

    def _same(self, before: Partial, name: str, whole: bool, section: str) -> bool:
        """Tell whether a hunk with this section goes on in the function that the one before it left open."""
        if name:
            return bool(before.name) and (before.name == name if whole else before.name.startswith(name))
        label = _LABEL.match(section)
        if label is None:
            return False
        used = re.compile(rf"\bgoto\s+{label.group(1)}\b|\b{label.group(1)}\s*:")
        return any(used.search(piece.code) for piece in before.pieces)


def split(source: SourceFile, sections: Mapping[int, str]) -> Split:
    """Take a reconstructed file apart; `sections` maps first lines of known ranges to their hunks' section texts."""
    splitter = _Splitter(source, sections)
    for first, last in source.known or ():
        splitter.region(first, min(last, len(splitter.lines)))
    return Split(b"\n".join(splitter.kept), tuple(splitter.partials))
