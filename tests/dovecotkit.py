# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's dovecot on loopback with a configuration of its own, and certificates for servers of tests."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from imapclient import IMAPClient

from reviewbot.publish.mail.settings import Account
from tests.netkit import free_port, wait_for

NOBODY = 65534
"""Dovecot refuses to serve mail as uid 0."""

CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {place}/run
state_dir = {place}/state
log_path = {place}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{place}/mail
first_valid_uid = 1
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{place}/cert.pem
ssl_key = <{place}/key.pem
imap_idle_notify_interval = 2 mins
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {secure}
  }}
}}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={place}/home
}}
"""


def certificate(place: Path) -> Path:
    """Make `cert.pem` and `key.pem` for 127.0.0.1 in a directory and return the certificate, its own authority."""
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    command += " -addext subjectAltName=IP:127.0.0.1"
    files = ["-keyout", str(place / "key.pem"), "-out", str(place / "cert.pem")]
    subprocess.run([*command.split(), *files], check=True, capture_output=True)
    return place / "cert.pem"


class Dovecot:
    """A server that can be stopped and started; user `bot`, password `secret`."""

    def __init__(self, place: Path) -> None:
        self.port, self.secure = free_port(), free_port()
        self.place = place
        self._uid = NOBODY if os.getuid() == 0 else os.getuid()
        account = pwd.getpwuid(self._uid)
        self._gid = account.pw_gid
        self.cafile = certificate(place)
        (place / "password").write_text("secret\n")
        group = subprocess.run(
            ["id", "-gn", account.pw_name], capture_output=True, text=True, check=True
        ).stdout.strip()
        text = CONFIGURATION.format(
            place=place,
            user=account.pw_name,
            group=group,
            port=self.port,
            secure=self.secure,
            uid=self._uid,
            gid=self._gid,
        )
        (place / "dovecot.conf").write_text(text)
        if os.getuid() == 0:
            for one in (place, *place.iterdir()):
                os.chown(one, self._uid, self._gid)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it listens."""
        binary = shutil.which("dovecot") or "/usr/sbin/dovecot"
        who = {"user": self._uid, "group": self._gid, "extra_groups": []} if os.getuid() == 0 else {}
        command = [binary, "-F", "-c", str(self.place / "dovecot.conf")]
        self._process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL, **who)  # type: ignore[call-overload]
        wait_for(self.port)

    def stop(self) -> None:
        """Kill the server and every connection that it serves."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(20)
            self._process = None

    def account(self, security: str = "none") -> Account:
        """How the bot gets at the server."""
        port = self.secure if security == "tls" else self.port
        password = self.place / "password"
        return Account("127.0.0.1", port, security, "bot", password, None, self.cafile, 20)  # type: ignore[arg-type]

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        """A connection of somebody else."""
        client = IMAPClient("127.0.0.1", self.port, ssl=False)
        client.login("bot", "secret")
        yield client
        client.logout()


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """Run a server in a directory of its own; the test is skipped where dovecot is not installed."""
    if not (shutil.which("dovecot") or Path("/usr/sbin/dovecot").exists()):
        pytest.skip("dovecot is not installed (Debian's package dovecot-imapd)")
    place = Path(tempfile.mkdtemp(prefix="reviewbot-imap-"))
    server = Dovecot(place)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(place, ignore_errors=True)
