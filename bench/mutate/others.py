# SPDX-License-Identifier: GPL-2.0-or-later
"""What other tools say of planted defects: run before and after, and a message that is new counts as found."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.mutate.lines import Plant

SECONDS = 120
_PLACE = re.compile(r"^([^:\n]{1,400}):(\d+)(?::[\d-]+)?: ?(.*)$", re.MULTILINE)
_NUMBERS = re.compile(r"\d+")


def messages(text: str, path: str) -> Counter[str]:
    """Count a tool's messages on one file, line numbers aside."""
    return Counter(_NUMBERS.sub("N", m[3]) for m in _PLACE.finditer(text) if m[1].endswith(path))


def output(command: Sequence[str], at: Path) -> str:
    """Run a tool, and return what it wrote; "" when it takes too long."""
    try:
        done = subprocess.run(command, cwd=at, capture_output=True, text=True, errors="replace", timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout + done.stderr


def cppcheck(plant: Plant, before: bytes, work: Path) -> bool:
    """Tell whether cppcheck says anything new of the file."""
    command = ["cppcheck", "--quiet", "--enable=warning", "--inconclusive", "--template={file}:{line}: {id} {message}"]
    said = []
    for name, data in (("before.c", before), ("after.c", plant.apply(before))):
        (work / name).write_bytes(data)
        said.append(messages(output([*command, name], work), name))
    return bool(said[1] - said[0])


def compiler(plant: Plant, before: bytes, built: Path) -> bool | None:
    """Tell whether gcc with -fanalyzer and -Wmaybe-uninitialized says anything new; None: the file is not built."""
    record = built / Path(plant.path).parent / f".{Path(plant.path).stem}.o.cmd"
    if not record.is_file():
        output(["make", "-s", plant.path.removesuffix("c") + "o"], built)
    match = re.search(r"^(?:saved)?cmd_\S+ := (.*)$", record.read_text(), re.MULTILINE) if record.is_file() else None
    if match is None:
        return None
    words = shlex.split(match[1])
    words = (
        [w for w in words[: words.index(";")] if ";" in words and not w.startswith("-Wp,")] if ";" in words else words
    )
    words = [w for w in words if not w.startswith(("-Wp,", "-Werror", "-Wno-maybe", "-ftrivial-auto-var-init"))]
    words[words.index("-o") + 1] = "/dev/null"
    words[1:1] = ["-Wmaybe-uninitialized", "-fanalyzer"]
    file, kept = built / plant.path, (built / plant.path).read_bytes()
    said = []
    try:
        for data in (before, plant.apply(before)):
            file.write_bytes(data)
            said.append(messages(output(words, built), plant.path))
    finally:
        file.write_bytes(kept)
    return bool(said[1] - said[0])


def coccinelle(plants: Iterable[tuple[Plant, bytes]], scripts: Path, work: Path) -> set[int]:
    """Return the places of the plants of which one of a tree's semantic patches says anything new.

    Each script runs once over all functions, cut out of their files: the scripts look at one function at a time, and
    whole files would take days.
    """
    for side in ("before", "after"):
        shutil.rmtree(work / side, ignore_errors=True)
        (work / side).mkdir(parents=True)
    count = 0
    for at, (plant, data) in enumerate(plants):
        for side, text in (("before", data), ("after", plant.apply(data))):
            (work / side / f"p{at}.c").write_bytes(_cut(text, plant))
        count += 1
    said: dict[str, list[Counter[str]]] = {side: [Counter() for _ in range(count)] for side in ("before", "after")}
    for script in sorted(scripts.rglob("*.cocci")):
        if "virtual report" not in script.read_text(errors="replace"):
            continue
        for side, found in said.items():
            command = ["spatch", "-D", "report", "--very-quiet", "--no-show-diff", "--timeout", "20"]
            text = output([*command, "--cocci-file", str(script), "--dir", side], work)
            for match in _PLACE.finditer(text):
                number = re.fullmatch(r"p(\d+)\.c", Path(match[1]).name)
                if number:
                    found[int(number[1])][f"{script.name} {_NUMBERS.sub('N', match[3])}"] += 1
    return {at for at in range(count) if said["after"][at] - said["before"][at]}


def _cut(data: bytes, plant: Plant) -> bytes:
    """Return the function of a plant as a file of its own."""
    lines = data.split(b"\n")
    first = plant.first - 1
    while first > 0 and not lines[first].startswith(b"{"):
        first -= 1
    while first > 0 and lines[first - 1].strip() and not lines[first - 1].startswith((b"}", b"#", b" */")):
        first -= 1
    last = plant.first - 1
    while last < len(lines) and not lines[last].startswith(b"}"):
        last += 1
    return b"\n".join(lines[first : last + 1]) + b"\n"
