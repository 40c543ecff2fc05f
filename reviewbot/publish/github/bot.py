# SPDX-License-Identifier: GPL-2.0-or-later
"""One look at pull requests: what is due is fetched, reviewed and told."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache

import requests
from github import GithubException

from reviewbot.model.diff import HumanComment, Series
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.finding import Review, SeriesReview
from reviewbot.publish.github.access import Forge, PauseError, refused_for_rate
from reviewbot.publish.github.commands import HELP, Orders, read_orders
from reviewbot.publish.github.facts import Action, Conversation, Pull, Remark, own_threads
from reviewbot.publish.github.marks import mark
from reviewbot.publish.github.memory import Memory, as_version, earlier, version_name
from reviewbot.publish.github.mirror import Mirror
from reviewbot.publish.github.outlet import Outlet, key_maker, post_all
from reviewbot.publish.github.people import spoken, told_findings, with_comments, with_raised
from reviewbot.publish.github.plan import Judged, check_key, plan, shown_lines, unusable
from reviewbot.publish.github.settings import GithubBot
from reviewbot.review.branch import at_end, review_branch
from reviewbot.review.pipeline import Judges
from reviewbot.review.versions.link import with_earlier
from reviewbot.tree.commits import whole_change
from reviewbot.tree.repository import Tree

LOG = logging.getLogger("reviewbot.github")


@dataclass(slots=True)
class Bot:
    """A repository's bot. `seen` has when each pull request changed last that it looked at, `asked` who wants a head
    (full commit id) reviewed once more: the name of the request.
    """

    settings: GithubBot
    forge: Forge
    mirror: Mirror
    judges: Judges
    outlet: Outlet
    memory: Memory = field(default_factory=Memory)
    seen: dict[int, datetime | None] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)

    def sweep(self) -> int:
        """Look at every open pull request that has changed since this process looked last; return how many failed.

        A failure is logged and the others go on; PauseError ends the sweep.
        """
        failed = 0
        for pull in self.forge.pulls():
            unchanged = pull.updated is not None and self.seen.get(pull.number) == pull.updated
            if unchanged and pull.head not in self.asked:
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
        talk, said = self.forge.remarks(pull.number), self.forge.conversation(pull.number)
        orders = read_orders(talk, said, self.forge.login(), pull.author, cache(self.forge.permission))
        if not self._heed(pull, orders):
            return False
        run = self.asked.get(pull.head) or str(orders.again)
        if orders.stopped or self.outlet.done(check_key(key_maker(self.forge.name, pull.number), pull, run)):
            self.asked.pop(pull.head, None)
            return True
        if not self._review(pull, run, talk, said):
            return False
        self.asked.pop(pull.head, None)
        return True

    def _heed(self, pull: Pull, orders: Orders) -> bool:
        """Do what comments want besides a review, and show that they were seen; return whether all is done."""
        key_of = key_maker(self.forge.name, pull.number)
        actions = []
        for comment in orders.help:
            key = key_of("help", str(comment))
            actions.append(Action("comment", pull.number, key, {"body": f"{HELP}\n{mark(key)}"}))
        for one in orders.false:
            count = self.memory.call_false(self._name(pull), one.rule, one.fingerprint)
            LOG.info("%s: %d findings are called false (%s)", self._name(pull), count, one.rule or "the thread's")
            in_thread = one.fingerprint is not None
            data = {"comment": one.comment, "in_thread": in_thread}
            actions += [Action("react", pull.number, key_of("react", str(one.comment)), data)] if count else []
        if orders.again and not orders.stopped:
            key = key_of("react", str(orders.again))
            actions.append(Action("react", pull.number, key, {"comment": orders.again}))
        return not actions or self._post(actions)

    def _name(self, pull: Pull) -> str:
        return f"{self.forge.name}#{pull.number}"

    def _review(self, pull: Pull, run: str, talk: Sequence[Remark], said: Conversation) -> bool:
        name, key_of = self._name(pull), key_maker(self.forge.name, pull.number)
        LOG.info("%s: reviewing %s", name, pull.head[:12])
        tree = self.mirror.fetch(f"refs/pull/{pull.number}/head", f"refs/heads/{pull.base_ref}")
        if not tree.knows(pull.head):
            LOG.info("%s: %s has been replaced meanwhile", name, pull.head[:12])
            return False
        try:
            base, review, comments = self._judge(pull, tree, talk, said)
        except UnusableInputError as error:
            return self._post(unusable(pull, run, str(error), key_of))
        (at_head,) = at_end(Review((self.memory.tellable(review),), ())).series
        at_head = with_raised(at_head, comments)
        version = version_name(name, pull.head)
        names = self.memory.names(version, at_head.findings)
        judged = Judged(pull, at_head, shown_lines(whole_change(tree, base, pull.head)), run, names)
        # reviewing takes its time: somebody, or another bot, may have said more meanwhile
        said = self.forge.conversation(pull.number)
        done = self._post(plan(judged, said, key_of, self.settings.fail_on, self.settings.limits))
        if done:
            there = {finding.fingerprint for finding in at_head.findings}
            gone = [one for one, _ in own_threads(said) if judged.now(one) not in there]
            self.memory.told(name, version, told_findings(at_head).findings, gone)
        return done

    def _judge(
        self, pull: Pull, tree: Tree, talk: Sequence[Remark], said: Conversation
    ) -> tuple[str, SeriesReview, tuple[HumanComment, ...]]:
        """Review a pull request, with what people said of it, as the version after those that are remembered.

        Returns the commit that it left, the review, which is remembered, and the comments of people at the head.
        """
        name, kept = self._name(pull), self.memory.reviewing()
        comments: list[HumanComment] = []

        def known(series: Series) -> Series:
            comments[:] = spoken(said, talk, pull, series.mail.author)
            return with_comments(replace(series, mail=as_version(series.mail, name, kept)), comments)

        base = pull.base if tree.knows(pull.base) else f"refs/reviewbot/heads/{pull.base_ref}"
        version = version_name(name, pull.head)
        branch, made = review_branch(
            tree, base, pull.head, self.judges, identity=version, name=pull.title, known=known, by=kept.judge
        )
        reviews = with_earlier((made,), lambda mail: earlier(mail, name, kept))
        kept.keep(reviews)
        return branch.base, reviews[0], tuple(comments)

    def _post(self, actions: Iterable[Action]) -> bool:
        """Post actions in their order, as far as they go; PauseError where GitHub wants a pause."""
        actions = tuple(actions)
        done = post_all(self.outlet, f"{self.forge.name}#{actions[0].pull}", actions)
        if not done:
            self.forge.budget.check()
        return done
