# SPDX-License-Identifier: GPL-2.0-or-later
"""Mailboxes to pull requests: applies each series to its branch and posts what `bridge` plans."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import requests
from github import GithubException

from reviewbot.mail.read import read_mail
from reviewbot.model.diff import Series
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.mail import MailSeries
from reviewbot.model.tree import Applied
from reviewbot.patch.read import read_series
from reviewbot.publish.github.access import Forge, PauseError
from reviewbot.publish.github.bridge import Landed, branch_name, plan_series, refused, shown_by
from reviewbot.publish.github.facts import Pull
from reviewbot.publish.github.mirror import Mirror
from reviewbot.publish.github.outlet import Outlet, key_maker, post_all
from reviewbot.publish.github.settings import GithubBot
from reviewbot.tree.apply import apply_series
from reviewbot.tree.branch import keep_commits
from reviewbot.tree.commits import merge_base
from reviewbot.tree.gitcommand import run_git
from reviewbot.tree.message import REVIEWBOT
from reviewbot.tree.repository import Tree
from reviewbot.tree.scratch import scratch_directory

LOG = logging.getLogger("reviewbot.github")
RANGE_DIFF = ("range-diff", "--no-color", "--no-ext-diff", "--no-textconv", "--creation-factor=75")


@dataclass(frozen=True, slots=True)
class Importer:
    """Makes pull requests for the branch `onto` of a repository."""

    settings: GithubBot
    forge: Forge
    mirror: Mirror
    outlet: Outlet
    onto: str

    def run(self, sources: Sequence[str]) -> int:
        """Bring every series of the sources; return how many could not be brought (the log says why).

        Raises UnusableInputError for sources that cannot be read.
        """
        mails, _ = read_mail(sources)
        tree = self.mirror.fetch(f"refs/heads/{self.onto}")
        failed = 0
        for mail in sorted(mails, key=lambda one: one.version):
            try:
                failed += not self._bring(mail, tree)
            except (UnusableInputError, PauseError) as error:
                LOG.error("%s: %s", mail.subject, error)
                failed += 1
            except (GithubException, requests.RequestException) as error:
                LOG.error("%s: %s: %s", mail.subject, type(error).__name__, " ".join(str(error).split())[:300])
                failed += 1
        return failed

    def _bring(self, mail: MailSeries, tree: Tree) -> bool:
        series = read_series(mail)
        if reason := refused(series):
            raise UnusableInputError(f"no branch is made of it: {reason}")
        pull = shown_by(mail, self.forge.pulls(), self.forge.login())
        landed = self._land(series, tree, pull)
        limits = self.settings.limits
        key_of = key_maker(self.forge.name, 0)
        actions = plan_series(landed, pull, self.onto, self.settings.archive, key_of, limits)
        done = post_all(self.outlet, mail.subject, actions)
        if not done:
            self.forge.budget.check()
        return done

    def _land(self, series: Series, tree: Tree, pull: Pull | None) -> Landed:
        """Apply a series to the base that it names, else to the branch's end; the commits stay in the mirror."""
        end = tree.resolve(f"refs/reviewbot/heads/{self.onto}")
        named = series.mail.base_commit
        base = named if named is not None and tree.knows(named) and merge_base(tree, named, end) == named else end
        with scratch_directory() as scratch:
            applied = apply_series(series, tree, base, scratch, REVIEWBOT)
            if applied.reconstructed:
                raise UnusableInputError(f"it does not apply to {base[:12]}: {_why(applied)}")
            commit = keep_commits(tree, applied, REVIEWBOT)
        # a bot that died before it opened the pull request has left the branch
        there = self.mirror.at_remote(branch_name(series.mail)) if pull is None else None
        return Landed(series, commit, base, self._range_diff(tree, pull, base, commit), there)

    def _range_diff(self, tree: Tree, pull: Pull | None, base: str, commit: str) -> str:
        """Return the range-diff from what a pull request shows, "" where there is nothing to compare."""
        if pull is None or pull.head == commit:
            return ""
        tree = self.mirror.fetch(f"refs/heads/{pull.head_ref}")
        if not tree.knows(pull.head):
            return ""
        old = merge_base(tree, pull.head, tree.resolve(f"refs/reviewbot/heads/{self.onto}"))
        said, whole = run_git(Path(tree.repository.path), [*RANGE_DIFF, f"{old}..{pull.head}", f"{base}..{commit}"])
        return said.decode("utf-8", "replace") if whole else ""


def _why(applied: Applied) -> str:
    failed = next(one for one in applied.applications if one.status == "conflict")
    return f"patch {failed.number}: {failed.reason or 'a conflict'}"
