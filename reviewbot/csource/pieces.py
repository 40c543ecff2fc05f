# SPDX-License-Identifier: GPL-2.0-or-later
"""A stretch of a function's body made fit to be parsed on its own.

Braces and parentheses that are opened or closed in unseen code get partners, and what is unseen of a statement that is
cut in two is written as the word `UNSEEN`; everything is put on the first and last line, so that line numbers stay.
"""

from __future__ import annotations

import re

from reviewbot.csource.kernelmacros import words
from reviewbot.csource.lexical import match_brackets
from reviewbot.csource.unseen import UNCLOSED, UNOPENED, UNSEEN

_TOKEN = re.compile(r"[(){};]")
_WORD = re.compile(r"\s*(\w+)")
_HEADS = words("if while for switch")
_OPERATOR_FIRST = re.compile(r"\s*(?:&&|\|\||==|!=|<=|>=|<<|>>|[=+/%|^<>?,]|\*=|-=|&=|&\s)")
_OPERAND_LAST = re.compile(r"[\w)\]\"']\s*$")
_DO = re.compile(r"\bdo\s*$")
_ELSE = re.compile(r"\belse\b")
# what stands between an unseen `if` without braces and its `else`
_ONE_STATEMENT = re.compile(r"(?!\s*if\b)[^;{}]+;\s*$")
_MOST_UNMATCHED = 60
_BODY_WANTED = re.compile(r"\b(?:else|return)$")
_NOT_SPACE = re.compile(r"\S")


class _Balance:
    """Which brackets of a stretch have no partner in it."""

    def __init__(self, code: str) -> None:
        self.closers: list[int] = []
        self.open_braces: list[int] = []
        self.open_parens: list[int] = []
        self.cut_at: tuple[int, int] | None = None
        boundary = 0
        for found in _TOKEN.finditer(code):
            char, at = found.group(), found.start()
            if char == "{":
                self.open_braces.append(at)
            elif char == "}":
                if self.open_braces:
                    self.open_braces.pop()
                else:
                    self.closers.append(at)
                self.open_parens = [paren for paren in self.open_parens if self._inside(paren)]
            elif char == "(":
                self.open_parens.append(at)
            elif char == ")":
                if self.open_parens:
                    self.open_parens.pop()
                elif self.cut_at is None or self.cut_at[0] == boundary:
                    # a statement begins in unseen code: where it is seen from, and the last `)` that lacks a partner
                    self.cut_at = (boundary, at)
            if char in "{};" and not self.open_parens:
                boundary = at + 1

    def _inside(self, paren: int) -> bool:
        return bool(self.open_braces) and paren > self.open_braces[0]


def cut_head(code: str) -> tuple[int, int] | None:
    """Return where a statement that begins before `code` is seen from, and its last unmatched `)`."""
    return _Balance(code).cut_at


def _following(code: str, at: int) -> str:
    found = _NOT_SPACE.search(code, at)
    return found.group() if found else ""


def _first_word(code: str, at: int) -> str:
    found = _WORD.match(code, at)
    return found.group(1) if found else ""


def _opener(code: str, closer: int) -> str:
    """Return what to open before a stretch for a brace that it closes."""
    word = _first_word(code, closer + 1)
    if word == "else":
        return f"if ({UNSEEN}) {{ {UNOPENED}; "
    if word == "while":
        opening = code.find("(", closer)
        closing = match_brackets(code).get(opening)
        if closing is not None and _following(code, closing + 1) == ";":
            return f"do {{ {UNOPENED}; "
    return f"{{ {UNOPENED}; "


def _cut_beginning(code: str, balance: _Balance) -> tuple[int, str]:
    """Return where to insert what completes the first statement of a stretch, and that text."""
    if balance.cut_at is not None:
        begin, paren = balance.cut_at
        missing = sum(1 for _ in _unmatched_parens(code, begin, paren))
        glue = " " if _OPERATOR_FIRST.match(code, begin) else ", "
        head = "" if _following(code, paren + 1) in (";", ",", ")") else "while"
        return begin, f" {head} " + "(" * missing + UNSEEN + glue
    if _first_word(code, 0) == "else":
        return 0, f"if ({UNSEEN}) {UNSEEN}; "
    found = _ELSE.search(code)
    if found and _ONE_STATEMENT.match(code[: found.start()]):
        return 0, f"if ({UNSEEN}) "
    if _following(code, 0) == ":":
        return 0, f"{UNSEEN} ? {UNSEEN} "
    if _OPERATOR_FIRST.match(code):
        return 0, f"{UNSEEN} "
    return 0, ""


def _unmatched_parens(code: str, begin: int, end: int) -> list[int]:
    depth, out = 0, []
    for at in range(begin, end + 1):
        if code[at] == "(":
            depth += 1
        elif code[at] == ")":
            if depth:
                depth -= 1
            else:
                out.append(at)
    return out


def _cut_end(code: str, balance: _Balance) -> str:
    """Return what completes the last statement of a stretch."""
    last = code.rstrip()
    if not last:
        return ""
    if balance.open_parens:
        outer = balance.open_parens[0]
        word = re.search(r"(\w+)\s*$", code[max(0, outer - 80) : outer])
        glue = f", {UNSEEN}" if _OPERAND_LAST.search(last[-1]) else f" {UNSEEN}"
        if word and word.group(1) == "for":
            missing = 2 - code.count(";", outer)
            glue = (f" {UNSEEN}" if not _OPERAND_LAST.search(last[-1]) else "") + "; " * max(0, missing)
        body = f" {UNSEEN};" if word and word.group(1) in _HEADS else ";"
        return glue + ")" * len(balance.open_parens) + body
    if last[-1] in ";{}":
        return ""
    if last[-1] == ":":
        return f" {UNSEEN};"
    if _BODY_WANTED.search(last):
        return f" {UNSEEN};"
    if last[-1] == ")":
        opening = {close: start for start, close in match_brackets(code).items()}.get(len(last) - 1)
        word = re.search(r"(\w+)\s*$", code[max(0, (opening or 0) - 80) : opening])
        if word and word.group(1) in _HEADS:
            return f" {UNSEEN};"
    return f", {UNSEEN};" if _OPERAND_LAST.search(last[-1]) else f" {UNSEEN};"


def too_broken(code: str) -> bool:
    """Tell whether so many braces of a stretch lack a partner that it is no piece of a function."""
    balance = _Balance(code)
    return max(len(balance.closers), len(balance.open_braces), len(balance.open_parens)) > _MOST_UNMATCHED


def _with_clean_ends(text: str, code: str) -> str:
    """Return the stretch with neither directives nor comments on the lines that something is put before or behind."""
    lines, clean = text.split("\n"), code.split("\n")
    if "#" in lines[0]:
        lines[0] = clean[0]
    if "#" in lines[-1] or "//" in lines[-1]:
        lines[-1] = clean[-1]
    return "\n".join(lines)


def complete(text: str, code: str, head: str | None) -> str:
    """Return a whole function definition that holds the stretch.

    `text` is the stretch as it stands, `code` the same with comments, directives and annotations blank. `head` is what
    to put before a stretch of a body (`void f(void) {`); with None the stretch has its head and brace itself.
    """
    balance = _Balance(code)
    text = _with_clean_ends(text, code)
    at, beginning = _cut_beginning(code, balance) if head is not None else (0, "")
    openers = "".join(_opener(code, closer) for closer in reversed(balance.closers))
    ending = _cut_end(code, balance)
    for brace in reversed(balance.open_braces):
        ending += f" {UNCLOSED}; }}"
        if _DO.search(code, max(0, brace - 20), brace):
            ending += f" while ({UNSEEN});"
    closing = " }" if head is not None else ""
    before = (head or "") + " " + openers
    return before + text[:at] + beginning + text[at:] + ending + closing
