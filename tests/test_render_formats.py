# SPDX-License-Identifier: GPL-2.0-or-later
"""Text, Markdown, HTML, SARIF, JUnit and workflow commands say the same things, and nothing from a mail breaks them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import ClassVar
from xml.etree import ElementTree

import pytest

from reviewbot.model.finding import Review
from reviewbot.model.tree import Application, HunkResult
from reviewbot.render.github import render_github
from reviewbot.render.junit import render_junit
from reviewbot.render.pages import escaped, fenced, render_html, render_markdown
from reviewbot.render.sarif import render_sarif
from reviewbot.render.text import render_text
from tests.reviews import FINDING, VIOLATED, many, remark, review

PAGES: dict[str, Callable[[Review], str]] = {
    "text": render_text,
    "markdown": render_markdown,
    "html": render_html,
}
FAILED = Application(1, "conflict", hunks=(HunkResult("mm/ring.c", 3, "conflict", reason="no such context"),))


@pytest.mark.parametrize("form", PAGES)
def test_a_page_tells_finding_schedule_and_verdict(form: str) -> None:
    page = PAGES[form](review(FINDING, simulation=(VIOLATED,), comments=(remark("wake them"),)))
    for part in ("wait-without-wake", "mm/ring.c", "ring", "schedule();", "no-lost-wakeup"):
        assert part in page


@pytest.mark.parametrize("form", PAGES)
def test_a_page_says_when_there_is_nothing(form: str) -> None:
    assert "No findings." in PAGES[form](review())


@pytest.mark.parametrize("form", PAGES)
def test_a_page_shows_which_hunk_failed_and_why(form: str) -> None:
    page = PAGES[form](review(application=FAILED))
    assert "hunk 3" in page
    assert "no such context" in page


@pytest.mark.parametrize("form", PAGES)
def test_terminal_escapes_from_a_mail_do_not_come_through(form: str) -> None:
    page = PAGES[form](review(replace(FINDING, message="\x1b]0;owned\x07 \u202e reversed")))
    assert not {"\x1b", "\x07", "\u202e"} & set(page)


def test_html_escapes_what_the_mail_says() -> None:
    class Tags(HTMLParser):
        seen: ClassVar[set[str]] = set()

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.seen.add(tag)

    parser = Tags()
    parser.feed(render_html(review(replace(FINDING, message="<script>alert(1)</script>", snippet="<img src=x>"))))
    assert not {"script", "img"} & parser.seen


def test_markdown_cannot_mention_or_break_out_of_its_fence() -> None:
    assert "@torvalds" not in escaped("@torvalds") and escaped("a_b*") == "a\\_b\\*"
    assert fenced("```\nout").startswith("````\n")


def test_text_is_coloured_only_on_request() -> None:
    assert "\x1b[" not in render_text(review(FINDING))
    assert "\x1b[" in render_text(review(FINDING), colour=True)


def test_sarif_has_a_rule_a_place_and_a_fingerprint_for_each_result() -> None:
    run = json.loads(render_sarif(review(FINDING, *many(2))))["runs"][0]
    first = run["results"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["wait-without-wake"]
    assert first["locations"][0]["physicalLocation"]["region"] == {"startLine": 13}
    assert first["partialFingerprints"] == {"reviewbot/1": FINDING.fingerprint}


def test_junit_counts_failures_and_conflicts() -> None:
    suite = ElementTree.fromstring(render_junit(review(FINDING, application=FAILED))).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "1", "1")


def test_workflow_commands_escape_their_separators() -> None:
    odd = replace(FINDING, message="100 %\nof it", path="a,b:c.c", evidence=())
    assert render_github(review(odd)) == (
        "::error file=a%2Cb%3Ac.c,line=13,endLine=13,title=wait-without-wake::100 %25%0Aof it\n"
    )


@pytest.mark.parametrize("form", PAGES)
def test_a_page_tells_which_patch_brings_a_finding_and_which_takes_it_away(form: str) -> None:
    assert "introduced by 1/1 and fixed by 2/1" in PAGES[form](review(replace(FINDING, put_right_by=2)))
