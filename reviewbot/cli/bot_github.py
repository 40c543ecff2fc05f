# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot bot github`: reviews on pull requests, and pull requests for mailed series."""

from __future__ import annotations

import logging
import queue
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewbot.cli.memory import CONFIG, MEMORY, open_memory

if TYPE_CHECKING:
    from reviewbot.publish.github.access import Forge
    from reviewbot.publish.github.bot import Bot
    from reviewbot.publish.github.mirror import Mirror
    from reviewbot.publish.github.outlet import Outlet
    from reviewbot.publish.github.settings import GithubBot
    from reviewbot.publish.github.webhook import Call
    from reviewbot.review.memory.store import Store


@click.command("github")
@click.option("--repo", required=True, metavar="OWNER/NAME", help="The repository at GitHub.")
@click.option("--once", "one_round", is_flag=True, help="One round, for cron; else rounds for ever.")
@click.option("--post", is_flag=True, help="Post. Without it what would be posted is written to a directory.")
@click.option("--dry-run", "directory", default="reviewbot-dry-run", show_default=True, metavar="DIR")
@click.option("--listen", metavar="HOST:PORT", help="Take GitHub's webhooks there, besides looking now and then.")
@click.option("--mailbox", multiple=True, metavar="SOURCE", help="Make pull requests of the series in there instead.")
@click.option("--onto", default="main", show_default=True, metavar="BRANCH", help="With --mailbox: what they are for.")
@MEMORY
@CONFIG
def command(
    repo: str,
    one_round: bool,
    post: bool,
    directory: str,
    listen: str | None,
    mailbox: tuple[str, ...],
    onto: str,
    memory: str | None,
    config: str,
) -> int:
    """Review the pull requests of a repository at GitHub, or make pull requests of mailed series.

    The token comes from REVIEWBOT_GITHUB_TOKEN, GITHUB_TOKEN or the configuration ([bot.github], see docs/github.md).
    Nothing that a pull request contains is ever run, and nothing is posted without --post. Exits with 1 when something
    could not be done (the log on standard error says what); a later round takes it up again.

    \b
    Examples:
      reviewbot bot github --repo octo/ring --once
      reviewbot bot github --repo octo/ring --post --listen 127.0.0.1:8471
      reviewbot bot github --repo octo/ring --post --mailbox series.mbox --onto main
    """
    try:
        import github  # noqa: F401
    except ModuleNotFoundError as error:
        raise click.UsageError("this needs PyGithub: pip install 'reviewbot[github]'") from error
    from reviewbot.publish.config import Config, load_config
    from reviewbot.publish.github.access import Forge
    from reviewbot.publish.github.importer import Importer
    from reviewbot.publish.github.memory import Memory
    from reviewbot.publish.github.settings import GithubBot

    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    address = _address(listen) if listen else None
    read = load_config(Path(config)) if Path(config).exists() else Config(Path(config))
    settings = read.github or GithubBot()
    with ExitStack() as stack:
        forge = Forge(settings, repo)
        mirror = _mirror(settings, forge)
        store = stack.enter_context(open_memory(memory, config)) if post else None
        outlet = _outlet(store, forge, mirror, settings, directory)
        if mailbox:
            return int(Importer(settings, forge, mirror, outlet, onto).run(mailbox) > 0)
        bot = _bot(settings, forge, mirror, outlet)
        bot.memory = Memory(store, read.policy.shadow, settings.moderate)
        return _rounds(bot, one_round, address)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise click.UsageError(f"--listen {text}: HOST:PORT")
    return host.strip("[]"), int(port)


def _mirror(settings: GithubBot, forge: Forge) -> Mirror:
    import platformdirs

    from reviewbot.publish.github.mirror import Mirror

    cache = settings.cache or Path(platformdirs.user_cache_dir("reviewbot")) / "github"

    def token() -> str | None:
        auth = forge.connection.requester.auth
        return auth.token if auth is not None else None

    return Mirror(
        (cache / f"{forge.name}.git").absolute(), settings.remote.replace("{repo}", forge.name), settings.borrow, token
    )


def _outlet(store: Store | None, forge: Forge, mirror: Mirror, settings: GithubBot, directory: str) -> Outlet:
    """Return where actions go: through the outbox of the memory, or into the directory when there is none."""
    from reviewbot.publish.github.outlet import Dry, Live
    from reviewbot.publish.github.perform import Writer
    from reviewbot.publish.outbox import Outbox

    if store is None:
        return Dry(Path(directory), forge.name)
    writer = Writer(forge, mirror)
    hold = "everything is moderated" if settings.moderate else None
    return Live(Outbox(store), forge.name, writer.send, writer.look, hold)


def _bot(settings: GithubBot, forge: Forge, mirror: Mirror, outlet: Outlet) -> Bot:
    from reviewbot.cache import user_cache
    from reviewbot.checks.load import load_rules
    from reviewbot.publish.github.bot import Bot
    from reviewbot.resources import bundled
    from reviewbot.review.pipeline import Judges
    from reviewbot.simulate.scenario import load_scenarios

    rules = load_rules(bundled("rules"), *settings.rules)
    scenarios = load_scenarios(bundled("fixtures") / "scenarios") if settings.simulate else ()
    return Bot(settings, forge, mirror, Judges(rules, scenarios, cache=user_cache()), outlet)


def _rounds(bot: Bot, one_round: bool, address: tuple[str, int] | None) -> int:
    from reviewbot.publish.github.loop import SWEEP, listening, once, watch
    from reviewbot.publish.github.settings import secret

    if one_round:
        return int(not once(bot)[0])
    woken: queue.Queue[Call | None] = queue.Queue()
    with ExitStack() as stack:
        if address is not None:
            stack.enter_context(listening(bot, address, secret(bot.settings), woken))
        watch(bot, woken, SWEEP if address is not None else bot.settings.poll)
    return 0
