# SPDX-License-Identifier: GPL-2.0-or-later
"""Feed the diff and damage code with inputs that nobody would write: nothing may be raised, whatever comes.

    python bench/patch_fuzz.py [SECONDS [INPUTS [SEED]]]

makes mutations of well-formed diffs (lines cut, doubled, swapped, joined, re-quoted; bytes changed) until the time or
the number of inputs (default 60 seconds, a million) is reached, and prints how many ran. What raises is printed
with the seed that makes it again, and the exit status is 1.
"""

from __future__ import annotations

import random
import sys
import time
import traceback
from collections.abc import Callable

from reviewbot.model.mail import MailSeries, PatchMail, Person, Remark
from reviewbot.patch.read import read_series
from reviewbot.patch.write import write_diff

NOBODY = Person("", "")
SEEDS = (
    "diff --git a/mm/x.c b/mm/x.c\nindex 0123456..789abcd 100644\n--- a/mm/x.c\n+++ b/mm/x.c\n"
    "@@ -1,5 +1,6 @@ int f(void)\n \tint a;\n \n-\ta = 1;\n+\ta = 2;\n+\tb = 3;\n \treturn a;\n }\n"
    "@@ -90,2 +91,1 @@\n-x\n y\n-- \n2.4\n",
    "diff --git a/o b/n\nold mode 100644\nnew mode 100755\nsimilarity index 9%\nrename from o\nrename to n\n"
    "--- a/o\n+++ b/n\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n",
    "diff --git a/b b/b\nnew file mode 100644\nindex 0..1\nGIT binary patch\n"
    "literal 3\nKcmYdfNCE%>hycU@\n\nliteral 0\nHcmV?d00001\n\n",
    "Index: l/x.c\n=====\n--- l.orig/x.c\t2010-02-11 10:00:00.000000000 +0900\n+++ l/x.c\n@@ -0,0 +1,2 @@\n+a\n+b\n",
    '--- "a/t\\303\\266"\n+++ "b/t\\303\\266"\n@@ -1,3 +1,3 @@\n a &lt; b;\n-\u00a0 c-&gt;d\n+> e\n \n',
    "diff --cc x\n@@@ -1,1 -1,1 +1,2 @@@\n++a\n",
    "> --- a/x\n> +++ b/x\n> @@ -1,2 +1,2 @@\n> -a\n> +b\n> \n",
)
PIECES = (
    "@@ -1,9 +1,9 @@",
    "--- a/x",
    "+++ b/x",
    "-- ",
    "\\ No newline",
    "",
    " ",
    "+",
    "-",
    "\t",
    ">",
    "> ",
    "\r",
    "&amp;",
    "\u00a0",
    "\x00",
)


def _change_lines(lines: list[str], dice: random.Random) -> None:
    """One change of whole lines."""
    at, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    changes: tuple[Callable[[], object], ...] = (
        lambda: lines.pop(at) if len(lines) > 1 else None,
        lambda: lines.insert(at, lines[other]),
        lambda: lines.__setitem__(slice(at, at + 1), [lines[other]]),
        lambda: lines.insert(at, dice.choice(PIECES)),
        lambda: lines.__setitem__(at, lines[at].strip()),
        lambda: lines.__setitem__(at, dice.choice(PIECES) + lines[at]),
        lambda: lines.__setitem__(slice(0, None), [dice.choice(("> ", " ", ">")) + line for line in lines]),
        lambda: lines.__setitem__(slice(0, None), [line.strip() for line in lines if line.strip()] or [""]),
        lambda: lines.extend(dice.choice(SEEDS).split("\n")),
    )
    dice.choice(changes)()


def make_diff(dice: random.Random) -> bytes:
    """A mutated diff; the same dice make the same one."""
    lines = dice.choice(SEEDS).split("\n")
    for _ in range(dice.randrange(6)):
        _change_lines(lines, dice)
    raw = bytearray("\n".join(lines).encode("utf-8", "surrogateescape"))
    for _ in range(dice.randrange(4)):
        if raw:
            raw[dice.randrange(len(raw))] = dice.choice((dice.randrange(256), 48 + dice.randrange(10), 10, 32))
    return bytes(raw)


def try_one(seed: int) -> None:
    """Read one mutated series, with a quoted copy and a remark, and write it; raises what is wrong."""
    dice = random.Random(seed)
    diff, copy = make_diff(dice), make_diff(dice).decode("utf-8", "surrogateescape")
    mail = PatchMail(1, 1, "p", "s", NOBODY, NOBODY, None, "log", "", diff, 1)
    quote = tuple(copy.split("\n")[: dice.randrange(9)])
    remark = Remark("r", NOBODY, None, quote, quote[:2], "why?", "p")
    series = MailSeries("p", "s", 1, 1, NOBODY, None, None, (mail,), (), (), (remark,), (("c", copy),))
    (patch,) = read_series(series).patches
    written = write_diff(patch)
    assert patch.refused is None or not patch.files
    for file in patch.files:
        for hunk in file.hunks:
            old = sum(line.mark != "+" for line in hunk.lines)
            new = sum(line.mark != "-" for line in hunk.lines)
            assert not hunk.complete or (old, new) == (hunk.old_count, hunk.new_count)
    if patch.files and not patch.damage:
        again = read_series(MailSeries("p", "s", 1, 1, NOBODY, None, None, (_with(mail, written),), (), ())).patches[0]
        assert again.damage or write_diff(again) == written


def _with(mail: PatchMail, diff: bytes) -> PatchMail:
    """The patch mail with another diff."""
    return PatchMail(1, 1, mail.message_id, mail.subject, NOBODY, NOBODY, None, mail.log, "", diff, 1)


def fuzz(seconds: float, inputs: int, first: int = 0) -> tuple[int, list[int]]:
    """Try seeds from `first` on until time or inputs are used up; how many ran, and the seeds that failed."""
    end = time.monotonic() + seconds
    failed = []
    for seed in range(first, first + inputs):
        if time.monotonic() > end:
            return seed - first, failed
        try:
            try_one(seed)
        except Exception:
            failed.append(seed)
            print(f"seed {seed}:", *traceback.format_exc(limit=-3).splitlines(), sep="\n", file=sys.stderr)
            if len(failed) > 4:
                return seed + 1 - first, failed
    return inputs, failed


def main(arguments: list[str]) -> int:
    """Fuzz as the command line says."""
    seconds = float(arguments[0]) if arguments else 60.0
    inputs = int(arguments[1]) if len(arguments) > 1 else 1_000_000
    first = int(arguments[2]) if len(arguments) > 2 else 0
    ran, failed = fuzz(seconds, inputs, first)
    print(f"{ran} inputs, {len(failed)} failed{': seeds ' + str(failed) if failed else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
