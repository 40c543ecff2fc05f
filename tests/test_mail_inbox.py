# SPDX-License-Identifier: GPL-2.0-or-later
"""public-inbox archives read through git objects, and threads from a real public-inbox server on loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewbot.mail.online import locate
from reviewbot.mail.read import read_mail
from reviewbot.model.errors import UnusableInputError
from tests.mailkit import REVIEWER, fast_import, mail, patch
from tests.netkit import free_port, wait_for

THREAD = [
    mail("[PATCH 0/2] all", "Why.\n", "c@x.org"),
    patch("[PATCH 1/2] one", "1@x.org", "c@x.org"),
    patch("[PATCH 2/2] two", "2@x.org", "c@x.org"),
    mail("Re: [PATCH 2/2] two", "> Change one thing.\nWhich?\n", "r@x.org", "2@x.org", REVIEWER),
]
OTHER = patch("[PATCH] other", "o@x.org")
SPAM = patch("[PATCH] spam", "s@x.org")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of two epochs; a mail of the second was taken out again."""
    place = tmp_path_factory.mktemp("inbox")
    fast_import(place / "git" / "0.git", [("m", one) for one in [*THREAD[:2], OTHER]])
    fast_import(place / "git" / "1.git", [("m", one) for one in [SPAM, *THREAD[2:]]] + [("d", SPAM)])
    return place


def test_an_archive_is_read_over_all_epochs_without_what_was_taken_out(archive: Path) -> None:
    series, skipped = read_mail([str(archive)])
    assert [(one.subject, len(one.patches)) for one in series] == [("all", 2), ("other", 1)]
    assert [r.text for r in series[0].remarks] == ["Which?"]
    assert skipped == ()


def test_nothing_is_written_into_an_archive(archive: Path) -> None:
    before = sorted((str(file), file.stat().st_mtime_ns) for file in archive.rglob("*"))
    read_mail([str(archive)])
    assert sorted((str(file), file.stat().st_mtime_ns) for file in archive.rglob("*")) == before


@pytest.mark.parametrize("message_id", ["c@x.org", "r@x.org", "<2@x.org>"])
def test_any_message_id_of_a_thread_names_it(archive: Path, message_id: str) -> None:
    ((series,), _) = read_mail([f"{archive}#{message_id}"])
    assert (series.subject, len(series.patches), len(series.remarks)) == ("all", 2, 1)


def test_one_epoch_alone_is_an_archive(archive: Path) -> None:
    series, _ = read_mail([str(archive / "git" / "1.git")])
    assert [(one.subject, one.missing) for one in series] == [("two", (1,))]


def test_an_unknown_message_id_is_said(archive: Path) -> None:
    with pytest.raises(UnusableInputError, match="no mail with the message-id z@x"):
        read_mail([f"{archive}#z@x"])


def test_a_repository_of_code_is_no_archive(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "code.git")], check=True)
    with pytest.raises(UnusableInputError, match="not a maildir"):
        read_mail([str(tmp_path / "code.git")])


@pytest.mark.parametrize(
    ("source", "archive_url", "message_id"),
    [
        ("<1@x.org>", "https://lore.kernel.org/all", "1@x.org"),
        ("https://lore.kernel.org/r/1@x.org", "https://lore.kernel.org/all", "1@x.org"),
        ("https://lore.kernel.org/linux-mm/1%40x.org/T/#t", "https://lore.kernel.org/linux-mm", "1@x.org"),
        ("http://127.0.0.1:8080/sub/list/1@x.org/raw", "http://127.0.0.1:8080/sub/list", "1@x.org"),
    ],
)
def test_addresses_name_an_archive_and_a_message(
    monkeypatch: pytest.MonkeyPatch, source: str, archive_url: str, message_id: str
) -> None:
    monkeypatch.delenv("REVIEWBOT_ARCHIVE", raising=False)
    assert locate(source) == (archive_url, message_id)


def test_an_address_without_a_message_id_is_refused() -> None:
    with pytest.raises(UnusableInputError, match="no message-id in the address"):
        read_mail(["https://lore.kernel.org/linux-mm/"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a list on a public-inbox server of its own, with a private home."""
    if shutil.which("public-inbox-httpd") is None:
        pytest.skip("public-inbox is not installed (Debian's package of that name)")
    home = tmp_path_factory.mktemp("server")
    inbox, port = home / "list", free_port()
    url = f"http://127.0.0.1:{port}/list"
    environment = {**os.environ, "HOME": str(home), "PI_DIR": str(home), "PI_CONFIG": str(home / "config")}
    fast_import(inbox / "git" / "0.git", [("m", one) for one in [*THREAD, OTHER]])
    init = ["public-inbox-init", "-V2", "--indexlevel=full", "list", str(inbox), url, "list@x.org"]
    subprocess.run(init, check=True, env=environment, capture_output=True)
    subprocess.run(["public-inbox-index", str(inbox)], check=True, env=environment, capture_output=True)
    daemon = subprocess.Popen(
        ["public-inbox-httpd", "-W0", "-l", f"127.0.0.1:{port}"], env=environment, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        yield url
    finally:
        daemon.terminate()
        daemon.wait(20)


def test_a_thread_comes_from_a_real_server_by_its_address(server: str) -> None:
    ((series,), skipped) = read_mail([f"{server}/r@x.org/"])
    assert (series.subject, [p.subject for p in series.patches]) == ("all", ["one", "two"])
    assert [r.text for r in series.remarks] == ["Which?"]
    assert skipped == ()


def test_a_thread_comes_from_a_real_server_by_its_message_id(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEWBOT_ARCHIVE", server)
    ((series,), _) = read_mail(["<1@x.org>"])
    assert series.id == "c@x.org"


def test_a_message_that_the_server_lacks_is_said(server: str) -> None:
    with pytest.raises(UnusableInputError, match="has no such message"):
        read_mail([f"{server}/nobody@x.org/"])


def test_a_server_that_does_not_answer_is_said() -> None:
    with pytest.raises(UnusableInputError) as caught:
        read_mail([f"http://127.0.0.1:{free_port()}/list/1@x.org/"])
    assert "\n" not in str(caught.value)
