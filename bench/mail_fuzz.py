# SPDX-License-Identifier: GPL-2.0-or-later
"""Feed the message code with mails that nobody would write: nothing but a clean refusal may come of any.

    python bench/mail_fuzz.py [SECONDS [INPUTS [SEED]]]

makes mutations of well-formed mails, threads and dumps (lines cut, doubled, swapped, joined, quoted; bytes changed;
fields given odd values) until the time or the number of inputs (default 60 seconds, a million) is reached, and prints
how many ran. What raises is printed with the seed that makes it again, and the exit status is 1.
"""

from __future__ import annotations

import random
import sys
import time
import traceback

from reviewbot.mail.assemble import build_series
from reviewbot.mail.attached import attached_mails
from reviewbot.mail.dump import read_dump
from reviewbot.mail.entry import make_entry
from reviewbot.mail.mbox import split_mbox
from reviewbot.mail.message import BrokenMailError, parse_message
from reviewbot.mail.threads import group_series
from reviewbot.mail.versions import link_versions
from reviewbot.model.mail import Message

DIFF = "diff --git a/x.c b/x.c\nindex 1..2 100644\n--- a/x.c\n+++ b/x.c\n@@ -1,3 +1,3 @@ f\n a\n-b\n+c\n d\n"
LOG = "From: B <b@x.org>\nSubject: [PATCH] in body\n\nLog.\n\nSigned-off-by: B <b@x.org>\n---\n"
PATCH = f"{LOG}v1: https://x/l/1@x/\n{DIFF}-- \n2.1\n"
COVER = "Why.\n\n- Link to v1: https://lore.kernel.org/r/1@x\nbase-commit: " + "a" * 40 + "\nchange-id: c-1\n"
WROTE = "On Tue, 3 Mar 2020 10:00:00 +0100, B <b@x.org> wrote:\n"
REPLY = f"{WROTE}> Log.\n> +c\n>> -b\nNo.\n\nAcked-by: A <a@x.org>\n-- >8 --\n"
PART = f"--b\nContent-Type: text/plain; format=flowed\n\none \ntwo\n--b\nContent-Type: text/x-patch\n\n{DIFF}\n--b--\n"
WRAPPED = f"--b\nContent-Type: message/rfc822\n\nFrom: A <a@x.org>\nSubject: [PATCH] w\n\n{PATCH}\n--b--\n"
SEEDS = (
    f"From: A <a@x.org>\nSubject: [PATCH v2 1/2] x\nDate: Tue, 3 Mar 2020 10:00:00 +0100\nMessage-ID: <1@x>\n\n{PATCH}",
    f"From: =?utf-8?q?A=C3=BC?= <a@x.org>\nSubject: [PATCH 0/2] all\nMessage-ID: <c@x>\n\n{COVER}",
    f"From: B <b@x.org>\nSubject: Re: [PATCH v2 1/2] x\nMessage-ID: <r@x>\nReferences: <c@x>\n <1@x>\n\n{REPLY}{DIFF}",
    f"From: A <a@x.org>\nContent-Type: multipart/mixed; boundary=b\nSubject: [PATCH] y\n\n{PART}",
    "From: A <a@x.org>\nContent-Type: text/plain; charset=gbk\nContent-Transfer-Encoding: base64\n\nRGVhciBhbGwK\n",
    f"From: A <a@x.org>\nContent-Transfer-Encoding: quoted-printable\nSubject: [PATCH] z\n\n{DIFF}=E9=\n",
    f"From: B <b@x.org>\nContent-Type: multipart/mixed; boundary=b\nSubject: Fwd: q\nMessage-ID: <f@x>\n\n{WRAPPED}",
    f"Cover.\n==\n{PATCH}{REPLY}==\nFrom: A <a@x.org>\nFix.\n---\n{DIFF}{REPLY}",
)
_LINES = """From: a <a@x>|Subject: [PATCH 9/3] q|==|-- >8 --|>|> > x|-- || |@@ -1,9 +1,9 @@|--- a/x|+++ b/x
Date: 1 Jan 9999|On 1 May 2020, X wrote:|Content-Type: text/plain; charset=y|Content-Type: multipart/mixed; boundary=b
--b|Message-ID:|Content-Transfer-Encoding: base64|In-Reply-To: <1@x>|References: <1@x> <c@x>|Message-ID: <1@x>
diff --git a/x b/x|GIT binary patch|literal 9|rename from x|Index: x|=====|Acked-by: Ü <ü@x.org>"""
PIECES = (*_LINES.replace("\n", "|").split("|"), f"From {'0' * 40} Mon Sep 17 00:00:00 2001", "\r", "\0", "\udcff")


def mutate(chance: random.Random, text: str) -> bytes:
    """Return a mutation of a text, as bytes."""
    lines = text.split("\n")
    for _ in range(chance.randint(1, 6)):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        choice = chance.randrange(7)
        if choice == 0:
            del lines[at : at + chance.randint(1, 3)]
        elif choice == 1:
            lines.insert(at, chance.choice(PIECES))
        elif choice == 2:
            lines[at], lines[other] = lines[other], lines[at]
        elif choice == 3:
            lines[at] = "> " + lines[at]
        elif choice == 4:
            lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)] + chance.choice(PIECES)
        elif choice == 5:
            lines[at : at + 2] = [" ".join(lines[at : at + 2])]
        else:
            lines[at:at] = lines[other : other + chance.randint(1, 5)]
        lines = lines or [""]
    data = bytearray("\n".join(lines).encode("utf-8", "surrogateescape"))
    for _ in range(chance.randrange(3) if data else 0):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def attempt(seed: int) -> None:
    """Read a thread of mutated mails, an mbox of them and a dump, all made of the seed."""
    chance = random.Random(seed)
    mails = [mutate(chance, chance.choice(SEEDS)) for _ in range(3)]
    messages: list[Message] = []
    for mail in mails:
        try:
            messages.append(parse_message(mail, "fuzz"))
            messages += [parse_message(one, "fuzz") for one in attached_mails(mail, "outer@x", wrapped=True)]
        except BrokenMailError:
            continue
    entries = [make_entry(key, message, "fuzz") for key, message in enumerate(messages)]
    groups = group_series(entries)
    previous = link_versions(groups)
    for number, group in enumerate(groups):
        build_series(group, messages.__getitem__, previous.get(number, ()))
    for _ in split_mbox(b"From x\n".join(mails).splitlines(keepends=True)):
        pass
    read_dump(mails[0], "fuzz")


def main(seconds: float, inputs: int, seed: int) -> int:
    """Run until either bound is reached; return the exit status."""
    end = time.monotonic() + seconds
    ran = 0
    while ran < inputs and time.monotonic() < end:
        try:
            attempt(seed + ran)
        except Exception:  # what this program is there to find
            traceback.print_exc()
            print(f"seed {seed + ran}")
            return 1
        ran += 3
    print(f"{ran} mails, nothing raised (seeds {seed} to {seed + ran})")
    return 0


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(
        main(
            float(given[0]) if given else 60.0,
            int(given[1]) if len(given) > 1 else 1_000_000,
            int(given[2]) if len(given) > 2 else 0,
        )
    )
