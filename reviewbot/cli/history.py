# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot history`: what memory has to tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from reviewbot.cli.memory import CONFIG, MEMORY, open_memory
from reviewbot.cli.output import emit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewbot.review.memory.standing import Override
    from reviewbot.review.memory.store import Store

SCHEMA = "reviewbot-history/1"


@click.command()
@click.argument("series", required=False)
@click.option("--rules", is_flag=True, help="How each rule stands by the answers of authors.")
@click.option(
    "--shadow",
    nargs=2,
    type=(str, click.Choice(["on", "off", "auto"])),
    metavar="RULE on|off|auto",
    help="Decide about a rule: it shadows, it is posted, or its answers decide.",
)
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Series to list.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@MEMORY
@CONFIG
def command(
    series: str | None,
    rules: bool,
    shadow: tuple[str, str] | None,
    limit: int,
    form: str,
    memory: str | None,
    config: str,
) -> None:
    """List the series that were reviewed, or show SERIES: its versions, findings, remarks, what was posted where.

    SERIES is a number of the list or a message-id. With --rules: how authors answered what each rule found. A rule that
    is wrong too often only shadows: its findings are recorded, and not posted.

    \b
    Examples:
      reviewbot history
      reviewbot history 7
      reviewbot history 20100322081405.0-ada@example.org --format json
      reviewbot history --rules
      reviewbot history --shadow wait-without-wake off
    """
    if series is not None and (rules or shadow):
        raise click.UsageError("SERIES does not go with --rules or --shadow")
    with open_memory(memory, config) as store:
        if shadow is not None:
            _decide(store, *shadow)
        what, lines = _rules(store, Path(config)) if rules or shadow else _series(store, series, limit)
    text = "".join(f"{line}\n" for line in lines) if form == "text" else _json(what)
    emit(text.encode("utf-8", "replace"), None)


def _series(store: Store, name: str | None, limit: int) -> tuple[dict[str, Any], Iterable[str]]:
    from reviewbot.render.history import history_lines, series_lines
    from reviewbot.review.memory.history import list_series, show_series

    if name is not None:
        found = show_series(store, name)
        return {"history": found}, history_lines(found)
    listed = list_series(store, limit)
    return {"series": listed}, series_lines(listed)


def _rules(store: Store, config: Path) -> tuple[dict[str, Any], Iterable[str]]:
    from reviewbot.publish.config import shadow_setting
    from reviewbot.render.history import standing_lines
    from reviewbot.review.memory.ledger import standings

    found = standings(store, shadow_setting(config))
    return {"rules": found}, standing_lines(found)


def _decide(store: Store, rule: str, shadow: str) -> None:
    from reviewbot.review.memory.ledger import override

    override(store, rule, None if shadow == "auto" else cast("Override", shadow))


def _json(what: dict[str, Any]) -> str:
    from reviewbot.review.memory.form import converter

    return json.dumps({"schema": SCHEMA, **converter().unstructure(what)}, indent=1) + "\n"
