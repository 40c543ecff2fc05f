# SPDX-License-Identifier: GPL-2.0-or-later
"""A process that judges a series, for tests: processes are not forked beside the threads of a test run.

    python -m tests.besidekit FOLDER SHAPE PROCESSORS [fail] [uncached]

Prints JSON: which process was given which files, and the findings of a whole run after that.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from reviewbot.cache import Cache
from reviewbot.checks.beside import judge_beside
from reviewbot.checks.engine import run_checks
from tests.checkskit import RULES
from tests.serieskit import Files, applied_series

LARGE = "int plain(struct box *box)\n{\n\treturn box->n;\n}\n" + "/* " + "many words " * 7_000 + "*/\n"
LEAK = (
    "int leaking(struct box *box, int n)\n{\n\tspin_lock(&box->lock);\n\tif (n < 0)\n\t\treturn -EINVAL;\n"
    "\tspin_unlock(&box->lock);\n\treturn 0;\n}\n"
)
SHAPES: dict[str, tuple[dict[str, str], tuple[Files, ...]]] = {
    "two": ({"a.c": LARGE, "b.c": LARGE}, ({"a.c": LARGE + LEAK}, {"b.c": LARGE + LEAK}, {"a.c": LARGE})),
    "one": ({"a.c": LARGE}, ({"a.c": LARGE + LEAK},)),
    "small": ({"a.c": "int a;\n", "b.c": "int b;\n"}, ({"a.c": LEAK, "b.c": LEAK},)),
    "headers": (
        {"a.c": LARGE, "b.c": LARGE, "c.h": "int c;\n", "d.txt": LARGE},
        ({"a.c": LARGE + LEAK, "b.c": LARGE + LEAK, "c.h": LEAK, "d.txt": LEAK},),
    ),
}


def main(folder: str, shape: str, processors: int, *options: str) -> None:
    """Judge, and tell how."""
    base, patches = SHAPES[shape]
    place = Path(folder)
    kept = Cache(None if "uncached" in options else place / "cache")
    run = place / f"run-{len(list(place.glob('run-*')))}"
    run.mkdir()
    series, applied = applied_series(run, base, *((f"box: {n}\n", files) for n, files in enumerate(patches)))
    here = os.getpid()

    def work(paths: frozenset[str]) -> None:
        (run / str(os.getpid())).write_text(json.dumps(sorted(paths)))
        if "fail" in options and os.getpid() != here:
            raise ValueError("a child that fails")

    judge_beside(series, applied, kept, work, processors=processors)
    shares = {"own" if p.name == str(here) else p.name: json.loads(p.read_text()) for p in run.glob("[0-9]*")}
    os.sched_setaffinity(0, set(list(os.sched_getaffinity(0))[:processors]))
    found = run_checks(series, applied, RULES, kept)
    print(json.dumps([shares, [(one.path, one.function, one.rule, one.patch) for one in found]]))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:])
