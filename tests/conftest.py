# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the tests find their data: the bundled fixtures, the corpus of real mail, a real kernel tree."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CI = os.environ.get("CI") == "true"


@pytest.fixture(scope="session", autouse=True)
def no_memory() -> Iterator[None]:
    """Keep every test, and every program that one starts, away from the user's own memory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REVIEWBOT_MEMORY", "none")
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The bundled fixtures."""
    return ROOT / "fixtures"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The directory with the corpus of real mail, beside the checkout or named by REVIEWBOT_SHARED."""
    place = Path(os.environ.get("REVIEWBOT_SHARED", ROOT.parent / "shared"))
    if not (place / "corpus").is_dir():
        pytest.skip(f"no corpus of real mail at {place} (set REVIEWBOT_SHARED to where it is)")
    return place


@pytest.fixture(scope="session")
def linux(shared: Path) -> Path:
    """A git repository of the real 6.1 kernel, named by REVIEWBOT_LINUX or in the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    place = Path(os.environ.get("REVIEWBOT_LINUX", cache / "reviewbot" / "linux-6.1"))
    if not (place / ".git").exists():
        pytest.skip(f"no kernel tree at {place} (make one with {shared.name}/tools/kernel-tree {place})")
    return place


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The URL of a real PostgreSQL with a database that all tests of a run share."""
    # imported where it is needed: most runs need no database
    from tests.postgreskit import postgresql

    with postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty memory, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'memory.sqlite'}"
    from tests.postgreskit import emptied

    return emptied(request.getfixturevalue("postgresql_url"))


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> object:
    """In CI everything runs: a skipped test there is a failure of the run."""
    result = yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if CI and reporter is not None and reporter.stats.get("skipped") and exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return result
