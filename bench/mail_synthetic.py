# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a public-inbox archive of synthetic mails, in the proportions of a kernel list's archive.

    python bench/mail_synthetic.py DIR [MAILS]

Of the mails about 45 % are patches (series of 1 to 12, one in ten of 40), 10 % covers, the rest replies that quote;
header blocks have the 30 to 45 fields that real ones have. The same number gives the same mails.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_WORDS = "pool charge limit wake lock page group count retry flush stat queue node drop hold size task mask"
WORDS = _WORDS.split()
PEOPLE = [f"{one} {two}" for one in ("Ada", "Rob", "Zoe", "Otto", "Mia") for two in ("Writer", "Reader", "Lund")]


def sentence(chance: random.Random, words: int) -> str:
    """Return some words."""
    return " ".join(chance.choice(WORDS) for _ in range(words))


def header(chance: random.Random, subject: str, name: str, identity: str, parents: list[str], when: int) -> str:
    """Return a header block with the traces that mail servers leave."""
    traces = "".join(
        f"Received: from mx{n}.example.org (mx{n}.example.org [192.0.2.{n}])\n\tby lists.example.net with ESMTP id "
        f"{chance.getrandbits(48):x}\n\tfor <list@example.net>; Tue, 3 Mar 2020 10:{n:02d}:00 +0000\n"
        for n in range(chance.randint(4, 9))
    )
    signature = "\n\t ".join(f"{chance.getrandbits(240):060x}" for _ in range(6))
    fields = [f"X-Trace-{n}: {chance.getrandbits(64):x}" for n in range(chance.randint(8, 18))]
    address = name.lower().replace(" ", ".") + "@example.org"
    hour, minute, second = when // 3600 % 24, when // 60 % 60, when % 60
    fields += [
        f"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=a;\n\tb={signature}",
        f"From: {name} <{address}>",
        "To: list@example.net, " + ", ".join(f"{w}@example.org" for w in WORDS[:6]),
        "Cc: " + ",\n\t".join(f"{person} <{n}@example.com>" for n, person in enumerate(PEOPLE[:8])),
        f"Subject: {subject}",
        f"Date: Tue, {1 + when // 86400 % 28:02d} Mar 2020 {hour:02d}:{minute:02d}:{second:02d} +0000",
        f"Message-ID: <{identity}>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: " + ("quoted-printable" if chance.random() < 0.1 else "8bit"),
        "List-Id: <list.example.net>",
        "Precedence: bulk",
    ]
    if parents:
        fields += [f"In-Reply-To: <{parents[-1]}>", "References: " + "\n\t".join(f"<{one}>" for one in parents)]
    return traces + "\n".join(fields) + "\n\n"


def diff(chance: random.Random) -> tuple[str, int]:
    """Return a diff of one to four files and how many there are."""
    out = []
    files = chance.choice((1, 1, 1, 2, 2, 4))
    for number in range(files):
        name = f"mm/{chance.choice(WORDS)}{number}.c"
        out.append(f"diff --git a/{name} b/{name}\nindex 1111111..2222222 100644\n--- a/{name}\n+++ b/{name}\n")
        for hunk in range(chance.randint(1, 6)):
            old = [f"\t{sentence(chance, 4)};" for _ in range(chance.randint(0, 6))]
            new = [f"\t{sentence(chance, 4)};" for _ in range(chance.randint(1, 10))]
            around = [f" \t{sentence(chance, 3)};" for _ in range(6)]
            counts = f"-{hunk * 40 + 1},{len(old) + 6} +{hunk * 40 + 1},{len(new) + 6}"
            lines = [*around[:3], *(f"-{x}" for x in old), *(f"+{x}" for x in new), *around[3:]]
            out.append(f"@@ {counts} @@ int {chance.choice(WORDS)}(void)\n" + "\n".join(lines) + "\n")
    return "".join(out), files


def patch(chance: random.Random, name: str) -> str:
    """Return the body of a patch mail."""
    log = "\n".join(sentence(chance, 9) + "." for _ in range(chance.randint(2, 15)))
    text, files = diff(chance)
    sign = f"Signed-off-by: {name} <{name.lower().replace(' ', '.')}@example.org>"
    return f"{log}\n\n{sign}\n---\n {files} files changed\n\n{text}-- \n2.39.5\n"


def quoted(chance: random.Random, body: str) -> str:
    """Return a reply to a body: parts of it quoted, own words in between."""
    lines = body.split("\n")
    out = ["On Tue, 3 Mar 2020 10:00:00 +0000, Ada Writer <ada.writer@example.org> wrote:"]
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(max(1, len(lines) - 20))
        out += [f"> {line}" for line in lines[start : start + chance.randint(3, 40)]]
        out += ["", sentence(chance, 12) + "?", ""]
    return "\n".join(out) + "\n"


def mails(count: int) -> Iterator[bytes]:
    """Yield synthetic mails in the order in which they would have come."""
    chance = random.Random(count)
    made = 0
    while made < count:
        name, stamp = chance.choice(PEOPLE), f"20200303{made:08d}.{chance.randrange(10000)}"
        total = 40 if chance.random() < 0.03 else chance.choice((1, 1, 1, 2, 3, 4, 6, 8, 12))
        version = chance.choice(("", "", " v2", " v3"))
        thread: list[tuple[str, list[str], str, str]] = []
        for number in range(0 if total > 1 else 1, total + 1):
            counter = f" {number}/{total}" if total > 1 else ""
            subject = f"[PATCH{version}{counter}] {sentence(chance, 5)}"
            parents = [thread[0][0]] if thread else []
            body = patch(chance, name) if number else "\n".join(sentence(chance, 10) for _ in range(12)) + "\n"
            thread.append((f"{stamp}-{number}-x@example.org", parents, subject, body))
            yield (header(chance, subject, name, thread[-1][0], parents, made) + body).encode()
            made += 1
        for number in range(chance.randint(0, 2 + total)):
            identity, parents, subject, body = chance.choice(thread)
            answer = (
                f"{stamp}.r{number}@example.org",
                [*parents, identity][-12:],
                f"Re: {subject}",
                quoted(chance, body),
            )
            thread.append(answer)
            head = header(chance, answer[2], chance.choice(PEOPLE), answer[0], answer[1], made)
            yield (head + answer[3]).encode()
            made += 1


def build(place: Path, count: int) -> None:
    """Make the archive, one epoch."""
    repository = place / "git" / "0.git"
    subprocess.run(["git", "init", "-q", "--bare", str(repository)], check=True)
    command = ["git", "-C", str(repository), "fast-import", "--quiet"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, bufsize=1 << 20) as importer:
        assert importer.stdin is not None
        for number, mail in enumerate(mails(count)):
            head = f"commit refs/heads/master\ncommitter t <t@example.org> {1_500_000_000 + number} +0000\ndata 1\nm\n"
            importer.stdin.write(head.encode() + b"M 100644 inline m\ndata %d\n%s\n" % (len(mail), mail))
    subprocess.run(["git", "-C", str(repository), "symbolic-ref", "HEAD", "refs/heads/master"], check=True)


if __name__ == "__main__":
    build(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 40_000)
