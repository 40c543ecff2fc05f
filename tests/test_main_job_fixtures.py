# SPDX-License-Identifier: GPL-2.0-or-later
"""The bundled mailboxes on the bundled tree: the program is held to exactly what is recorded of them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reviewbot.render.report import schema
from reviewbot.tree.importing import import_directory
from tests.commands import reviewbot
from tests.conftest import ROOT

Json = dict[str, Any]
NAMES = sorted(p.stem for p in (ROOT / "fixtures" / "expected").glob("*.json"))
TAKEN = {"clean", "offset", "fuzzy", "three-way", "repaired"}


def expected(name: str) -> Json:
    """Return the record of a mailbox."""
    record: Json = json.loads((ROOT / "fixtures" / "expected" / f"{name}.json").read_text())
    return record


WITH_SERIES = [name for name in NAMES if expected(name)["series"]]
MAILBOXES = [name for name in WITH_SERIES if expected(name)["mailbox"].endswith(".mbox")]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository made of the bundled tree."""
    place = tmp_path_factory.mktemp("fixtures") / "tree"
    import_directory(ROOT / "fixtures" / "tree", place)
    return place


@cache
def report(name: str, tree: Path | None) -> Json:
    """Review a mailbox, on the tree or from what it shows itself."""
    mailbox = ROOT / "fixtures" / "series" / expected(name)["mailbox"]
    where = [] if tree is None else ["--tree", tree, "--base", "HEAD"]
    done = reviewbot("review", mailbox, *where, "--format", "json")
    assert done.status in (0, 1), done.err
    loaded: Json = json.loads(done.out)
    return loaded


def pairs(name: str, tree: Path | None) -> list[tuple[Json, Json]]:
    """Return the recorded and the reported series, in order."""
    return list(zip(expected(name)["series"], report(name, tree)["series"], strict=True))


def by_rules(series: Json) -> list[Json]:
    """Return the findings that rules made (the simulator's own stand on its verdicts, which have their test)."""
    return [f for f in series["findings"] if f["source"] in ("rule", "series")]


@pytest.mark.parametrize("name", MAILBOXES)
def test_the_series_are_read_and_applied_as_recorded(name: str, tree: Path) -> None:
    jsonschema.validate(report(name, tree), schema())
    for want, got in pairs(name, tree):
        for key in ("subject", "version", "total", "missing"):
            assert got[key] == want[key]
        assert [p["number"] for p in got["patches"]] == [p["number"] for p in want["patches"]]
        statuses = {p["application"]["status"] for p in got["patches"]}
        assert (statuses <= TAKEN) == (want["applies"] == "clean"), statuses


@pytest.mark.parametrize(
    ("name", "on_tree"), [(name, True) for name in MAILBOXES] + [(name, False) for name in WITH_SERIES]
)
def test_the_planted_defects_of_shipped_rules_are_reported_and_nothing_that_is_not_planted(
    name: str, on_tree: bool, tree: Path
) -> None:
    for want, got in pairs(name, tree if on_tree else None):
        # what needs more of a file than the patch shows is only found on a tree
        planted = {
            (d["rule"], d["patch"], d["path"], d["function"]): d["shipped"] and (on_tree or not d.get("whole"))
            for d in want["defects"]
        }
        found = {(f["rule"], f["patch"], f["path"], f["function"]) for f in by_rules(got)}
        assert found <= set(planted)
        assert {defect for defect, shipped in planted.items() if shipped} <= found


@pytest.mark.parametrize("name", MAILBOXES)
def test_each_defect_is_reported_at_its_line(name: str, tree: Path) -> None:
    for want, got in pairs(name, tree):
        lines = {(f["rule"], f["patch"], f["path"], f["line"]) for f in by_rules(got)}
        assert {(d["rule"], d["patch"], d["path"], d["line"]) for d in want["defects"] if d["shipped"]} <= lines


@pytest.mark.parametrize("name", MAILBOXES)
def test_each_remark_hangs_where_it_belongs(name: str, tree: Path) -> None:
    for want, got in pairs(name, tree):
        for remark in want["remarks"]:
            anchors = [
                (c["patch"], c["path"], c["line"], c["side"])
                for c in got["human_comments"]
                if c["message_id"] == remark["message_id"] and remark["words"] in " ".join(c["text"].split())
            ]
            assert anchors == [(remark["patch"], remark["path"], remark["line"], remark["side"])], remark


@pytest.mark.parametrize("name", MAILBOXES)
def test_the_simulator_comes_to_the_recorded_verdicts(name: str, tree: Path) -> None:
    for want, got in pairs(name, tree):
        verdicts = {(r["scenario"], r["property"]): r for r in got["simulation"]}
        for record in want["simulation"]:
            result = verdicts[record["scenario"], record["property"]]
            assert (result["baseline"], result["verdict"]) == (record["baseline"], record["verdict"]), record
            assert bool(result["schedule"]) == (record["verdict"] == "violated")
            if record["verdict"] == "violated":
                assert result["patch"] == record["patch"]
                assert result["regression"] == (record["baseline"] != "violated")


def test_the_corrected_version_is_met_with_silence(tree: Path) -> None:
    (one,) = report("memcg-oom-v2", tree)["series"]
    assert one["findings"] == []
    assert {r["verdict"] for r in one["simulation"]} <= {"holds", "not-applicable"}
    assert any(r["verdict"] == "holds" for r in one["simulation"])


def test_the_reviewers_remark_and_the_finding_are_one_thing(tree: Path) -> None:
    one = report("memcg-oom-v1", tree)["series"][0]
    (found,) = [f for f in one["findings"] if f["rule"] == "wait-without-wake"]
    assert found["raised_by"] == ["20100309083020.2-tomas.wirth@example.org"]
