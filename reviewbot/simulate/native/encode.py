# SPDX-License-Identifier: GPL-2.0-or-later
"""A program and its first state as the words that the compiled explorer reads."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from reviewbot.simulate.frontier import ANY, ORDERS, Scope
from reviewbot.simulate.kernel.interface import PrimitiveModel, always
from reviewbot.simulate.kernel.table import PRIMITIVES as MODELS
from reviewbot.simulate.link import Function
from reviewbot.simulate.lower import ir
from reviewbot.simulate.memory import BASE, FREED, GUARD, OBJECT
from reviewbot.simulate.native.tables import INSTRUCTIONS, MOST_CELLS, OPERATORS, PRIMITIVES, PROPERTIES, WAKE
from reviewbot.simulate.symmetry import Symmetry
from reviewbot.simulate.workspace import State, Task
from reviewbot.simulate.world import World

_OPERATION = {name: number for number, name in enumerate(OPERATORS)}
_INSTRUCTION = {name: number for number, name in enumerate(INSTRUCTIONS)}
_LOW = (1 << 64) - 1
NONE_WORD, FREED_WORD, GUARD_WORD, OBJECT_WORD, QUEUE_WORD = (word << 120 for word in range(1, 6))


class UnsupportedError(Exception):
    """Something that the compiled explorer does not do; the text says what."""


def _flat(stands: Task) -> list[Any]:
    """Return how a task stands as a list: frames, stack and locks, the number of each before it."""
    frames, stack, held = stands
    values: list[Any] = [len(frames)]
    for function, at, registers in frames:
        values += [function, at, len(registers), *registers]
    return [*values, len(stack), *stack, len(held), *(word for lock in held for word in lock)]


class Encoder:
    """Makes the words of one search. `properties`, `unknown` and `fields` tell what the numbers in its answer mean."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.words = array("q")
        self.properties = list(PROPERTIES.values())
        self.unknown: list[str] = []
        self.fields: list[tuple[str, str]] = []
        self.queues: list[tuple[int, ...]] = []
        self._nodes: dict[ir.Pure, int] = {}
        self._expressions = array("q")
        self._primitives: list[str] = []

    def encode(
        self,
        state: State,
        most: int,
        *,
        memory: int,
        seconds: int,
        all_states: bool,
        symmetry: Symmetry | None = None,
        scope: Scope = ANY,
    ) -> bytes:
        """Return everything: limits, program, what is known to be shared, and the first state."""
        machine = self.world.machine
        functions = self._functions(machine.functions)
        self._add(memory, seconds, machine.tasks, machine.sharing.everything, *machine.task_addresses)
        self._add(*(machine.task_offsets[name] for name in ("sim_state", "sim_signal", "sim_flags")))
        texts = [word for address, text in machine.texts.items() for word in (address, self._property(text))]
        self._add(len(machine.texts), *texts)
        for cells in (machine.sharing.visible, machine.sharing.asked):
            self._add(len(cells), *sorted(cells))
        self._add(machine.sharing.stacks, len(self._nodes))
        self.words += self._expressions
        self._add(len(self._primitives))
        for name in self._primitives:
            model = MODELS[name]
            self._add(*PRIMITIVES[name], model.moves_left, model.waiting == "blocks", model.ready is always)
        self._add(len(machine.functions))
        self.words += functions
        self._add(all_states)
        turns = self._symmetry(symmetry)
        self._state(state)
        self._add(most, ORDERS.index(scope.order), -1 if scope.preemptions is None else scope.preemptions)
        self.words += turns
        return self.words.tobytes()

    def _add(self, *words: int) -> None:
        self.words.extend(words)

    def _property(self, text: str) -> int:
        if text not in self.properties:
            self.properties.append(text)
        return self.properties.index(text)

    def _value(self, value: Any, words: array[int]) -> None:
        number = self._number(value)
        low, high = number & _LOW, number >> 64 & _LOW
        words.append(low - (1 << 64) if low >> 63 else low)
        words.append(high - (1 << 64) if high >> 63 else high)

    def _number(self, value: Any) -> int:
        if value is None:
            return NONE_WORD
        if isinstance(value, tuple):
            if value not in self.queues:
                self.queues.append(value)
            return QUEUE_WORD | self.queues.index(value)
        if isinstance(value, str):
            if value.startswith(OBJECT):
                return OBJECT_WORD | int(value.removeprefix(OBJECT))
            return FREED_WORD if value == FREED else GUARD_WORD if value == GUARD else NONE_WORD
        if not -(1 << 100) < value < 1 << 100:
            raise UnsupportedError("a number of more than 100 bits")
        return int(value)

    def _state(self, state: State) -> None:
        body = array("q")
        if len(state[0]) > MOST_CELLS:
            raise UnsupportedError("more cells than the explorer has")
        body.append(len(state[0]))
        for value in state[0]:
            self._value(value, body)
        for stands in state[1]:
            values = _flat(stands)
            body.append(len(values))
            for value in values:
                self._value(value, body)
        self._add(len(self.queues))
        for queue in self.queues:
            self._add(len(queue), *queue)
        self.words += body

    def _symmetry(self, symmetry: Symmetry | None) -> array[int]:
        if symmetry is None:
            return array("q", (1,))
        words = array("q", (len(symmetry.turns), symmetry.pays))
        cells = range(BASE, BASE + len(self.world.ready[0]))
        for turn, moves in zip(symmetry.turns, symmetry.moves, strict=True):
            moved = [(one - BASE, other - BASE) for one, other in moves.items() if one in cells]
            words.extend((*turn, len(moved), *(cell for pair in moved for cell in pair)))
        words.extend((len(symmetry.frozen), *sorted(symmetry.frozen), len(symmetry.tight)))
        for task, stands in symmetry.tight:
            values = _flat(stands)
            words.extend((task, len(values)))
            for value in values:
                self._value(value, words)
        return words

    def _functions(self, functions: Sequence[Function]) -> array[int]:
        words = array("q")
        for function in functions:
            code = function.code
            words.extend((code.registers, code.cells, WAKE.get(code.name, 0)))
            words.extend((len(code.parameters), *code.parameters, len(function.linked)))
            for item, live in zip((*code.instructions, ir.Return(None)), function.live, strict=True):
                words.extend(self._instruction(item))
                words.extend((len(live), *live))
        return words

    def _instruction(self, item: ir.Instruction) -> list[int]:
        unread = self.world.unread
        if isinstance(item, ir.Load) and item.field in unread:
            if item.for_update:
                counts = ir.Primitive("sim_counts", (item.address,), item.into, item.text)
                return self._instruction(counts)
            assert item.field is not None
            self.fields.append(item.field)
            return self._item("I_READS", target=len(self.fields) - 1)
        if isinstance(item, ir.Store) and item.field in unread:
            return self._item("I_SET", into=0, a=ir.Reg(0))
        if isinstance(item, ir.Set):
            return self._item("I_SET", into=item.into, a=item.value)
        if isinstance(item, ir.Load):
            return self._item("I_LOAD", into=item.into, a=item.address)
        if isinstance(item, ir.Store):
            return self._item("I_STORE", a=item.address, b=item.value)
        if isinstance(item, ir.Jump):
            return self._item("I_JUMP", target=item.target)
        if isinstance(item, ir.Branch):
            return self._item("I_BRANCH", a=item.value, target=item.otherwise)
        if isinstance(item, ir.Return):
            return self._item("I_RETURN", a=item.value)
        if isinstance(item, ir.Primitive):
            return self._item("I_PRIMITIVE", item.into, primitive=self._primitive(item), arguments=item.arguments)
        if isinstance(item, ir.Call):
            if isinstance(item.callee, int):
                return self._item("I_CALL", item.into, target=item.callee, arguments=item.arguments)
            return self._item("I_CALL_POINTER", item.into, a=item.callee, arguments=item.arguments)
        if item.what not in self.unknown:
            self.unknown.append(item.what)
        return self._item("I_UNKNOWN", target=self.unknown.index(item.what))

    def _primitive(self, item: ir.Primitive) -> int:
        model: PrimitiveModel | None = MODELS.get(item.name)
        if model is None or item.name not in PRIMITIVES:
            raise UnsupportedError(f"{item.name} has no model in C")
        if item.name not in self._primitives:
            self._primitives.append(item.name)
        return self._primitives.index(item.name)

    def _item(
        self,
        op: str,
        into: int | None = None,
        a: ir.Pure | None = None,
        b: ir.Pure | None = None,
        target: int = 0,
        primitive: int = -1,
        arguments: Sequence[ir.Pure] = (),
    ) -> list[int]:
        numbers = [self._expression(value) for value in arguments]
        operands = [-1 if value is None else self._expression(value) for value in (a, b)]
        return [_INSTRUCTION[op], -1 if into is None else into, *operands, target, primitive, len(numbers), *numbers]

    def _expression(self, value: ir.Pure) -> int:
        if value in self._nodes:
            return self._nodes[value]
        if isinstance(value, ir.Const):
            self._expressions.append(_OPERATION["const"])
            self._value(value.value, self._expressions)
        elif isinstance(value, ir.Reg):
            self._expressions.extend((_OPERATION["reg"], value.index, 0, 0, 0))
        else:
            one = value.operand if isinstance(value, ir.Un) else value.left
            left = self._expression(one)
            right = 0 if isinstance(value, ir.Un) else self._expression(value.right)
            name = {"!": "not", "-": "neg"}.get(value.op, value.op) if isinstance(value, ir.Un) else value.op
            bits, sign = (value.kind.bits, value.kind.signed) if value.kind is not None else (0, False)
            self._expressions.extend((_OPERATION[name], left, right, bits if name != "not" else 0, sign))
        self._nodes[value] = len(self._nodes)
        return self._nodes[value]
