# SPDX-License-Identifier: GPL-2.0-or-later
"""One look at pull requests: what is due is fetched, reviewed and told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

import requests
from github import GithubException

from reviewbot.model.errors import UnusableInputError
from reviewbot.model.finding import Finding, Review, SeriesReview
from reviewbot.publish.github.access import Forge, PauseError, refused_for_rate
from reviewbot.publish.github.commands import HELP, Orders, read_orders
from reviewbot.publish.github.facts import Action, Pull
from reviewbot.publish.github.marks import mark
from reviewbot.publish.github.mirror import Mirror
from reviewbot.publish.github.outlet import Outlet, key_maker, post_all
from reviewbot.publish.github.plan import Judged, check_key, own_threads, plan, shown_lines, unusable
from reviewbot.publish.github.settings import GithubBot
from reviewbot.review.branch import at_end, review_branch
from reviewbot.review.pipeline import Judges
from reviewbot.tree.commits import whole_change

LOG = logging.getLogger("reviewbot.github")


def unchanged(review: SeriesReview) -> SeriesReview:
    """Return a review as it is."""
    return review


def nothing(_: str, __: Sequence[Finding], ___: Sequence[str]) -> None:
    """Remember nothing of what was posted."""


@dataclass(slots=True)
class Bot:
    """A repository's bot.

    `tellable` takes out of a review what is not to be told; `told` hears of a pull request (`owner/name#number`) which
    findings it was told, and the fingerprints of those that are gone.
    """

    settings: GithubBot
    forge: Forge
    mirror: Mirror
    judges: Judges
    outlet: Outlet
    tellable: Callable[[SeriesReview], SeriesReview] = unchanged
    told: Callable[[str, Sequence[Finding], Sequence[str]], None] = nothing
    seen: dict[int, datetime | None] = field(default_factory=dict)

    def sweep(self) -> int:
        """Look at every open pull request that has changed since this process looked last; return how many failed.

        A failure is logged and the others go on; PauseError ends the sweep.
        """
        failed = 0
        for pull in self.forge.pulls():
            if pull.updated is not None and self.seen.get(pull.number) == pull.updated:
                continue
            if self.attend(pull.number):
                self.seen[pull.number] = pull.updated
            else:
                failed += 1
        return failed

    def attend(self, number: int) -> bool:
        """Do what is due about one pull request; return whether nothing is left to do. Errors are logged."""
        try:
            return self._attend(self.forge.pull(number))
        except UnusableInputError as error:
            LOG.error("%s#%d: %s", self.forge.name, number, error)
        except (GithubException, requests.RequestException) as error:
            seconds = refused_for_rate(error) if isinstance(error, GithubException) else None
            if seconds is not None:
                raise PauseError("GitHub's limit", seconds) from error
            said = " ".join(str(error).split())[:300]
            LOG.error("%s#%d: %s: %s", self.forge.name, number, type(error).__name__, said)
        return False

    def _attend(self, pull: Pull) -> bool:
        if not pull.open or (pull.draft and not self.settings.drafts):
            return True
        orders = self._orders(pull)
        key_of = key_maker(self.forge.name, pull.number)
        for comment in orders.help:
            key = key_of("help", str(comment))
            if not self._post([Action("comment", pull.number, key, {"body": f"{HELP}\n{mark(key)}"})]):
                return False
        if orders.stopped or self.outlet.done(check_key(key_of, pull, orders.again)):
            return True
        if orders.again:
            seen = Action("react", pull.number, key_of("react", str(orders.again)), {"comment": orders.again})
            if not self._post([seen]):
                return False
        return self._review(pull, orders.again)

    def _orders(self, pull: Pull) -> Orders:
        remarks = self.forge.remarks(pull.number)
        return read_orders(remarks, self.forge.login(), pull.author, cache(self.forge.permission))

    def _review(self, pull: Pull, run: int) -> bool:
        key_of = key_maker(self.forge.name, pull.number)
        LOG.info("%s#%d: reviewing %s", self.forge.name, pull.number, pull.head[:12])
        tree = self.mirror.fetch(f"refs/pull/{pull.number}/head", f"refs/heads/{pull.base_ref}")
        if not tree.knows(pull.head):
            LOG.info("%s#%d: %s has been replaced meanwhile", self.forge.name, pull.number, pull.head[:12])
            return False
        base = pull.base if tree.knows(pull.base) else f"refs/reviewbot/heads/{pull.base_ref}"
        identity = f"{self.forge.name}#{pull.number}"
        try:
            branch, review = review_branch(tree, base, pull.head, self.judges, identity=identity, name=pull.title)
        except UnusableInputError as error:
            return self._post(unusable(pull, run, str(error), key_of))
        review = self.tellable(review)
        (at_head,) = at_end(Review((review,), ())).series
        lines = shown_lines(whole_change(tree, branch.base, pull.head))
        judged = Judged(pull, at_head, lines, run)
        said = self.forge.conversation(pull.number)
        done = self._post(plan(judged, said, key_of, self.settings.fail_on, self.settings.limits))
        if done:
            there = {finding.fingerprint for finding in at_head.findings}
            self.told(identity, at_head.findings, [one for one, _ in own_threads(said) if one not in there])
        return done

    def _post(self, actions: Iterable[Action]) -> bool:
        """Post actions in their order, as far as they go; PauseError where GitHub wants a pause."""
        actions = tuple(actions)
        done = post_all(self.outlet, f"{self.forge.name}#{actions[0].pull}", actions)
        if not done:
            self.forge.budget.check()
        return done
