# SPDX-License-Identifier: GPL-2.0-or-later
"""Searching with the compiled explorer: it runs in a process of its own, and its findings are replayed in ours."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from reviewbot.simulate.exploration import Choice, Exploration, Found
from reviewbot.simulate.frontier import ANY, Scope
from reviewbot.simulate.memory import ReadError, TooBigError, UnknownCodeError, ViolationError
from reviewbot.simulate.native.build import explorer
from reviewbot.simulate.native.encode import Encoder, UnsupportedError
from reviewbot.simulate.native.result import Finding, Reader, read_difference, read_exploration
from reviewbot.simulate.native.tables import EXIT_MEMORY
from reviewbot.simulate.symmetry import NotSymmetricError, Symmetry
from reviewbot.simulate.world import World

MEMORY = 4 * 1024**3
"""Bytes of address space that the explorer may have."""

SECONDS = 600
"""Processor time that it may take."""

F_READ, F_UNSUPPORTED, F_DIFFERS, F_ASYMMETRIC = 5, 6, 8, 9


class DisagreesError(Exception):
    """The interpreter does not find what the compiled explorer found: a fault of this program."""


def explore_native(
    world: World,
    most: int,
    *,
    memory: int = MEMORY,
    seconds: int = SECONDS,
    all_states: bool = False,
    symmetry: Symmetry | None = None,
    scope: Scope = ANY,
) -> Exploration:
    """Search a world as `Explorer.explore` does, what is known to be shared given; at most `most` states are expanded.

    Only states in which a run ends or goes round come back, unless `all_states` are asked for. Raises UnsupportedError
    if there is no compiler or the explorer does not do what the program needs, ReadError and NotSymmetricError as the
    interpreter does.
    """
    made = None
    while made is None:
        made = _explore(world, most, memory, seconds, all_states, symmetry, scope)
    return made


def _explore(
    world: World, most: int, memory: int, seconds: int, all_states: bool, symmetry: Symmetry | None, scope: Scope
) -> Exploration | None:
    """Search once; None if that taught something of equal tasks, so that the search is to be done again."""
    program = explorer()
    if program is None:
        raise UnsupportedError("there is no C compiler")
    encoder = Encoder(world)
    words = encoder.encode(
        world.initial(), most, memory=memory, seconds=seconds, all_states=all_states, symmetry=symmetry, scope=scope
    )
    done = subprocess.run(_command(program), input=words, capture_output=True, check=False)
    if done.returncode == EXIT_MEMORY:
        return Exploration(complete=False, stopped=f"the states need more than {memory // 1024**2} MiB of memory")
    if done.returncode in (-9, -24, 128 + 9, 128 + 24):  # SIGKILL, SIGXCPU
        return Exploration(complete=False, stopped=f"the search takes more than {seconds} s of processor time")
    if done.returncode:
        raise UnsupportedError(f"the compiled explorer failed with status {done.returncode}")
    reader = Reader(done.stdout)
    ended, code = reader.word(), reader.word()
    spent, size = reader.word() / 1e6, reader.word() * 1024
    if ended == F_READ:
        raise ReadError(encoder.fields[code])
    if ended == F_ASYMMETRIC:
        raise NotSymmetricError("equal tasks are told apart too soon")
    if ended not in (0, F_DIFFERS):
        raise UnsupportedError(f"the compiled explorer does not do this ({ended}, {code})")
    sharing = world.machine.sharing
    sharing.visible, sharing.asked = set(reader.list()), set(reader.list())
    sharing.stacks = bool(reader.word())
    sharing.start()
    if ended and symmetry is not None and symmetry.likeness is not None:
        state, task, way = read_difference(reader, len(world.ready[0]), world.machine.tasks)
        symmetry.likeness.differs(state, task, way if way >= 0 else None)
        return None
    made, findings = read_exploration(reader, world.machine.tasks, len(world.ready[0]))
    made.seconds, made.memory, made.scope = spent, size, scope
    _replay_findings(world, encoder, made, findings)
    return made


def _command(program: Path) -> list[str]:
    """Return the command that runs the explorer, in a sandbox where there is one: it needs nothing of the machine."""
    if shutil.which("bwrap") is None:
        return [str(program)]
    return ["bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--tmpfs", "/tmp",
            "--ro-bind", str(program), "/tmp/explorer", "--", "/tmp/explorer"]  # fmt: skip


def _replay_findings(world: World, encoder: Encoder, made: Exploration, findings: Sequence[Sequence[Finding]]) -> None:
    violations, cut, unknown, too_big = findings
    for what, schedule, preemptions in violations:
        prop = encoder.properties[what]
        texts = dict(reversed(_ending(world, schedule)))
        if prop not in texts:
            raise DisagreesError(f"{prop}: the interpreter finds {texts}")
        made.found[prop] = Found(prop, texts[prop], schedule, preemptions)
    made.cut.update(dict.fromkeys(encoder.properties[what] for what, _, _ in cut))
    for what, schedule, _ in unknown:
        made.unknown.setdefault(encoder.unknown[what], schedule)
    for _, schedule, _ in too_big:
        made.too_big.setdefault(_ending(world, schedule)[0][1], schedule)


def _ending(world: World, schedule: Sequence[Choice]) -> list[tuple[str, str]]:
    """Return what the last step of a schedule breaks or complains of, in the interpreter."""
    machine, state = world.machine, world.initial()
    try:
        for task, way in schedule:
            machine.alternatives(state, task)
            state = machine.step(state, task, way)
    except ViolationError as fault:
        return [(fault.prop, fault.text)]
    except (UnknownCodeError, TooBigError) as fault:
        return [("", str(fault))]
    return list(machine.complaints)
