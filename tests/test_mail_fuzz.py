# SPDX-License-Identifier: GPL-2.0-or-later
"""A short run of the fuzzing of the message code, and the mails that once raised."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.mail.dump import read_dump
from reviewbot.mail.subject import parse_subject
from tests.mailkit import REVIEWER, mail, patch, read

TEXT = st.text(alphabet='From: ab<@>\n>-+ @,1[]/="()\t\r\0ü', max_size=200)


@pytest.fixture(scope="module")
def fuzz(root: Path) -> ModuleType:
    """The long run's program."""
    spec = importlib.util.spec_from_file_location("mail_fuzz", root / "bench" / "mail_fuzz.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_mutated_mails_threads_and_dumps_raise_nothing(fuzz: ModuleType) -> None:
    for seed in range(150):
        fuzz.attempt(seed)


@given(TEXT)
def test_any_text_is_a_dump_or_holds_no_patch(text: str) -> None:
    for series in read_dump(text.encode(), "test"):
        assert series.patches


@given(TEXT)
def test_any_text_is_a_subject(text: str) -> None:
    found = parse_subject(text)
    assert "\n" not in found.title
    assert found.key == parse_subject(text).key


def test_a_trailer_with_an_address_that_is_not_ascii_is_left_out(tmp_path: Path) -> None:
    answer = mail("Re: [PATCH] one", "Acked-by: Rob Reader <röb@example.org>\n", "r@x", "1@x", REVIEWER)
    (series,) = read(tmp_path, patch("[PATCH] one", "1@x"), answer)
    assert [t.source for t in series.patches[0].trailers] == ["patch"]
