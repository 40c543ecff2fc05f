# SPDX-License-Identifier: GPL-2.0-or-later
"""The program's entry: commands are loaded when they are called, so that `--help` stays quick."""

from __future__ import annotations

import gc
import os
import sys
import traceback

import click

import reviewbot
from reviewbot.cli.lazy import LazyGroup
from reviewbot.model.errors import UnusableInputError

# name: (module of reviewbot.cli, one line for the list of commands)
COMMANDS = {
    "review": ("review", "Review patch series: apply, check, simulate, print."),
    "parse": ("parse", "Read mail only: series, patches, versions, remarks, damage."),
    "compare": ("compare", "Compare two versions of a series: fixed, persisting, new, answered."),
    "apply": ("apply", "Apply a series to a tree without a checkout."),
    "replay": ("replay", "Review every series of an archive, and count."),
    "simulate": ("simulate", "Run scenarios on a revision, or before and after a series."),
    "tree": ("tree", "Pin, list and verify the trees that reviewbot.toml names."),
    "rules": ("rules", "List, show, test and start rules."),
    "history": ("history", "Show what was reviewed and posted, and how rules stand."),
    "ci": ("ci", "Review the commits of a branch, in CI or by hand."),
    "bot": ("bot", "Post reviews; show and decide what waits to be posted."),
    "demo": ("demo", "Review the bundled series on the bundled tree."),
}

EXIT_FINDINGS, EXIT_USAGE, EXIT_INTERNAL = 1, 2, 3


@click.group(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(reviewbot.__version__, prog_name="reviewbot")
def main() -> None:
    """Review patch series from kernel mailing lists.

    \b
    Examples:
      reviewbot demo
      reviewbot review series.mbox --tree ~/linux --base v6.1
      reviewbot review thread.mbox --format email > replies.mbox
      b4 am -o- MSGID | reviewbot review -

    Exit status: 0 nothing at or above --fail-on, 1 findings, 2 unusable input, 3 an error of the program.
    """


def fail(text: str, status: int) -> int:
    """Print one line on standard error and return the exit status."""
    click.echo(f"reviewbot: {' '.join(text.split())}", err=True)
    return status


def call(arguments: list[str] | None = None) -> int:
    """Run the program and return its exit status; everything that can go wrong comes out as one line."""
    try:
        result = main.main(args=arguments, prog_name="reviewbot", standalone_mode=False)
    except UnusableInputError as error:
        return fail(str(error), EXIT_USAGE)
    except click.ClickException as error:
        return fail(error.format_message(), EXIT_USAGE)
    except (click.Abort, KeyboardInterrupt):
        return fail("interrupted", EXIT_USAGE)
    except BrokenPipeError:
        # the reader went away; what is buffered must not be flushed at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # the last resort: status 3 is promised for every error of our own
        if os.environ.get("REVIEWBOT_DEBUG"):
            traceback.print_exc()
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{os.path.basename(where.filename)}:{where.lineno}"  # noqa: PTH119
        hint = "this is a fault of the program; REVIEWBOT_DEBUG=1 shows where"
        return fail(f"{type(error).__name__} at {place}: {error} ({hint})", EXIT_INTERNAL)
    return result if isinstance(result, int) else 0


def collect_seldom() -> None:
    """Let Python look for cycles less often than it does by default.

    What is parsed stays for as long as it is of use, and has hardly a cycle: looking at it again and again after every
    few hundred objects takes a tenth of the time of a review.
    """
    gc.set_threshold(50_000, 20, 20)


def run() -> None:
    """Run the program as a command."""
    collect_seldom()
    sys.exit(call())
