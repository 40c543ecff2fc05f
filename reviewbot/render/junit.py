# SPDX-License-Identifier: GPL-2.0-or-later
"""A review as JUnit XML: a suite a series, a case a patch, so that CI servers count and show them."""

from __future__ import annotations

from xml.etree import ElementTree

from reviewbot.model.diff import Patch
from reviewbot.model.finding import Finding, Review, SeriesReview
from reviewbot.render.environment import harmless
from reviewbot.render.text import applied


def _line(finding: Finding) -> str:
    place = f"{finding.path}:{finding.line}: " if finding.path else ""
    return harmless(f"{place}{finding.severity}: {finding.message} [{finding.rule}]")


def _case(suite: ElementTree.Element, patch: Patch, review: SeriesReview) -> None:
    name = harmless(f"{patch.number}/{patch.total} {patch.subject}")
    case = ElementTree.SubElement(suite, "testcase", name=name, classname=harmless(review.series.mail.subject))
    application = applied(review, patch.number)
    if application and application.status == "conflict":
        error = ElementTree.SubElement(case, "error", type="conflict", message="the patch does not apply")
        error.text = harmless(application.reason or "")
    told = [f for f in review.findings if f.patch == patch.number]
    counted = [f for f in told if f.severity != "note"]
    if counted:
        failure = ElementTree.SubElement(case, "failure", type=counted[0].rule, message=f"{len(counted)} findings")
        failure.text = "\n".join(map(_line, counted))
    notes = [f for f in told if f.severity == "note"]
    if notes:
        ElementTree.SubElement(case, "system-out").text = "\n".join(map(_line, notes))


def render_junit(review: Review) -> str:
    """Return the XML document; errors and warnings are failures, notes are output, a conflict is an error."""
    root = ElementTree.Element("testsuites", name="reviewbot")
    for one in review.series:
        suite = ElementTree.SubElement(root, "testsuite", name=harmless(one.series.mail.subject))
        for patch in one.series.patches:
            _case(suite, patch, one)
        suite.set("tests", str(len(one.series.patches)))
        suite.set("failures", str(len(suite.findall("testcase/failure"))))
        suite.set("errors", str(len(suite.findall("testcase/error"))))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
