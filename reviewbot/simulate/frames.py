# SPDX-License-Identifier: GPL-2.0-or-later
"""The frames of the task that runs: opened one by one as they are needed, closed when the task stops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reviewbot.simulate.link import Function
from reviewbot.simulate.memory import STACK_CELLS, TooBigError, stack_address
from reviewbot.simulate.sharing import Sharing
from reviewbot.simulate.workspace import Active, Frame, Workspace

MOST_FRAMES = 40


class Frames(Workspace):
    """A state opened for one task, with the functions that its frames are of."""

    def __init__(self, functions: Sequence[Function], names: Sequence[str], sharing: Sharing) -> None:
        super().__init__(names, sharing)
        self.functions = functions

    def enter(self, number: int, arguments: Sequence[Any]) -> Active:
        """Push a frame."""
        code = self.functions[number].code
        if len(self.stack) + code.cells > STACK_CELLS or len(self.frames) > MOST_FRAMES:
            raise TooBigError(f"{code.name}: stack too deep")
        registers: list[Any] = [None] * code.registers
        registers[0] = stack_address(self.task, len(self.stack))
        self.stack.extend([None] * code.cells)
        for register, value in zip(code.parameters, arguments, strict=False):
            registers[register] = value
        frame: Active = [number, 0, registers]
        self.frames.append(frame)
        return frame

    def unpack(self, frame: Frame, stack: int) -> list[Any]:
        """Return the registers of a frame that ends where the stack has `stack` cells."""
        function = self.functions[frame[0]]
        registers: list[Any] = [None] * function.code.registers
        registers[0] = stack_address(self.task, stack - function.code.cells)
        for index, value in zip(function.live[frame[1]], frame[2], strict=True):
            registers[index] = value
        return registers

    def top(self) -> Active:
        """Return the last frame, opened."""
        frame = self.frames[-1]
        if frame.__class__ is tuple:
            frame = [frame[0], frame[1], self.unpack(frame, len(self.stack))]
            self.frames[-1] = frame
        opened: Active = frame
        return opened

    def freeze(self) -> None:
        """Close the frames: registers whose value nobody will read are dropped."""
        for depth, frame in enumerate(self.frames):
            if frame.__class__ is list:
                live = self.functions[frame[0]].live[frame[1]]
                registers = frame[2]
                self.frames[depth] = (frame[0], frame[1], tuple([registers[i] for i in live]))

    def leave(self, value: Any) -> Active | None:
        """Pop the last frame and hand its value to the caller; return the caller's frame."""
        cells = self.functions[self.frames.pop()[0]].code.cells
        if cells:
            del self.stack[len(self.stack) - cells :]
        if not self.frames:
            self.result = value
            return None
        frame = self.top()
        into = self.functions[frame[0]].linked[frame[1] - 1][3]
        if into is not None:
            frame[2][into] = value
        return frame
