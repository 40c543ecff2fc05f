# SPDX-License-Identifier: GPL-2.0-or-later
"""What rules found is told again without parsing, as long as nothing that it follows from has changed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from reviewbot.cache import Cache
from reviewbot.checks.engine import run_checks
from reviewbot.checks.rule import Rule
from reviewbot.csource import chunks, parse
from reviewbot.model.finding import Finding
from tests.checkskit import RULES
from tests.serieskit import Files, applied_series

LEAK = """
int {name}(struct box *box, int n)
{{
	spin_lock(&box->lock);
	if (n < 0)
		return -EINVAL;
	box->n = n;
	spin_unlock(&box->lock);
	return 0;
}}
"""
QUIET = "int quiet(struct box *box)\n{\n\treturn box->n;\n}\n"
ONE, TWO, THREE, FOUR = (LEAK.format(name=name) for name in ("one", "two", "three", "four"))
BASE = {"a.c": QUIET, "b.c": QUIET}
PATCHES: tuple[tuple[str, Files], ...] = (
    ("box: one\n", {"a.c": QUIET + ONE}),
    ("box: two\n", {"b.c": QUIET + TWO}),
    ("box: three\n", {"a.c": QUIET + ONE + THREE}),
)


class Desk:
    """Reviews with all rules, each time as a process does that has just begun. `parsed` are the files it read."""

    def __init__(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.place = place
        self.patch = monkeypatch.setattr
        self.parsed: list[bytes] = []
        cut = parse.stretches

        def counted(data: bytes) -> tuple[chunks.Placed, ...]:
            self.parsed.append(data)
            return cut(data)

        self.patch(parse, "stretches", counted)

    @property
    def entries(self) -> list[Path]:
        """The files of the cache."""
        return sorted((self.place / "cache").iterdir())

    def review(
        self, *patches: tuple[str, Files], rules: Sequence[Rule] = RULES, cache: bool = True
    ) -> tuple[Finding, ...]:
        """Return the findings."""
        self.parsed.clear()
        self.patch(parse, "_cache", parse._Cache())
        fresh = self.place / f"run-{len(list(self.place.glob('run-*')))}"
        fresh.mkdir(parents=True)
        series, applied = applied_series(fresh, BASE, *(patches or PATCHES))
        return run_checks(series, applied, rules, Cache(self.place / "cache" if cache else None))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    yield Desk(tmp_path / "desk", monkeypatch)


def told(findings: tuple[Finding, ...]) -> set[str | None]:
    return {one.function for one in findings if one.rule == "missing-unlock-on-exit"}


def test_a_second_review_of_a_series_parses_nothing_and_finds_the_same(desk: Desk) -> None:
    first = desk.review()
    assert told(first) == {"one", "two", "three"} and len(desk.parsed) >= 5
    assert desk.review() == first
    assert desk.parsed == []
    assert desk.review(cache=False) == first


def test_a_file_that_is_another_is_parsed_anew_and_no_other_is(desk: Desk) -> None:
    of_code = [rule for rule in RULES if rule.check is not None or rule.check_file is not None]
    desk.review(rules=of_code)
    other = (*PATCHES[:2], ("box: four\n", {"a.c": QUIET + ONE + FOUR}))
    found = desk.review(*other, rules=of_code)
    assert set(map(bytes.decode, desk.parsed)) == {QUIET + ONE, QUIET + ONE + FOUR}
    assert told(found) == {"one", "two", "four"}
    assert found == desk.review(*other, rules=of_code, cache=False)


def test_a_rule_with_another_text_is_asked_again(desk: Desk) -> None:
    first = desk.review()
    edited = [replace(rule, digest="x") if rule.id == "missing-unlock-on-exit" else rule for rule in RULES]
    assert desk.review(rules=edited) == first
    assert desk.parsed


@pytest.mark.parametrize("damage", [b"", b"{}", b"0" * 64 + b"\n{}", b"\xff\x00\n" * 9, b"[" * 100_000])
def test_a_broken_entry_is_as_good_as_none(desk: Desk, damage: bytes) -> None:
    first = desk.review()
    for entry in desk.entries:
        entry.write_bytes(damage)
    assert desk.review() == first
    assert desk.parsed
    assert desk.review() == first
    assert desk.parsed == []


def test_an_entry_under_anothers_name_or_behind_a_link_is_not_read(desk: Desk, tmp_path: Path) -> None:
    first = desk.review()
    data = [entry.read_bytes() for entry in desk.entries]
    for entry, other in zip(desk.entries, [*data[1:], data[0]], strict=True):
        entry.write_bytes(other)
    assert desk.review() == first and desk.parsed
    for number, entry in enumerate(desk.entries):
        entry.rename(tmp_path / str(number))
        entry.symlink_to(tmp_path / str(number))
    assert desk.review() == first and desk.parsed


def test_a_directory_that_others_can_write_to_is_not_used(tmp_path: Path) -> None:
    place = tmp_path / "cache"
    Cache(place).put("key", [1])
    assert Cache(place).get("key") == [1]
    place.chmod(0o777)
    assert Cache(place).get("key") is None
    Cache(place).put("other", [2])
    place.chmod(0o700)
    assert Cache(place).get("other") is None
    assert Cache(tmp_path / "nowhere" / "file").get("key") is None


def test_the_entries_used_longest_ago_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewbot.cache._MOST_BYTES", 5000)
    for number in range(20):
        Cache(tmp_path).put(f"key {number}", "x" * 900)
    assert sum(entry.stat().st_size for entry in tmp_path.iterdir()) <= 6000
    assert Cache(tmp_path).get("key 19") == "x" * 900
    assert Cache(tmp_path).get("key 0") is None


WRITER = """
import sys
from pathlib import Path
from reviewbot.cache import Cache
cache = Cache(Path(sys.argv[1]))
for turn in range(300):
    for key in ("a", "b"):
        cache.put(key, [key, "x" * 20000])
        assert cache.get(key) == [key, "x" * 20000], key
"""


def test_processes_at_once_see_whole_entries_only(tmp_path: Path, root: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "cache")]
    runs = [subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE) for _ in range(3)]
    assert [(run.communicate()[1], run.returncode) for run in runs] == [(b"", 0)] * 3
    assert len(list((tmp_path / "cache").iterdir())) == 2
