# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's PostgreSQL on loopback, in a directory of its own, as a user of no rights."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.dovecotkit import free_port

NOBODY = "nobody"
"""The server refuses to run as root; this user owns nothing else."""


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("no PostgreSQL here (apt-get install postgresql)")
    return found[-1].parent


@contextmanager
def postgresql() -> Iterator[str]:
    """Start a server with an empty database, and give its URL."""
    programs = _programs()
    place = Path(tempfile.mkdtemp(prefix="reviewbot-postgresql-"))
    user = NOBODY if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        shutil.chown(place, user)
    data, port = place / "data", free_port()
    begin = [programs / "initdb", "-D", data, "-U", "bot", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
    subprocess.run(begin, user=user, cwd=place, capture_output=True, check=True)
    settings = ("fsync=off", "listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories=")
    options = [word for one in settings for word in ("-c", one)]
    with (place / "log").open("wb") as log:
        server = subprocess.Popen([programs / "postgres", "-D", data, *options], user=user, cwd=place, stderr=log)
    try:
        _wait(programs / "pg_isready", port, server)
        yield f"postgresql+psycopg://bot@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(place)


def emptied(url: str) -> str:
    """Take all tables out of a database and return its URL."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return url


def _wait(ready: Path, port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        asked = subprocess.run([ready, "-q", "-h", "127.0.0.1", "-p", str(port)], check=False)
        if asked.returncode == 0:
            return
        assert server.poll() is None, "the server ended"
        time.sleep(0.1)
    raise TimeoutError("PostgreSQL does not answer")
