# SPDX-License-Identifier: GPL-2.0-or-later
"""The JSON report keeps its contract."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

from reviewbot.model.finding import Review
from reviewbot.model.mail import Skipped
from reviewbot.render.report import render_json, report, schema
from tests.reviews import FINDING, VIOLATED, remark, review


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_a_full_report_is_valid() -> None:
    full = review(FINDING, simulation=(VIOLATED,), comments=(remark("wake them"), remark("changelog", None)))
    full = Review(full.series, (Skipped("x@y", "no diff"), Skipped(None, "broken")))
    data = json.loads(render_json(full))
    jsonschema.validate(data, schema())
    assert data["series"][0]["findings"][0]["evidence"] == [
        {"path": "mm/ring.c", "line": 40, "note": "ring_wait() sleeps here"}
    ]


@pytest.mark.parametrize("key", ["findings", "simulation", "human_comments", "missing", "base", "patches", "id"])
def test_a_report_that_lacks_a_key_is_refused(key: str) -> None:
    data = json.loads(render_json(review(FINDING)))
    del data["series"][0][key]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema())


def test_bytes_of_no_charset_do_not_break_the_report() -> None:
    odd = replace(FINDING, message=b"caf\xe9".decode("utf-8", "surrogateescape"))
    assert report(review(odd))["series"][0]["findings"][0]["message"] == "caf\ufffd"
    json.loads(render_json(review(odd)).encode("utf-8"))
