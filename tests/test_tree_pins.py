# SPDX-License-Identifier: GPL-2.0-or-later
"""Trees by name: pinning, reading, and what is wrong with a pin."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewbot.model.errors import UnusableInputError
from reviewbot.tree.pins import find_tree, pin, read_trees, verify
from tests.treekit import commit, git, repository


@pytest.fixture
def linux(tmp_path: Path) -> Path:
    """A repository with two commits and a tag on the first."""
    place = repository(tmp_path / "linux", {"a.c": b"int a;\n"})
    git(place, "tag", "v1")
    return commit(place, {"a.c": b"long a;\n"}, "second")


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    """A file with a comment and another tree."""
    file = tmp_path / "reviewbot.toml"
    file.write_text('# ours\n[trees.other]\npath = "gone" # not here\ncandidates = ["next"]\n\n[mail]\nto = "x"\n')
    return file


def test_a_pin_is_a_full_commit_id_and_the_rest_of_the_file_stays(linux: Path, toml: Path) -> None:
    pinned = pin(toml, "linux", "v1", "linux" if Path.cwd() == toml.parent else str(linux))
    assert (pinned.pin, pinned.rev, pinned.path) == (git(linux, "rev-parse", "v1"), "v1", linux)
    text = toml.read_text()
    assert "# ours" in text
    assert "# not here" in text
    assert read_trees(toml)["other"].candidates == ("next",)
    assert read_trees(toml)["other"].path == toml.parent / "gone"
    assert [file.name for file in toml.parent.glob("reviewbot.toml*")] == ["reviewbot.toml"]


def test_a_pin_moves_when_it_is_pinned_again(linux: Path, toml: Path) -> None:
    pin(toml, "linux", "v1", str(linux))
    assert pin(toml, "linux", "main").pin == git(linux, "rev-parse", "main")
    assert find_tree("linux", toml).pin == git(linux, "rev-parse", "main")


def test_a_relative_path_is_relative_to_the_file(linux: Path, toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(toml.parent)
    pin(toml, "linux", "v1", "linux")
    assert 'path = "linux"' in toml.read_text()
    monkeypatch.chdir("/")
    assert verify(read_trees(toml)["linux"]) is None


def test_a_pin_that_is_gone_or_moved_says_so(linux: Path, toml: Path) -> None:
    pinned = pin(toml, "linux", "v1", str(linux))
    git(linux, "tag", "-f", "v1", "main")
    assert "the tag v1 of linux is" in (verify(pinned) or "")
    toml.write_text(toml.read_text().replace(pinned.pin or "", "f" * 40))
    with pytest.raises(UnusableInputError, match="is gone from"):
        find_tree("linux", toml)
    blob = git(linux, "rev-parse", "HEAD:a.c")
    toml.write_text(toml.read_text().replace("f" * 40, blob))
    assert "is no commit" in (verify(read_trees(toml)["linux"]) or "")


def test_a_tree_that_is_gone_or_not_pinned_says_so(toml: Path, linux: Path) -> None:
    assert "no such directory" in (verify(read_trees(toml)["other"]) or "")
    toml.write_text(f'[trees.linux]\npath = "{linux}"\n')
    assert "has no pin" in (verify(read_trees(toml)["linux"]) or "")
    assert find_tree("linux", toml).pin is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[trees", "reviewbot.toml: "),
        ("trees = 1", "trees is not a table"),
        ("[trees]\nx = 1", "trees.x is not a table"),
        ("[trees.x]\n", "trees.x has no path"),
        ("[trees.x]\npath = 1", "trees.x.path is not a string"),
        ('[trees.x]\npath = "."\npin = "v6.1"', "no full commit id"),
        ('[trees.x]\npath = "."\ncandidates = "v6.1"', "candidates is not a list"),
    ],
)
def test_a_bad_file_is_one_clear_line(toml: Path, text: str, says: str) -> None:
    toml.write_text(text)
    with pytest.raises(UnusableInputError, match=says) as caught:
        read_trees(toml)
    assert "\n" not in str(caught.value)


def test_a_tree_is_a_name_or_a_path(linux: Path, toml: Path) -> None:
    assert find_tree(str(linux), toml).name is None
    with pytest.raises(UnusableInputError, match=r"no tree of that name .*other"):
        find_tree("nothing", toml)
    with pytest.raises(UnusableInputError, match="no such directory"):
        find_tree(str(linux / "no"), toml)
    assert read_trees(toml.parent / "none.toml") == {}


def test_pinning_asks_for_what_it_needs(linux: Path, toml: Path) -> None:
    for name, rev, path in [("new", "v1", None), ("a b", "v1", str(linux)), ("linux", "v9", str(linux))]:
        with pytest.raises(UnusableInputError):
            pin(toml, name, rev, path)
    assert set(read_trees(toml)) == {"other"}
