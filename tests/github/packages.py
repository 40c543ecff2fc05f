# SPDX-License-Identifier: GPL-2.0-or-later
"""Data that others publish as npm packages, fetched once by `npm pack` into the user's cache."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

OPENAPI = ("@octokit/openapi", "23.0.2", "package/generated/api.github.com.json")
WEBHOOKS = ("@octokit/webhooks-examples", "7.6.1", "package/api.github.com/index.json")
GRAPHQL = ("@octokit/graphql-schema", "15.26.1", "package/schema.graphql")
SARIF = ("@microsoft/jest-sarif", "1.0.0-beta.0", "package/lib/schemas/sarif-2.1.0-rtm.5.json")


def _pack(name: str, version: str, place: Path) -> Path:
    """Return the package's archive, fetching it where it is not there yet; skips the test where it cannot be had."""
    archive = place / f"{name.lstrip('@').replace('/', '-')}-{version}.tgz"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not archive.exists():
            command = ["npm", "pack", "--silent", f"{name}@{version}"]
            try:
                subprocess.run(command, cwd=place, capture_output=True, timeout=300, check=True)
            except (OSError, subprocess.SubprocessError) as error:
                pytest.skip(f"{name} {version} cannot be fetched with npm pack: {error}")
    return archive


def read(package: tuple[str, str, str]) -> bytes:
    """Return a file of a package."""
    name, version, member = package
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "reviewbot" / "npm"
    with tarfile.open(_pack(name, version, cache)) as archive:
        file = archive.extractfile(member)
        assert file is not None
        return file.read()


def load(package: tuple[str, str, str]) -> Any:
    """Return a JSON file of a package."""
    return json.loads(read(package))
