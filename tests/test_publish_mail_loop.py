# SPDX-License-Identifier: GPL-2.0-or-later
"""The program as it runs for good: a real IMAP server that goes away and comes back, a real SMTP server, SIGTERM."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pytest

from reviewbot.cli.main import call
from reviewbot.publish.mail.incoming import Arrival
from reviewbot.publish.mail.spool import Spool
from reviewbot.review.memory.store import open_store
from tests.dovecotkit import Dovecot, certificate, dovecot
from tests.mailbotkit import Sink
from tests.mailkit import patch

FILE = """
[memory]
url = "sqlite:///{place}/memory.sqlite"
[policy]
moderate = false
[policy.lists."list@example.org"]
[bot.email]
address = "Review Bot <bot@example.org>"
simulate = false
settle_minutes = 0
poll_seconds = 3600
[bot.email.incoming.folder]
kind = "imap"
host = "127.0.0.1"
port = {imap}
user = "bot"
password_file = "{password}"
cafile = "{authority}"
[bot.email.outgoing]
kind = "smtp"
host = "127.0.0.1"
port = {smtp}
security = "starttls"
user = "bot"
password_env = "REVIEWBOT_TEST_PASSWORD"
cafile = "{certificate}"
"""

LEAK = """---
diff --git a/drivers/ring.c b/drivers/ring.c
--- a/drivers/ring.c
+++ b/drivers/ring.c
@@ -1,3 +1,11 @@
 #include <linux/mutex.h>
 static DEFINE_MUTEX(ring_lock);
 static int ring_full;
+int ring_put(int item)
+{
+\tmutex_lock(&ring_lock);
+\tif (ring_full)
+\t\treturn -ENOSPC;
+\tmutex_unlock(&ring_lock);
+\treturn item;
+}
"""

GONE = """[bot.email.incoming.gone]
kind = "maildir"
path = "gone"
"""


def leak(name: str) -> bytes:
    """A patch that forgets an unlock: the bundled rules say so."""
    head = patch(f"[PATCH] {name}", f"{name}@x.org").split(b"\n\n", 1)[0]
    return head + b"\nTo: list@example.org\n\nPut.\n\nSigned-off-by: A <a@x.org>\n" + LEAK.encode()


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


@pytest.fixture
def file(server: Dovecot, tmp_path: Path) -> Iterator[tuple[Path, Sink]]:
    """A configuration for both servers, and the one that mails are sent to."""
    trusted = certificate(tmp_path)
    with Sink(trusted, "starttls") as sink:
        text = FILE.format(
            place=tmp_path,
            imap=server.secure,
            password=server.place / "password",
            authority=server.cafile,
            smtp=sink.port,
            certificate=trusted,
        )
        (tmp_path / "reviewbot.toml").write_text(text)
        yield tmp_path / "reviewbot.toml", sink


def append(server: Dovecot, mail: bytes) -> None:
    with server.client() as client:
        client.append("INBOX", mail)


@contextmanager
def running(command: list[str], errors: BinaryIO, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program; it is killed when the test is over."""
    process = subprocess.Popen(command, stderr=errors, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(true: Callable[[], bool]) -> None:
    """Wait for something that a process brings about."""
    for _ in range(1200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come about")


def test_the_bot_runs_idles_survives_a_lost_server_and_stops_when_asked(
    server: Dovecot, file: tuple[Path, Sink], tmp_path: Path
) -> None:
    config, sink = file
    append(server, leak("first"))
    environment = os.environ | {"REVIEWBOT_TEST_PASSWORD": "secret"}
    environment.pop("REVIEWBOT_MEMORY", None)
    command = [sys.executable, "-m", "reviewbot", "bot", "email", "--send", "--config", str(config)]
    log = tmp_path / "log"
    with log.open("wb") as errors, running(command, errors, environment) as bot:
        until(lambda: len(sink.mails) == 1)
        append(server, leak("second"))
        until(lambda: len(sink.mails) == 2)
        server.stop()
        until(lambda: b"cannot be read" in log.read_bytes())
        server.start()
        until(lambda: b"can be read again" in log.read_bytes())
        append(server, leak("third"))
        until(lambda: len(sink.mails) == 3)
        bot.send_signal(signal.SIGTERM)
        assert bot.wait(60) == 0
    assert sink.subjects == ["Re: [PATCH] first", "Re: [PATCH] second", "Re: [PATCH] third"]
    assert log.read_text().rstrip().endswith("stopped")


def test_one_round_says_what_is_wrong_by_its_status(
    file: tuple[Path, Sink], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    config, sink = file
    monkeypatch.delenv("REVIEWBOT_MEMORY", raising=False)
    config.write_text(config.read_text().replace("[bot.email.incoming.folder]", f"{GONE}[bot.email.incoming.folder]"))
    assert call(["bot", "email", "--once", "--config", str(config)]) == 2
    assert "gone: cannot be read" in caplog.text and sink.mails == []


def test_parked_mails_are_listed_and_get_another_chance(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path}/memory.sqlite"
    with open_store(url) as store:
        spool = Spool(store)
        spool.take_in("list", Arrival("1", leak("odd"), datetime.now(UTC)), datetime.now(UTC))
        spool.park([1], "ValueError: cannot digest this")
    ours = ["bot", "email", "--memory", url, "--config", str(tmp_path / "none.toml")]
    assert call([*ours, "--parked"]) == 0
    assert "list: [PATCH] odd (ValueError: cannot digest this)" in capsys.readouterr().out
    assert (call([*ours, "--retry", "1"]), call([*ours, "--retry", "1"]), call([*ours, "--parked"])) == (0, 2, 0)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('[policy.lists."list@example.org"]', "", "policy.lists is empty"),
        ("poll_seconds", "pol_seconds", "bot.email.pol_seconds is not known"),
        ("[bot.email.outgoing]", "[elsewhere]", "bot.email.outgoing is missing"),
        ("[bot.email", "[bot.mail", "no [bot.email]"),
    ],
)
def test_sending_without_what_it_needs_is_refused(
    file: tuple[Path, Sink], capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    config, _ = file
    config.write_text(config.read_text().replace(old, new))
    memory = f"sqlite:///{config.parent}/memory.sqlite"
    assert call(["bot", "email", "--once", "--send", "--config", str(config), "--memory", memory]) == 2
    shown = capsys.readouterr().err
    assert said in shown and len(shown.splitlines()) == 1
