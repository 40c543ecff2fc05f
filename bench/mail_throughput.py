# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails of a public-inbox archive to threaded series, compared with the standard library's parser on the same mails.

    python bench/mail_throughput.py [ARCHIVE]

With no ARCHIVE one of 40,000 synthetic mails is made in a temporary directory. Printed: seconds and mails a second of
(a) reading the blobs alone, (b) `email` with compat32, bytes to decoded body, (c) scanning: every mail decoded, its
diff's extent, files and counts found, and all threaded into series; the ratio (c - a) / (b - a), whose target is 1.5;
and the largest memory of a process that does (c) alone, whose target is 300 MB. (b) and (c) take turns, the best of
three counts.
"""

from __future__ import annotations

import email
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from reviewbot.mail.entry import Entry
from reviewbot.mail.inbox import read_archive
from reviewbot.mail.scan import scan
from reviewbot.mail.store import MailStore
from reviewbot.mail.threads import group_series

ROUNDS = 3


def read_only(place: Path) -> str:
    """Read every mail's bytes."""
    count = size = 0
    for stored in read_archive(place):
        count += 1
        size += len(stored.read())
    return f"{count} mails, {size / 1e6:.0f} MB"


def standard(place: Path) -> str:
    """Parse every mail with the standard library and decode its text parts."""
    size = 0
    for stored in read_archive(place):
        for part in email.message_from_bytes(stored.read()).walk():
            if part.get_content_maintype() == "text":
                body = part.get_payload(decode=True)
                assert isinstance(body, bytes)
                try:
                    size += len(body.decode(part.get_content_charset() or "utf-8", "replace"))
                except LookupError:
                    size += len(body.decode("latin-1"))
    return f"{size / 1e6:.0f} M characters"


def ours(place: Path) -> str:
    """Scan and thread."""
    with MailStore() as store:
        entries = [one for one in scan([str(place)], None, store) if isinstance(one, Entry)]
    groups = group_series(entries)
    patches = sum(len(group.patches) for group in groups)
    lines = sum(file.added + file.removed for entry in entries for file in entry.files)
    return f"{len(groups)} series, {patches} patches, {lines} lines changed"


def timed(work: Callable[[Path], str], place: Path) -> tuple[float, str]:
    """Return how long a piece of work takes, and what it says."""
    start = time.perf_counter()
    said = work(place)
    return time.perf_counter() - start, said


def compare(place: Path) -> None:
    """Run all three and print the comparison."""
    best: dict[str, tuple[float, str]] = {}
    for _ in range(ROUNDS):
        for work in (read_only, standard, ours):
            result = timed(work, place)
            best[work.__name__] = min(result, best.get(work.__name__, result))
    mails = int(best["read_only"][1].split()[0])
    for name, (seconds, said) in best.items():
        print(f"{name:10} {seconds:7.2f} s {mails / seconds:8.0f} mails/s  {said}")
    reading = best["read_only"][0]
    print(f"ratio      {(best['ours'][0] - reading) / (best['standard'][0] - reading):7.2f}   (target 1.5)")
    command = [sys.executable, __file__, "--memory", str(place)]
    print(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())


def memory(place: Path) -> None:
    """Scan in this process and print its largest size."""
    ours(place)
    # not getrusage: its figure begins with that of the process that started this one
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    print(f"memory     {peak:7.0f} MB (target 300)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--memory"]:
        memory(Path(sys.argv[2]))
    elif len(sys.argv) > 1:
        compare(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, str(Path(__file__).with_name("mail_synthetic.py")), folder], check=True)
            compare(Path(folder))
