# SPDX-License-Identifier: GPL-2.0-or-later
"""The jinja2 environment that all templates share: filters for wrapping, colours and harmless text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import click
import jinja2

from reviewbot.render.quote import printable
from reviewbot.resources import bundled

COLOURS = {
    "error": "red",
    "warning": "yellow",
    "note": "cyan",
    "good": "green",
    "strong": None,
    "quiet": "bright_black",
}


def wrap(text: str, width: int = 72, indent: str = "") -> str:
    """Wrap prose to `width` columns, every line after the first starting with `indent`; words are never broken."""
    return textwrap.fill(
        " ".join(text.split()), width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def indented(text: str, by: int) -> str:
    """Indent every line that has text."""
    return textwrap.indent(text, " " * by)


def harmless(text: object) -> str:
    """Return what is safe on a terminal and in a mail: no control characters, no bytes of unknown charset."""
    return "\n".join(printable(line) for line in str(text).split("\n"))


class _Compiled(jinja2.BytecodeCache):
    """Templates compiled once for all environments of a run: each mail has its own, and compiling takes longest."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        """Give a template that was compiled before; jinja2 compares the sources' checksums."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        """Keep a compiled template."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def environment(colour: bool = False, directories: Sequence[Path] = ()) -> jinja2.Environment:
    """Make an environment; templates in `directories` (a user's own) come before the bundled ones."""

    def style(text: object, kind: str) -> str:
        if not colour or kind not in COLOURS:
            return str(text)
        return click.style(str(text), fg=COLOURS[kind], bold=kind in ("error", "strong"))

    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader([*directories, bundled("templates")]),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(["html"]),
        keep_trailing_newline=True,
        bytecode_cache=_COMPILED,
    )
    env.filters.update(wrap=wrap, indented=indented, harmless=harmless, style=style)
    return env
