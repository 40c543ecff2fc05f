# SPDX-License-Identifier: GPL-2.0-or-later
"""The walk over brackets and calls that gives kernel macros a shape which a C grammar knows (see `mask`)."""

from __future__ import annotations

import re

from reviewbot.csource.conditionals import Group, before
from reviewbot.csource.kernelmacros import (
    DECLARING,
    DEFINING_FUNCTION,
    ITERATOR_NAME,
    KEYWORDS,
    TYPE_OF,
    TYPE_OPERATORS,
)
from reviewbot.csource.lexical import blank, match_brackets, name_before
from reviewbot.csource.maskargs import STATEMENT_INSIDE, arguments, indents, takes_statements

_TYPE_WORDS = "struct|union|enum|unsigned|signed|const|volatile|long|short|char|void|int|bool|float|double"
# brackets come first: what may be a call, or a type that is an argument, is looked for beside them
_BRACKET = re.compile(r"[{}()]")
_TYPE_SIGN = re.compile(rf"\b(?:{_TYPE_WORDS})\b|(\*)\s*(?=[,)])")
_NOT_CALLED = KEYWORDS | set(_TYPE_WORDS.split("|")) | {"inline", "__volatile__", "__inline__", "static", "extern"}
_MACRO_NAME = re.compile(r"_*[A-Z][A-Z0-9_]*(?:_\w+)?$|DEFINE\w*$|DECLARE\w*$|__(?:setup|setup_param|early_param)$")
_STORAGE = re.compile(r"(?:^|[;}\n])\s*((?:(?:static|extern|inline|const|volatile)\s+)+)$")
_WORD_AT_END = re.compile(r"(\w+)\s*$")
_AGGREGATE = re.compile(r"\b(struct|union|enum)\s*\w*\s*(?::\s*\w+\s*)?$")
_TYPE_TEXT = re.compile(r"\s*[A-Za-z_][\w\s]*[\w\s*]*(?:\[[\w\s]*\]\s*)*$")
_LONGEST_TYPE = 300
_IDENTIFIER = re.compile(r"\s*([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*$")
_STATEMENT_WORDS = frozenset({"else", "do"})
_EXPRESSION_WORDS = frozenset({"return", "else", "do", "case", "goto", "in"})
_DO = re.compile(r"\bdo\s*$")
_NOT_SPACE = re.compile(r"\S")


class Scan:
    """One walk over `code` (comments, directives and annotations already spaces); the result is in `text`."""

    def __init__(self, code: str, groups: list[Group]) -> None:
        self.code, self.text = code, bytearray(code, "latin-1")
        self.notes: list[tuple[int, str]] = []
        self.partner = match_brackets(code)
        self.opener = {closing: opening for opening, closing in self.partner.items()}
        self.braces = ["file"]
        # one entry for each open parenthesis: (may hold types as a macro's arguments, depth of braces)
        self.parens: list[tuple[bool, int]] = []
        self.blanked, self.skip = -1, 0
        self.groups = sorted(groups, key=lambda group: group.start, reverse=True)

    def run(self) -> None:
        """Walk once over the text."""
        backwards, done, parens, groups = self.code[::-1], 0, self.parens, self.groups
        for token in _BRACKET.finditer(self.code):
            at = token.start()
            name, start = name_before(backwards, at) if token.group() == "(" else ("", at)
            if parens and parens[-1][0]:
                self._types(done, start)
            if groups and groups[-1].start < start:
                self._come_to(start)
            if start >= self.skip and name:
                self._call(name, start, at)
            elif start >= self.skip:
                self._bracket(token.group(), at)
            done = at + 1
        if parens and parens[-1][0]:
            self._types(done, len(self.code))
        self._come_to(len(self.code))

    def _types(self, start: int, end: int) -> None:
        """Shape the types that are arguments, between two brackets; what ends the last one may be the second."""
        for token in _TYPE_SIGN.finditer(self.code, start, end + 1):
            self._come_to(token.start())
            if token.start() >= self.skip:
                self._type_argument(token.start(), token.lastindex is None)

    def _come_to(self, at: int) -> None:
        """Restore the conditionals that begin before an offset."""
        while self.groups and self.groups[-1].start < at:
            self._restore(self.groups.pop())

    @property
    def closed(self) -> bool:
        """Whether the walk, which is over, left no bracket open."""
        paired = 2 * len(self.partner) == sum(map(self.code.count, "(){}[]"))
        return paired and self.braces == ["file"] and not self.parens

    def _bracket(self, char: str, at: int) -> None:
        if char == "(":
            self.parens.append((False, len(self.braces)))
        elif char == ")":
            if self.parens and self.parens[-1][1] == len(self.braces):
                self.parens.pop()
        elif char == "{":
            self.braces.append(self._kind(at))
        elif char == "}":
            if len(self.braces) > 1:
                self.braces.pop()
            while self.parens and self.parens[-1][1] > len(self.braces):
                self.parens.pop()

    def _kind(self, at: int) -> str:
        """Say what the brace at `at` opens: a body, a struct, an enum or an initializer."""
        prior, around = before(self.code, at), self.braces[-1]
        if prior == ")":
            if around == "init" or (around == "body" and not self._head_before(at)):
                return "init"
            return "body"
        if prior in "=,[" or (around == "init" and prior != "("):
            return "init"
        if prior.isalnum() or prior in "_:":
            found = _AGGREGATE.search(self.code, max(0, at - 200), at)
            if found:
                return "enum" if found.group(1) == "enum" else "struct"
        return "body"

    def _head_before(self, at: int) -> bool:
        """Tell whether the parenthesis that ends before `at` is a call or a statement's head rather than a cast."""
        opening = self.opener.get(self.code.rfind(")", 0, at))
        if opening is None:
            return True
        prior = before(self.code, opening)
        return prior.isalnum() or prior in "_;{}"

    def _call(self, name: str, start: int, opening: int) -> None:
        if name in TYPE_OF and opening in self.partner:
            self.skip = self.partner[opening] + 1
            self._write(start, "int" + blank(self.code[start + 3 : self.skip]))
            return
        if name in TYPE_OPERATORS:
            self._write(start, TYPE_OPERATORS[name])
        if name in _NOT_CALLED or name in TYPE_OPERATORS:
            self.parens.append((name in TYPE_OPERATORS, len(self.braces)))
            return
        inside = self.parens and self.parens[-1][1] == len(self.braces)
        around = self.braces[-1]
        holds_types = around == "body" or bool(_MACRO_NAME.match(name)) or name in DECLARING or around == "init"
        closing = self.partner.get(opening)
        if not inside and closing is not None:
            prior = ";" if self.code[self.blanked : start].isspace() and self.blanked >= 0 else before(self.code, start)
            if around == "body":
                holds_types = self._in_body(name, start, opening, closing, prior)
            elif around in ("file", "struct") and self._outside(name, start, opening, closing, prior):
                holds_types = False
        if self.skip <= start:
            self.parens.append((holds_types, len(self.braces)))

    def _in_body(self, name: str, start: int, opening: int, closing: int, prior: str) -> bool:
        """Shape a call that may be a statement; tell whether types may be among its arguments."""
        word = ""
        if prior.isalnum() or prior == "_":
            found = _WORD_AT_END.search(self.code, max(0, start - 80), start)
            word = found.group(1) if found else ""
            if word not in _STATEMENT_WORDS:
                if word in ("static", "extern") and _MACRO_NAME.match(name):
                    self._blank(start - (start - self.code.rfind(word, 0, start)), start)
                    return True
                return word in _EXPRESSION_WORDS
        if prior not in ";{}:)" and word not in _STATEMENT_WORDS:
            return True
        after = _NOT_SPACE.search(self.code, closing + 1)
        following = after.group() if after else "}"
        if following == ";" and "while_each" in name and self._ends_do(start):
            self._write(start, "while".ljust(len(name)))
        elif takes_statements(self.code, self.partner, opening, closing):
            self._drop(start, closing + 1, f"{name}(…) with statements as arguments")
        elif following == "=" and (_MACRO_NAME.match(name) or name in DECLARING):
            self._declaration(name, start, opening, closing)
        elif following == "{" or (following not in "=,)" and ITERATOR_NAME.match(name)):
            self._loop(name, start, opening, closing)
        elif following == "}" or following.isalpha() or following == "_":
            apart = after is None or "\n" in self.code[closing : after.start()]
            if apart and after is not None and indents(self.code, start, after.start()):
                self._loop(name, start, opening, closing)
            elif apart and prior != ")":
                self._drop(start, closing + 1, f"{name}(…) without a semicolon")
        return True

    def _ends_do(self, start: int) -> bool:
        """Tell whether a `}` before `start` closes the body of a `do`."""
        if before(self.code, start) != "}":
            return False
        opening = self.opener.get(self.code.rindex("}", 0, start), 0)
        return bool(_DO.search(self.code, max(0, opening - 20), opening))

    def _loop(self, name: str, start: int, opening: int, closing: int) -> None:
        if len(name) >= 5:
            self._write(start, "while".ljust(len(name)))
        elif len(name) >= 2:
            self._write(start, "if".ljust(len(name)))
        if not self.code[opening + 1 : closing].strip() and closing + 1 - start >= len("while(1)"):
            self._write(start, "while(1)" + blank(self.code[start + 8 : closing + 1]))

    def _outside(self, name: str, start: int, opening: int, closing: int, prior: str) -> bool:
        """Shape a call outside of functions; tell whether its arguments were turned into something that is no call."""
        storage = _STORAGE.search(self.code, max(0, start - 80), start)
        if prior not in ";}{" and not storage:
            return False
        first = storage.start(1) if storage else start
        macro = bool(_MACRO_NAME.match(name)) or name in DECLARING
        after = _NOT_SPACE.search(self.code, closing + 1)
        following = after.group() if after else ""
        if following == "{":
            return self.braces[-1] == "file" and self._function(name, start, opening, closing)
        if following == "=" or (following in ";," and self.braces[-1] == "struct"):
            return macro and self._declaration(name, start, opening, closing)
        if following == ";":
            if macro and storage:
                self._blank(first, start)
            if STATEMENT_INSIDE.search(self.code, opening + 1, closing):
                self._drop(first, closing + 1, f"{name}(…) with statements as arguments")
        elif after is None or (
            (following.isalpha() or following in "_#}") and "\n" in self.code[closing : after.start()]
        ):
            self._drop(first, closing + 1, f"{name}(…) without a semicolon")
        return False

    def _declaration(self, name: str, start: int, opening: int, closing: int) -> bool:
        """Turn `DEFINE_X(type, name)` into `int name`, the name staying where it is."""
        spans = arguments(self.code, self.partner, opening, closing)
        wanted = DECLARING[name][1] if name in DECLARING else (len(spans) - 1 if len(spans) > 1 else 0)
        found = _IDENTIFIER.match(self.code, *spans[min(wanted, len(spans) - 1)])
        if found is None:
            return False
        self._blank(start, closing + 1)
        self._write(start, "int"[: len(name)].ljust(3))
        self._write(found.start(1), self.code[found.start(1) : found.end()])
        self.skip = closing + 1
        return True

    def _function(self, name: str, start: int, opening: int, closing: int) -> bool:
        """Turn `SYSCALL_DEFINE2(name, type, arg, type, arg) {` and its like into the head of a function."""
        spans = arguments(self.code, self.partner, opening, closing)
        found = _IDENTIFIER.match(self.code, *spans[0])
        if found is None or len(name) < 4:
            return False
        pairs = DEFINING_FUNCTION.match(name) and len(spans) % 2 == 1
        self._write(start, "long" + " " * (opening - start - 4))
        if len(spans) > 1 and pairs:
            self._write(opening, " ")
            self._write(spans[1][0] - 1, "(")
            for type_span in spans[1::2]:
                self._write(type_span[1], " ")
        else:
            called = found.group(1)
            self._write(opening, called + "()" + blank(self.code[opening + len(called) + 2 : closing + 1]))
        self.skip = closing + 1
        return True

    def _type_argument(self, at: int, word: bool) -> None:
        """Turn a type among a call's arguments into one identifier of the same length."""
        head = max(self.code.rfind(",", 0, at), self.code.rfind("(", 0, at))
        if word and self.code[head + 1 : at].strip():
            return
        ends = [place for place in (self.code.find(",", at), self.code.find(")", at)) if place >= 0]
        if not ends or min(ends) - head > _LONGEST_TYPE or not _TYPE_TEXT.match(self.code, head + 1, min(ends)):
            return
        begin, end = head + 1, min(ends)
        text = self.code[begin:end]
        shown = text.strip()
        if not word and not shown.endswith("*"):
            return
        first = begin + text.index(shown)
        lines = shown.split("\n")
        self._write(
            first, "\n".join([re.sub(r"\W", "_", lines[0].rstrip()).ljust(len(lines[0])), *map(blank, lines[1:])])
        )
        if word and shown.isidentifier():
            self._write(first, shown)
        self.skip = end

    def _restore(self, group: Group) -> None:
        """Write the lines of a conditional back where its branches are statements of a function."""
        if group.shape != "whole" or self.braces[-1] != "body":
            return
        if self.parens and self.parens[-1][1] == len(self.braces):
            return
        head = self.code[max(0, group.start - 200) : group.start].rstrip()
        if head.endswith(":") and not re.search(r"(?:\bcase\b[^;{}]*|\bdefault\s*):$", head):
            return
        for line in group.lines:
            shown = f"#{line.word} 1" if line.word in ("if", "elif") else f"#{line.word}"
            if line.word in ("ifdef", "ifndef"):
                shown += " X"
            room = len(self.code[line.start : line.end].split("\n")[0])
            if room >= len(shown):
                self._write(line.start, shown.ljust(room))

    def _drop(self, start: int, end: int, what: str) -> None:
        self.notes.append((start, what))
        self._blank(start, end)
        self.blanked = end
        self.skip = end

    def _blank(self, start: int, end: int) -> None:
        self._write(start, blank(self.code[start:end]))

    def _write(self, start: int, text: str) -> None:
        self.text[start : start + len(text)] = text.encode("latin-1")
