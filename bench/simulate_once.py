# SPDX-License-Identifier: GPL-2.0-or-later
"""One scenario on the C files of a folder, once, in a process that has done nothing before (for simulate_spin.py).

    python bench/simulate_once.py SCENARIO.c FOLDER [--first]

Prints JSON: the seconds from the first file read to the verdicts, states, bytes of memory at most, properties broken.
"""

from __future__ import annotations

import hashlib
import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from reviewbot.model.diff import Series
from reviewbot.model.mail import MailSeries, Person
from reviewbot.model.tree import Applied, Base, SourceFile
from reviewbot.simulate.backends import Way
from reviewbot.simulate.run import simulate_series
from reviewbot.simulate.scenario import read_scenario


class Folder:
    """The files of a folder as a snapshot."""

    complete = True

    def __init__(self, place: Path) -> None:
        self.place = place

    def read(self, path: str) -> SourceFile | None:
        """Return a file."""
        try:
            data = (self.place / path).read_bytes()
        except OSError:
            return None
        return SourceFile(path, data, hashlib.sha256(data).hexdigest())

    def paths(self, under: str = "") -> Iterator[str]:
        """Yield nothing: scenarios name their files."""
        return iter(())


def main(scenario: str, folder: str, *options: str) -> None:
    """Run the scenario."""
    nothing = MailSeries(None, "", 1, 0, Person("", ""), None, None, (), (), ())
    started = time.perf_counter()
    snapshot = Folder(Path(folder))
    applied = Applied(Base("pinned", folder, None), (), (snapshot,), False)
    way = Way(first="--first" in options)
    results = simulate_series(Series(nothing, ()), applied, [read_scenario(Path(scenario))], way=way)
    seconds = time.perf_counter() - started
    peaks = [resource.getrusage(who).ru_maxrss * 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    told = {
        "seconds": seconds,
        "states": results[0].states,
        "memory": sum(peaks),
        "broken": sorted(one.property for one in results if one.verdict == "violated"),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
