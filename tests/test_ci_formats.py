# SPDX-License-Identifier: GPL-2.0-or-later
"""What CI servers take: SARIF by its schema and within code scanning's limits, annotations within GitHub's."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft7Validator

from reviewbot.model.finding import Evidence, Finding
from reviewbot.render import sarif
from reviewbot.render.github import LONGEST, SHOWN, render_github
from reviewbot.render.sarif import render_sarif
from tests.github.packages import SARIF, load
from tests.reviews import FINDING, many, review

ODD = replace(
    FINDING, path="mm/a b%#\udcff\u00fc.c", message="odd \x1b \udcfe", evidence=(Evidence("x y.c", 1, "\x00"),)
)
NOWHERE = replace(FINDING, path=None, line=None, end_line=None, evidence=())
WHOLE_FILE = replace(FINDING, line=None, end_line=None)
MANY_PLACES = replace(FINDING, evidence=tuple(Evidence("x.c", n, "here") for n in range(1, 300)))


@pytest.fixture(scope="module")
def schema() -> Draft7Validator:
    """The schema of SARIF 2.1.0."""
    return Draft7Validator(load(SARIF))


def run_of(*findings: Finding) -> Any:
    """Return the one run of the log for these findings."""
    return json.loads(render_sarif(review(*findings)))["runs"][0]


@pytest.mark.parametrize("findings", [(), (FINDING,), (ODD,), (NOWHERE,), (WHOLE_FILE,), (MANY_PLACES,), many(40)])
def test_sarif_is_valid_by_its_schema(schema: Draft7Validator, findings: tuple[Finding, ...]) -> None:
    log = json.loads(render_sarif(review(*findings)))
    assert [error.message for error in schema.iter_errors(log)] == []
    assert log["version"] == "2.1.0"


def test_every_result_has_a_fingerprint_and_a_place_that_is_a_uri() -> None:
    for result in run_of(FINDING, ODD, NOWHERE, WHOLE_FILE)["results"]:
        assert result["partialFingerprints"]["reviewbot/1"] == FINDING.fingerprint
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert uri.isascii() and " " not in uri
    assert (
        run_of(ODD)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        == "mm/a%20b%25%23%FF%C3%BC.c"
    )


def test_places_beyond_what_is_shown_are_left_out() -> None:
    assert len(run_of(MANY_PLACES)["results"][0]["relatedLocations"]) == sarif.MAX_PLACES


def test_results_beyond_the_limit_are_left_out_from_the_lightest_on(
    schema: Draft7Validator, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (sarif.MAX_RESULTS, sarif.SHOWN_RESULTS) == (25_000, 5_000)
    monkeypatch.setattr(sarif, "MAX_RESULTS", 50)
    monkeypatch.setattr(sarif, "SHOWN_RESULTS", 10)
    notes = tuple(replace(f, severity="note") for f in many(sarif.MAX_RESULTS + 500))
    run = run_of(*notes, FINDING)
    assert len(run["results"]) == sarif.MAX_RESULTS
    assert run["results"][0]["level"] == "error", "the gravest first"
    (notice,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notice["message"]["text"].startswith("501 more findings")
    assert not list(schema.iter_errors({"version": "2.1.0", "runs": [{**run, "results": run["results"][:3]}]}))


def test_a_log_stays_within_the_compressed_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_COMPRESSED", 20_000)
    noise = random.Random(1)
    found = [replace(f, message=noise.randbytes(100).hex()) for f in many(500)]
    text = render_sarif(review(*found))
    assert len(gzip.compress(text.encode())) <= 20_000
    run = json.loads(text)["runs"][0]
    assert 50 < len(run["results"]) < 500 and f"{500 - len(run['results'])} more" in json.dumps(run["invocations"])


def test_annotations_beyond_what_a_step_shows_are_one() -> None:
    warnings = tuple(replace(f, severity="warning") for f in many(4))
    lines = render_github(review(*many(500), *warnings)).splitlines()
    assert [line.split()[0] for line in lines] == ["::error"] * SHOWN + ["::warning"] * 4
    assert lines[SHOWN - 1].startswith("::error title=and 491 more::491 more findings of this kind:%0A")
    assert all(len(line) < 2 * LONGEST for line in lines)


def test_ten_of_a_kind_are_all_shown() -> None:
    assert "more" not in render_github(review(*many(SHOWN)))
