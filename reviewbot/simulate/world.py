# SPDX-License-Identifier: GPL-2.0-or-later
"""From a program and a scenario to a machine in its first state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from reviewbot.simulate.kernel.table import PRIMITIVES
from reviewbot.simulate.link import counters, link
from reviewbot.simulate.lower.program import Program, cell_names
from reviewbot.simulate.lower.types import Record
from reviewbot.simulate.machine import Machine
from reviewbot.simulate.memory import BASE, FREED, GUARD, HEAP_CELLS, UnknownCodeError
from reviewbot.simulate.sharing import Sharing
from reviewbot.simulate.spec import Scenario, WorldFile
from reviewbot.simulate.symmetry import Symmetry
from reviewbot.simulate.workspace import IDLE, State

TASK_FIELDS = ("sim_state", "sim_signal", "sim_flags")


@dataclass(slots=True)
class World:
    """A machine, the state before any task runs, and for each task its function and arguments.

    `finals` are the functions of the scenario that look at a final state: property name to function number.
    `excuse` is the function that tells whether tasks may wait in a final state, None if they never may.
    `top` is where the static objects end, `unread` are the counters that are left out. `equal` are the tasks that begin
    with the same function in the same group with the same options, where there are several; `symmetry` is what is made
    of that for a search, False once it was given up.
    """

    machine: Machine
    ready: State
    starts: tuple[tuple[int, tuple[int, ...]], ...]
    finals: dict[str, int]
    excuse: int | None
    top: int
    unread: frozenset[tuple[str, str]]
    equal: tuple[tuple[int, ...], ...] = ()
    symmetry: Symmetry | Literal[False] | None = None

    def initial(self) -> State:
        """Return the state in which every task stands before its first visible operation."""
        state = self.ready
        for task, (function, arguments) in enumerate(self.starts):
            state = self.machine.begin(state, task, function, arguments)
        return state


def final_checks(scenario: Scenario) -> dict[str, str]:
    """Return the properties that a C function of the scenario checks in final states, with the function's name."""
    return {prop: "holds_" + prop.replace("-", "_") for prop in scenario.expect}


def root_names(scenario: Scenario) -> list[str]:
    """Return the names of the functions that building and running the world may need."""
    names = ["world_ready", "world_applies", "world_group", "world_task", "may_wait", *final_checks(scenario).values()]
    names += [f"group_set_{key}" for group in scenario.groups for key, _ in group.options]
    names += [f"task_set_{key}" for task in scenario.tasks for key, _ in task.options]
    names += [task.function for task in scenario.tasks]
    return list(dict.fromkeys(names))


def build_world(
    program: Program,
    scenario: Scenario,
    world: WorldFile,
    kept: frozenset[tuple[str, str]],
    *,
    everything: bool = False,
    noted: set[tuple[str, str]] | None = None,
) -> World:
    """Make the groups and tasks of a scenario by running its world's own C, and put each task at its beginning.

    `kept` are the counters that somebody reads; ReadError if there is another. With `noted` no counter is left out, and
    those not in `kept` that are read go there. Raises UnknownCodeError if building runs into code that the machine does
    not know, ViolationError if it faults.
    """
    names = [task.name for task in scenario.tasks]
    sharing = Sharing(len(names), everything=everything)
    unread = counters(program.codes, program.used | kept)
    functions = link(program.codes, program.live, PRIMITIVES, unread, noted)
    machine = Machine(functions, names, sharing)
    machine.texts = {address: text.strip('"') for address, text in program.strings.items()}
    machine.function_names = [code.name for code in program.codes]
    machine.task_offsets = {name: program.builder.field("task_struct", name)[0] for name in TASK_FIELDS}
    state: State = (tuple(_static_cells(program)), (IDLE,) * (len(names) + 1))
    size = program.builder.size(Record("task_struct"))
    machine.open(state, len(names))
    machine.live_task = False
    machine.task_addresses = [machine.allocate(size, 0) for _ in range(len(names) + 1)]
    state = machine.close()
    machine.live_task = True
    machine.labels = _labels(program, machine.task_addresses, [*names, "the world"])
    state, groups = _set_up(machine, program, scenario, world.group_type, state)
    heap = tuple([GUARD] + [FREED] * HEAP_CELLS)
    state = (state[0] + heap, state[1])
    starts = tuple(
        (_need(program, task.function), (groups[task.group],) if task.group is not None else ())
        for task in scenario.tasks
    )
    finals = {prop: program.roots[name] for prop, name in final_checks(scenario).items() if name in program.roots}
    return World(machine, state, starts, finals, program.roots.get("may_wait"), program.top, unread, _equal(scenario))


def _equal(scenario: Scenario) -> tuple[tuple[int, ...], ...]:
    alike: dict[object, list[int]] = {}
    for number, task in enumerate(scenario.tasks):
        alike.setdefault((task.function, task.group, task.options), []).append(number)
    return tuple(tuple(numbers) for numbers in alike.values() if len(numbers) > 1)


def applies(program: Program, scenario: Scenario, world: WorldFile) -> bool:
    """Tell whether the code has what the scenario is about: `world_applies()` says so, if there is one."""
    if "world_applies" not in program.roots:
        return True
    bare = replace(scenario, groups=(), tasks=())
    made = build_world(program, bare, world, _fields(program))
    return bool(made.machine.call(made.ready, 0, program.roots["world_applies"], [])[1])


def _fields(program: Program) -> frozenset[tuple[str, str]]:
    """Return all record fields that are read or written."""
    found = (getattr(item, "field", None) for code in program.codes for item in code.instructions)
    return frozenset(field for field in found if field is not None)


def _need(program: Program, name: str) -> int:
    if name not in program.roots:
        raise UnknownCodeError(f"{name}: the world has no such function")
    return program.roots[name]


def _static_cells(program: Program) -> list[int | str]:
    cells: list[int | str] = [GUARD] * (program.top - BASE)
    cells[0] = 0
    for item in program.objects:
        for cell in range(max(1, program.builder.size(item.type))):
            cells[item.address - BASE + cell] = 0
    for address, text in program.strings.items():
        for cell, char in enumerate([*text.strip('"').encode("utf-8", "replace"), 0]):
            cells[address - BASE + cell] = char
    return cells


def _labels(program: Program, tasks: Sequence[int], names: Sequence[str]) -> list[tuple[int, int, str]]:
    labels = []
    for item in program.objects:
        for cell, name in enumerate(cell_names(program.builder, item.type, item.name)):
            labels.append((item.address + cell, 1, name))
    fields = cell_names(program.builder, Record("task_struct"), "")
    for address, task in zip(tasks, names, strict=True):
        labels += [(address + cell, 1, task + (name if cell else "")) for cell, name in enumerate(fields)]
    return labels


def _set_up(
    machine: Machine, program: Program, scenario: Scenario, record: str | None, state: State
) -> tuple[State, dict[str, int]]:  # fmt: skip
    world = len(scenario.tasks)
    groups: dict[str, int] = {}
    for number in program.initialisers:
        state, _ = machine.call(state, world, number, [])
    for group in scenario.groups:
        parent = groups[group.parent] if group.parent is not None else 0
        state, address = machine.call(state, world, _need(program, "world_group"), [parent])
        groups[group.name] = address
        if record is not None:
            fields = cell_names(program.builder, Record(record), group.name)
            machine.labels += [(address + cell, 1, n if cell else group.name) for cell, n in enumerate(fields)]
        for key, value in group.options:
            state, _ = machine.call(state, world, _need(program, f"group_set_{key}"), [address, value])
    for number, task in enumerate(scenario.tasks):
        address = machine.task_addresses[number]
        if "world_task" in program.roots:
            group_address = groups[task.group] if task.group is not None else 0
            state, _ = machine.call(state, world, program.roots["world_task"], [address, group_address])
        for key, value in task.options:
            state, _ = machine.call(state, world, _need(program, f"task_set_{key}"), [address, value])
    if "world_ready" in program.roots and scenario.tasks:
        state, _ = machine.call(state, world, program.roots["world_ready"], [])
    return state, groups
