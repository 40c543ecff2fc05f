# SPDX-License-Identifier: GPL-2.0-or-later
"""Hostile mail costs no more than its length: every pattern, and the whole way from source to series."""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import pkgutil
import re
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

import reviewbot.mail
from reviewbot.mail.read import read_mail
from reviewbot.model.errors import UnusableInputError
from tests.mailkit import diff, mail

MEGABYTE = 1_000_000
SECONDS = 5.0
"""Far above what a linear pattern takes for a megabyte, far below what a quadratic one does."""

PUMPS = (" ", "a1/<@->", "A: x\n ")
COMPILERS = {"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}


def modules() -> Iterator[str]:
    """Yield the names of the room's modules."""
    for found in pkgutil.iter_modules(reviewbot.mail.__path__):
        yield f"reviewbot.mail.{found.name}"


def patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes], str]]:
    """Yield each pattern of the room with each method by which its module uses it."""
    for name in modules():
        module = importlib.import_module(name)
        uses = {
            (node.func.value.id, node.func.attr)
            for node in ast.walk(ast.parse(inspect.getsource(module)))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        }
        for variable, value in vars(module).items():
            if isinstance(value, re.Pattern):
                for method in sorted(method for one, method in uses if one == variable):
                    yield f"{name.rpartition('.')[2]}.{variable}.{method}", value, method


def run(pattern: re.Pattern[str] | re.Pattern[bytes], method: str, text: str) -> float:
    """Return how long a method takes on a text."""
    subject: str | bytes = text.encode() if isinstance(pattern.pattern, bytes) else text
    arguments = (subject[:0], subject) if method == "sub" else (subject,)
    start = time.process_time()
    found = getattr(pattern, method)(*arguments)
    if method == "finditer":
        for _ in found:
            pass
    return time.process_time() - start


def own_words(pattern: re.Pattern[str] | re.Pattern[bytes]) -> str:
    """Return the letters of a pattern's source: text that it nearly matches."""
    source = pattern.pattern.decode() if isinstance(pattern.pattern, bytes) else pattern.pattern
    return re.sub(r"\\.|[\^$|()?*+\[\]{}]", "", source)[:40] or "a"


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, _, _ in patterns()])
def test_no_pattern_is_worse_than_linear(name: str) -> None:
    ((pattern, method),) = [(pattern, method) for one, pattern, method in patterns() if one == name]
    for pump in (*PUMPS, own_words(pattern)):
        text = (pump * (MEGABYTE // len(pump) + 1))[:MEGABYTE]
        assert run(pattern, method, text) < SECONDS, (name, pump)


def test_all_patterns_are_named_at_the_top_of_their_modules() -> None:
    for name in modules():
        tree = ast.parse(inspect.getsource(importlib.import_module(name)))
        top = {id(node) for statement in tree.body if isinstance(statement, ast.Assign) for node in ast.walk(statement)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "re":
                assert node.attr not in COMPILERS or id(node) in top, f"{name}:{node.lineno}"


HOSTILE = {
    "quotes": "> > > > > a\n",
    "headers": "From: a <a@x.org>\n\n",
    "attributions": "On 1 Jan 2020 1:11, A <a@x>\n",
    "scissors": "-- >8 --\n",
    "fields": "Subject: a\n",
    "cuts": "==\n\n\n",
    "trailers": "Acked-by: A\nFixes: 1 (\n",
    "hunks": "--- a/x\n+++ b/x\n@@ -1,9 +1,9999999 @@\n+x\n",
    "broken hunks": "--- a\n+++ b\n@@ -1,9 +1,9 @@\nx\n--- y\n",
    "files": "diff --git a/x b/x\nold mode 1\n",
    "copies": ">" * 40 + "+\n",
    "conversation": "On 1 Jan 2020 1:11, A wrote:\n> It is all the same.\n> +quoted\nIt is all the same.\n",
    "patches": "From: A <a@x>\n---\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
    "one line": "a ",
    "spaces": " \n\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("form", ["patch", "reply", "dump"])
def test_hostile_text_is_read_in_time(kind: str, form: str) -> None:
    body = HOSTILE[kind] * (MEGABYTE // 4 // len(HOSTILE[kind]))
    if form == "dump":
        data = (body + "\n" + diff()).encode()
    else:
        subject = "[PATCH] x" if form == "patch" else "Re: [PATCH] x"
        data = mail(subject, f"{body}\n---\n{diff()}", "1@x", "0@x")
    start = time.process_time()
    with suppress(UnusableInputError):
        read_mail(["-"], io.BytesIO(data))
    assert time.process_time() - start < 2 * SECONDS


@pytest.mark.slow
@pytest.mark.parametrize("field", ["From", "To", "Subject", "References", "Content-Type"])
@pytest.mark.parametrize("pump", ["(", '"', "<a@", "=?a?q?b?= ", ",;=", "["])
def test_hostile_headers_are_read_in_time(field: str, pump: str) -> None:
    value = pump * (MEGABYTE // 4 // len(pump))
    data = f"{field}: {value}\nFrom: a@x\nSubject: [PATCH] x\n\n".encode() + diff().encode()
    start = time.process_time()
    with suppress(UnusableInputError):
        read_mail(["-"], io.BytesIO(data))
    assert time.process_time() - start < 2 * SECONDS
