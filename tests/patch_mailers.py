# SPDX-License-Identifier: GPL-2.0-or-later
"""What mailers do to diffs, each as a function of the diff's text; and diffs to do it to."""

from __future__ import annotations

import difflib
import html
import textwrap
from collections.abc import Callable

from hypothesis import strategies as st

HEADERS = ("diff --git", "--- ", "+++ ", "@@ -", "index ")
WORDS = [
    "alpha",
    "beta(x)",
    "*p++",
    "->next",
    "+ 1;",
    "-1,",
    "++i;",
    "--n;",
    "* note",
    "&&",
    "<",
    "> 0",
    "/* a */",
    "#if",
]
INDENTS = ["", "\t", "\t\t", "\t\t\t", "\t  ", " "]


def _each_body_line(change: Callable[[str], str]) -> Callable[[str], str]:
    def damage(diff: str) -> str:
        lines = diff.split("\n")[:-1]
        return "".join((line if line.startswith(HEADERS) else change(line)) + "\n" for line in lines)

    return damage


def _collapse(line: str) -> str:
    mark = line[:1] if line[:1] in "+-" else ""
    rest = line[len(mark) :]
    lead = " " if rest[:1].isspace() else ""
    return (mark + lead + " ".join(rest.split())).rstrip()


def _wrap(diff: str) -> str:
    wrapped = []
    for line in diff.split("\n")[:-1]:
        pieces = textwrap.wrap(
            line, 72, drop_whitespace=False, expand_tabs=False, replace_whitespace=False, break_long_words=False
        )
        rest = [piece.strip(" ") for piece in pieces[1:]]
        wrapped += [pieces[0].rstrip(" "), *filter(None, rest)] if any(rest) else [line]
    return "".join(piece + "\n" for piece in wrapped)


def _lose_blank_lines(diff: str) -> str:
    return "".join(line + "\n" for line in diff.split("\n")[:-1] if line.strip())


MAILERS: dict[str, Callable[[str], str]] = {
    "stripped": _each_body_line(str.strip),
    "mark stripped": _each_body_line(lambda line: line[1:] if line[:1] == " " else line),
    "collapsed": _each_body_line(_collapse),
    "trailing stripped": _each_body_line(str.rstrip),
    "blank lines lost": _lose_blank_lines,
    "wrapped": _wrap,
    "quoted": lambda diff: "".join(f"> {line}\n" for line in diff.split("\n")[:-1]),
    "escaped": lambda diff: html.escape(diff, quote=True),
    "stuffed": lambda diff: "".join((" " if line[:1] == " " else "") + line + "\n" for line in diff.split("\n")[:-1]),
    "no tabs": lambda diff: diff.expandtabs(8),
    "no-break spaces": _each_body_line(lambda line: line.replace("\t", " " * 8).replace("  ", "\u00a0 ")),
    "crlf": lambda diff: diff.replace("\n", "\r\n"),
}


def unified(old: list[str], new: list[str], path: str = "mm/pool.c") -> str:
    """A git-like diff of one file's lines; the empty string when nothing changed."""
    body = list(difflib.unified_diff(old, new, "a/" + path, "b/" + path, lineterm=""))
    return "".join(line + "\n" for line in [f"diff --git a/{path} b/{path}", *body]) if body else ""


@st.composite
def source_lines(draw: st.DrawFn) -> str:
    """A line somewhat like C; blank now and then, long now and then, sometimes beginning like a diff's mark."""
    words = draw(st.lists(st.sampled_from(WORDS), max_size=draw(st.sampled_from([3, 3, 20]))))
    return draw(st.sampled_from(INDENTS)) + " ".join(words) if words else ""


@st.composite
def diffs(draw: st.DrawFn) -> str:
    """A diff between two versions of a file, of one or more hunks."""
    old = draw(st.lists(source_lines(), min_size=1, max_size=40))
    new = list(old)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(new)))
        new[at : at + draw(st.integers(0, 3))] = draw(st.lists(source_lines(), max_size=3))
    return unified(old, new)
