# SPDX-License-Identifier: GPL-2.0-or-later
"""A review as the JSON report `reviewbot-report/1`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import reviewbot
from reviewbot.model.diff import FileDiff, HumanComment, Patch
from reviewbot.model.finding import Finding, Review, SeriesReview, SimulationResult
from reviewbot.model.mail import Person, Trailer
from reviewbot.model.tree import Application
from reviewbot.render.clean import clean
from reviewbot.render.versions import comparison_report
from reviewbot.simulate.litmus import sketch

SCHEMA = "reviewbot-report/1"

Json = dict[str, Any]


def schema() -> Json:
    """Return the JSON Schema (draft 2020-12) of the report."""
    text = (Path(__file__).parent / "schema" / "reviewbot-report-1.json").read_text(encoding="utf-8")
    loaded: Json = json.loads(text)
    return loaded


def _date(date: datetime | None) -> str | None:
    return date.isoformat() if date else None


def _person(person: Person) -> Json:
    return {"name": clean(person.name), "email": clean(person.email)}


def _trailer(trailer: Trailer) -> Json:
    return {
        "name": clean(trailer.name),
        "value": clean(trailer.value),
        "source": trailer.source,
        "message_id": trailer.message_id,
    }


def _file(file: FileDiff) -> Json:
    return {
        "old_path": clean(file.old_path),
        "new_path": clean(file.new_path),
        "kind": file.kind,
        "added": file.added,
        "removed": file.removed,
    }


def _application(application: Application | None) -> Json:
    if application is None:
        return {"status": "not-tried", "commit": None, "hunks": [], "reason": None}
    hunks = [{**asdict(h), "path": clean(h.path), "reason": clean(h.reason)} for h in application.hunks]
    return {
        "status": application.status,
        "commit": application.commit,
        "hunks": hunks,
        "reason": clean(application.reason),
    }


def _patch(patch: Patch, application: Application | None) -> Json:
    return {
        "number": patch.number,
        "total": patch.total,
        "message_id": patch.message_id,
        "subject": clean(patch.subject),
        "author": _person(patch.author),
        "trailers": [_trailer(t) for t in patch.trailers],
        "files": [_file(f) for f in patch.files],
        "damage": list(patch.damage),
        "repaired": patch.repaired,
        "refused": clean(patch.refused),
        "application": _application(application),
    }


def _comment(comment: HumanComment) -> Json:
    return {
        "message_id": comment.message_id,
        "author": _person(comment.author),
        "date": _date(comment.date),
        "patch": comment.patch,
        "path": clean(comment.path),
        "line": comment.line,
        "side": comment.side,
        "quoted": clean(comment.quoted),
        "text": clean(comment.text),
    }


def _finding(finding: Finding) -> Json:
    evidence = [{"path": clean(e.path), "line": e.line, "note": clean(e.note)} for e in finding.evidence]
    return {
        **asdict(finding),
        "path": clean(finding.path),
        "message": clean(finding.message),
        "snippet": clean(finding.snippet),
        "evidence": evidence,
        "raised_by": list(finding.raised_by),
    }


def simulation_report(result: SimulationResult) -> Json:
    """Return one entry of a series' `simulation`."""
    steps = [{**asdict(s), "source": clean(s.source), "path": clean(s.path)} for s in result.schedule]
    return {
        **asdict(result),
        "seconds": round(result.seconds, 3),
        "unmodelled": list(result.unmodelled),
        "functions": list(result.functions),
        "schedule": steps,
        "litmus": clean(sketch(result.scenario, result.schedule)),
    }


def series_report(review: SeriesReview) -> Json:
    """Return one entry of the report's `series`."""
    mail = review.series.mail
    applications = {a.number: a for a in review.applications}
    fixed = review.comparison.fixed if review.comparison else ()
    return {
        "id": mail.id,
        "subject": clean(mail.subject),
        "version": mail.version,
        "total": mail.total,
        "author": _person(mail.author),
        "date": _date(mail.date),
        "missing": list(mail.missing),
        "messages": list(mail.messages),
        "base": {**asdict(review.base), "reasons": [clean(r) for r in review.base.reasons]},
        "patches": [_patch(p, applications.get(p.number)) for p in review.series.patches],
        "human_comments": [_comment(c) for c in review.series.comments],
        "findings": [_finding(f) for f in (*review.findings, *fixed)],
        "simulation": [simulation_report(s) for s in review.simulation],
        "notes": [clean(note) for note in review.notes],
        "comparison": comparison_report(review.comparison),
    }


def report(review: Review) -> Json:
    """Return the whole report as plain lists, dicts, strings and numbers."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "reviewbot", "version": reviewbot.__version__},
        "series": [series_report(s) for s in review.series],
        "skipped": [{"message_id": s.message_id, "reason": clean(s.reason)} for s in review.skipped],
    }


def render_json(review: Review) -> str:
    """Return the report as indented JSON with a line end."""
    return json.dumps(report(review), indent=1, ensure_ascii=False, sort_keys=False) + "\n"
