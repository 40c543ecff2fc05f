# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine: from a state, one step of one task.

A state is `(shared cells, tasks)`, all tuples; a task is `(frames, stack cells, held locks)`, a frame `(function,
instruction, values of the live registers)`. A task stands before an operation that others can see, or has no frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reviewbot.simulate.kernel.interface import RETRY, PrimitiveModel, always
from reviewbot.simulate.link import (
    BRANCH,
    CALL,
    CALL_POINTER,
    JUMP,
    LOAD,
    PRIMITIVE,
    READS,
    RETURN,
    SET,
    STORE,
    Function,
    Linked,
)
from reviewbot.simulate.lower.compile import DivisionFaultError
from reviewbot.simulate.memo import Done, Memo
from reviewbot.simulate.memory import (
    BASE,
    FUNCTION,
    UNINITIALISED,
    ReadError,
    UnknownCodeError,
    ViolationError,
    stack_address,
    stack_of,
)
from reviewbot.simulate.sharing import READ, WRITE, Sharing
from reviewbot.simulate.shown import Shown
from reviewbot.simulate.workspace import Active, State

MOST_JUMPS = 800
LAST_JUMPS = 200


class Machine(Shown):
    """Runs steps. One instance serves one program and world; it holds nothing between two steps but `sharing` and
    the steps that it has done, unless it `remembers` none.
    """

    def __init__(self, functions: Sequence[Function], names: Sequence[str], sharing: Sharing) -> None:
        super().__init__(functions, names, sharing)
        self.budget = 0
        self.memo = Memo()
        self.remembers = True
        self.fresh = True  # the last step was not one that is remembered
        self.seen_last: set[tuple[bool, int]] = set()

    def alternatives(self, state: State, task: int) -> int:
        """Return in how many ways the task can go on; 0 if it waits or has finished."""
        frames = state[1][task][0]
        if not frames:
            return 0
        item = self.functions[frames[-1][0]].linked[frames[-1][1]]
        if item[0] != PRIMITIVE or item[1].ready is always:
            return 1
        self.look(state, task)
        registers = self.unpack(frames[-1], len(state[1][task][1]))
        return int(item[1].ready(self, [argument(registers) for argument in item[2]]))

    def step(self, state: State, task: int, way: int) -> State:
        """Return the state after the task's next visible operation, done in the given way, and all that is local after.

        The first step of a task is what is local at its beginning.

        Raises ViolationError, UnknownCodeError or TooBigError if the step ends in one.
        """
        memo = self.memo if self.trail is None else Memo()
        memo.at(self.sharing.version)
        key = (task, state[1][task], way)
        done = memo.find(key, state[0])
        if done is not None:
            self.complaints, self.did_sleep = list(done.complaints), done.slept
            self.fresh = False
            return done.onto(state, task)
        self.fresh = True
        after = self.fresh_step(state, task, way)
        if self.local and self.remembers and memo.version == self.sharing.version:
            done = Done(tuple(self.writes.items()), after[1][task], tuple(self.complaints), self.did_sleep)
            memo.add(key, self.reads, done)
        return after

    def fresh_step(self, state: State, task: int, way: int) -> State:
        """Do a step as `step` does, whether it was done before or not, and do not remember it."""
        self.open(state, task)
        starts = len(self.frames) == 1 and self.frames[0][1] == 0
        self.run(None if starts else way)
        self.freeze()
        return self.close()

    def begin(self, state: State, task: int, function: int, arguments: Sequence[int]) -> State:
        """Return the state in which the task stands at the beginning of a function."""
        self.open(state, task)
        self.enter(function, arguments)
        self.freeze()
        return self.close()

    def call(self, state: State, task: int, function: int, arguments: Sequence[int]) -> tuple[State, Any]:
        """Run a function from outside, as nobody's step: to build the world or to look at it.

        Returns the state after it and its value. Raises as `step` does; UnknownCodeError also if it would wait.
        """
        self.live_task = False
        try:
            self.open(state, task)
            self.enter(function, arguments)
            self.result = None
            self.run(None)
        finally:
            self.live_task = True
        if self.frames:
            raise UnknownCodeError(f"{self.functions[function].code.name}: it would wait before anybody runs")
        return self.close(), self.result

    def pending(self, state: State, task: int) -> PrimitiveModel | None:
        """Return the primitive that a task stands before, None if it stands before a memory access or has finished."""
        frames = state[1][task][0]
        if not frames:
            return None
        item = self.functions[frames[-1][0]].linked[frames[-1][1]]
        return item[1] if item[0] == PRIMITIVE else None

    def run(self, way: int | None) -> None:
        """Run the task to just before its next visible operation; `way` None: do not do a visible one first."""
        self.budget = MOST_JUMPS
        self.seen_last = set()
        try:
            self._run(way)
        except TypeError:
            raise ViolationError(UNINITIALISED, "a value is used that nobody set") from None
        except DivisionFaultError:
            raise ViolationError("no-wild-access", "a division by zero") from None

    def spend(self) -> None:
        """Count a jump or a call. A task that goes on and on without a visible operation gets one.

        Where a loop accesses shared cells, one of these becomes visible, so that the loop is a cycle of states.
        """
        self.budget -= 1
        if self.budget < 0:
            if not self.seen_last or not self.live_task:
                raise ViolationError("no-livelock", "the task loops without looking at anything that others can change")
            self.sharing.spin(max(self.seen_last))

    def _run(self, way: int | None) -> None:
        frame: Active | None = self.top()
        while frame is not None:
            number, at, registers = frame
            function = self.functions[number]
            linked = function.linked
            while True:
                item = linked[at]
                op = item[0]
                if op == SET:
                    registers[item[1]] = item[2](registers)
                    at += 1
                elif op == BRANCH:
                    value = item[1](registers)
                    if value is None:
                        frame[1] = at
                        raise TypeError
                    at = at + 1 if value else item[2]
                elif op == JUMP:
                    at = item[1]
                    self.spend()
                elif op == LOAD:
                    frame[1] = at
                    address = item[2](registers)
                    if way is None and self.stops(address, READ):
                        return
                    way = None
                    value = registers[item[1]] = self.get(address)
                    if self.trail is not None and address in self.sharing.visible:
                        self.note(function, at, f"{item[3]} is {self.spell(value)}")
                    at += 1
                elif op == STORE:
                    frame[1] = at
                    address = item[1](registers)
                    if way is None and self.stops(address, WRITE):
                        return
                    way = None
                    value = item[2](registers)
                    self.guard_stack(address, value)
                    self.put(address, value)
                    if self.trail is not None and self.shared(address):
                        self.note(function, at, f"{item[3]} = {self.spell(value)}")
                    at += 1
                elif op == PRIMITIVE:
                    frame[1] = at
                    if not self.primitive(function, at, item, registers, way):
                        return
                    way = None
                    at += 1
                elif op in (CALL, CALL_POINTER):
                    frame[1] = at
                    callee = item[1] if op == CALL else item[1](registers) - FUNCTION
                    if not 0 <= callee < len(self.functions):
                        raise ViolationError("no-wild-access", "a call through a pointer to no function")
                    self.spend()
                    arguments = [argument(registers) for argument in item[2]]
                    if self.trail is not None and self.functions[callee].code.own and not function.code.own:
                        self.note(function, at, item[4])
                    frame[1] = at + 1
                    frame = self.enter(callee, arguments)
                    break
                elif op == RETURN:
                    frame[1] = at
                    frame = self.leave(None if item[1] is None else item[1](registers))
                    break
                elif op == READS:
                    raise ReadError(item[1])
                else:
                    frame[1] = at
                    raise UnknownCodeError(item[1])

    def primitive(self, function: Function, at: int, item: Linked, registers: list[Any], way: int | None) -> bool:
        """Let the kernel model do a primitive; False if the task stops before it."""
        model = item[1]
        values = [argument(registers) for argument in item[2]]
        if None in values:
            raise TypeError
        if way is None and (self.primitive_stops(model, values) or model.ready(self, values) != 1):
            return False
        before = len(self.complaints)
        result = model.run(self, values, way or 0)
        if result is RETRY:
            return False
        if self.trail is not None:
            for _, text in self.complaints[before:]:
                self.note(function, at, text)
        if self.trail is not None and not model.quiet and not model.moves_left and self.matters(model, values):
            shown = "" if item[3] is None or result is None else f" gives {self.spell(result)}"
            self.note(function, at, item[4] + shown)
        if item[3] is not None:
            registers[item[3]] = result
        return True

    def primitive_stops(self, model: Any, values: Sequence[Any]) -> bool:
        """Tell whether a primitive is an operation that others can see; note what it accesses if not."""
        cells = list(model.touches(self, values))
        if model.moves_left and not self.sharing.everything and not any(c in self.sharing.asked for c, _ in cells):
            return False
        seen = [self.stops(cell, kind) for cell, kind in cells]  # each is noted, not only the first
        stops = any(seen)
        if self.budget < LAST_JUMPS:
            self.seen_last.update((model.waiting == "blocks", cell) for cell, _ in cells if cell < STACK_START)
        return stops

    def stops(self, address: Any, kind: int) -> bool:
        """Tell whether an access is one that others can see; note it if not."""
        if address.__class__ is not int:
            raise TypeError
        if not self.live_task:
            return False
        sharing = self.sharing
        if address in sharing.visible:
            return True
        if address >= STACK_START:
            owner = stack_of(address)
            if owner == self.task and not sharing.stacks:
                return False
            if owner is not None and owner != self.task:
                sharing.escape()
        elif address < BASE:
            return False
        if sharing.everything:
            return True
        sharing.note(address, self.task, kind, self.locks())
        if self.budget < LAST_JUMPS and address < STACK_START:
            self.seen_last.add((False, address))
        return address in sharing.visible

    def guard_stack(self, address: int, value: Any) -> None:
        """Notice that the address of something in the task's stack gets where others can read it."""
        if (
            value.__class__ is int
            and value >= STACK_START
            and address < STACK_START
            and stack_of(value) == self.task
            and self.live_task
        ):
            self.sharing.escape()


STACK_START = stack_address(0, 0)
