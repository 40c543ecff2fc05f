# SPDX-License-Identifier: GPL-2.0-or-later
"""Writing to GitHub: one function an action, and one that looks whether it was done already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests
from github import CheckRun, GithubException

from reviewbot.model.errors import UnusableInputError
from reviewbot.publish.github import marks
from reviewbot.publish.github.access import Forge, PauseError, refused_for_rate
from reviewbot.publish.github.facts import Action, Kind, load_action, same_login
from reviewbot.publish.github.mirror import Mirror
from reviewbot.publish.github.plan import NAME
from reviewbot.publish.outbox import Letter, NotSent

STATES = {"success": "success", "neutral": "success", "failure": "failure"}
"""A commit status has no "neutral": it says so in its description."""
DESCRIPTION = 140
NO_APP = "no-app"
PASSING: frozenset[Kind] = frozenset({"resolve", "unresolve", "edit", "reply", "react"})
GONE = (404, 410, 422)
"""Somebody deleted the thread or comment that an action of PASSING is about: there is nothing left to do."""


class Writer:
    """Does actions at one repository. `send` and `look` are what the outbox calls."""

    def __init__(self, forge: Forge, mirror: Mirror) -> None:
        """`mirror` is where the commits are that a push takes along."""
        self.forge = forge
        self.mirror = mirror
        self.repository = forge.repository
        self._does: dict[Kind, Callable[[Action], str]] = {
            "review": self._review,
            "resolve": lambda a: self._mutate("resolveReviewThread", a),
            "unresolve": lambda a: self._mutate("unresolveReviewThread", a),
            "edit": self._edit,
            "reply": self._reply,
            "begin": self._begin,
            "annotate": lambda a: self._complete(a, False),
            "check": lambda a: self._complete(a, True),
            "react": self._react,
            "comment": self._comment,
            "push": self._push,
            "open": self._open,
            "retitle": self._retitle,
        }
        self._finds: dict[Kind, Callable[[Action], str | None]] = {
            "review": self._find_review,
            "reply": self._find_reply,
            "begin": self._find_begun,
            "annotate": lambda a: self._find_completed(a, False),
            "check": lambda a: self._find_completed(a, True),
            "comment": self._find_comment,
            "push": self._find_push,
            "open": self._find_open,
        }

    def send(self, letter: Letter) -> str:
        """Do the action of a letter and return what GitHub calls the result.

        Raises NotSent where GitHub has surely not done it; any other error leaves that open.
        """
        action = load_action(letter.payload)
        if (there := self._made_elsewhere(letter)) is not None:
            return there
        try:
            self.forge.budget.spend()
            return self._does[action.kind](action)
        except PauseError as error:
            raise NotSent(str(error)) from error
        except GithubException as error:
            if (seconds := refused_for_rate(error)) is not None:
                self.forge.budget.rest(seconds)
                raise NotSent(f"GitHub's limit: {error.status}") from error
            if action.kind in PASSING and error.status in GONE:
                return "gone"
            # what GitHub refuses it has not done; what broke it may have done all the same
            if 400 <= error.status < 500:
                raise NotSent(f"{action.kind}: {error.status} {_message(error)}") from error
            raise
        except requests.exceptions.ConnectTimeout as error:
            raise NotSent(f"{action.kind}: no connection") from error

    def look(self, letter: Letter) -> str | None:
        """Return what GitHub calls the result of a letter's action if it was done, else None.

        What can be done again with no effect (resolving a thread, a reaction, an edit) is not looked for.
        """
        action = load_action(letter.payload)
        find = self._finds.get(action.kind)
        return find(action) if find is not None else None

    def _made_elsewhere(self, letter: Letter) -> str | None:
        """Return what GitHub calls the result of a letter that another bot has sent, which has a memory of its own."""
        try:
            return self.look(letter)
        except (GithubException, requests.RequestException, UnusableInputError) as error:
            if isinstance(error, GithubException) and (seconds := refused_for_rate(error)) is not None:
                self.forge.budget.rest(seconds)
            raise NotSent(f"could not look whether it is there: {error}") from error

    def _review(self, action: Action) -> str:
        pull = self.repository.get_pull(action.pull)
        commit = self.repository.get_commit(action.data["commit"])
        try:
            made = pull.create_review(commit, action.data["body"], "COMMENT", action.data["comments"])
        except GithubException as error:
            if error.status != 422 or not action.data["comments"]:
                raise
            # GitHub does not say which line it minds, and has posted none
            self.forge.budget.spend()
            made = pull.create_review(commit, action.data["fallback"], "COMMENT", [])
        return f"review:{made.id}"

    def _find_review(self, action: Action) -> str | None:
        own = (one for one in self.forge.reviews(action.pull) if same_login(one.author, self.forge.login()))
        return next((f"review:{one.id}" for one in own if action.key in marks.keys(one.body)), None)

    def _mutate(self, name: str, action: Action) -> str:
        query = f"mutation($id: ID!) {{ {name}(input: {{threadId: $id}}) {{ thread {{ id isResolved }} }} }}"
        return f"thread:{self.forge.graphql(query, {'id': action.data['thread']})[name]['thread']['id']}"

    def _edit(self, action: Action) -> str:
        pull = self.repository.get_pull(action.pull)
        pull.get_review_comment(action.data["comment"]).edit(action.data["body"])
        return f"comment:{action.data['comment']}"

    def _reply(self, action: Action) -> str:
        pull = self.repository.get_pull(action.pull)
        return f"comment:{pull.create_review_comment_reply(action.data['comment'], action.data['body']).id}"

    def _find_reply(self, action: Action) -> str | None:
        said = self.forge.conversation(action.pull)
        own = [c for t in said.threads for c in t.comments if same_login(c.author, said.login)]
        return next((f"comment:{one.id}" for one in own if action.key in marks.keys(one.body)), None)

    def _check_run(self, action: Action) -> CheckRun.CheckRun | None:
        runs = self.repository.get_commit(action.data["commit"]).get_check_runs(check_name=NAME, filter="all")
        return next((run for run in runs if run.external_id == action.data["check"]), None)

    def _begin(self, action: Action) -> str:
        try:
            made = self.repository.create_check_run(
                NAME, action.data["commit"], external_id=action.data["check"], status="in_progress"
            )
        except GithubException as error:
            # only an App may make check runs: a token has to do with a commit status
            if error.status not in (403, 404) or refused_for_rate(error) is not None:
                raise
            return NO_APP
        return f"check:{made.id}"

    def _find_begun(self, action: Action) -> str | None:
        run = self._check_run(action)
        return f"check:{run.id}" if run is not None else None

    def _complete(self, action: Action, last: bool) -> str:
        run = self._check_run(action)
        if run is None:
            return self._status(action) if last else NO_APP
        data = action.data
        output = {"title": data["title"], "summary": data["summary"], "annotations": data["annotations"]}
        if last:
            run.edit(status="completed", conclusion=data["conclusion"], output=output)
        else:
            run.edit(output=output)
        return f"check:{run.id}"

    def _find_completed(self, action: Action, last: bool) -> str | None:
        run = self._check_run(action)
        if run is None:
            return self._find_status(action) if last else None
        done = run.output.annotations_count >= action.data["before"] + len(action.data["annotations"])
        return f"check:{run.id}" if (run.status == "completed" if last else done) else None

    def _description(self, action: Action) -> str:
        return str(action.data["title"])[:DESCRIPTION]

    def _status(self, action: Action) -> str:
        commit = self.repository.get_commit(action.data["commit"])
        state = STATES[action.data["conclusion"]]
        made = commit.create_status(state, description=self._description(action), context=NAME)
        return f"status:{made.id}"

    def _find_status(self, action: Action) -> str | None:
        wanted = (NAME, STATES[action.data["conclusion"]], self._description(action))
        statuses = self.repository.get_commit(action.data["commit"]).get_combined_status().statuses
        return next((f"status:{s.id}" for s in statuses if (s.context, s.state, s.description) == wanted), None)

    def _react(self, action: Action) -> str:
        number = action.data["comment"]
        if action.data.get("in_thread"):
            comment: Any = self.repository.get_pull(action.pull).get_review_comment(number)
        else:
            comment = self.repository.get_issue(action.pull).get_comment(number)
        return f"reaction:{comment.create_reaction('eyes').id}"

    def _comment(self, action: Action) -> str:
        return f"comment:{self.repository.get_issue(action.pull).create_comment(action.data['body']).id}"

    def _find_comment(self, action: Action) -> str | None:
        own = [one for one in self.forge.remarks(action.pull) if same_login(one.author, self.forge.login())]
        return next((f"comment:{one.id}" for one in own if action.key in marks.keys(one.body)), None)

    def _push(self, action: Action) -> str:
        data = action.data
        self.mirror.push(data["commit"], data["branch"], data["expected"])
        return f"commit:{data['commit']}"

    def _find_push(self, action: Action) -> str | None:
        there = self.mirror.at_remote(action.data["branch"])
        return f"commit:{there}" if there == action.data["commit"] else None

    def _open(self, action: Action) -> str:
        data = action.data
        made = self.repository.create_pull(
            base=data["base"], head=data["branch"], title=data["title"], body=data["body"], draft=data["draft"]
        )
        return f"pull:{made.number}"

    def _find_open(self, action: Action) -> str | None:
        owner = self.forge.name.partition("/")[0]
        found = self.repository.get_pulls(state="open", head=f"{owner}:{action.data['branch']}")
        return next((f"pull:{one.number}" for one in found), None)

    def _retitle(self, action: Action) -> str:
        self.repository.get_pull(action.pull).edit(title=action.data["title"], body=action.data["body"])
        return f"pull:{action.pull}"


def _message(error: GithubException) -> str:
    data: Any = error.data
    return str(data.get("message", ""))[:200] if isinstance(data, dict) else ""
