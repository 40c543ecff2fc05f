# SPDX-License-Identifier: GPL-2.0-or-later
"""What is worth telling of a step that is being shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reviewbot.simulate.frames import Frames
from reviewbot.simulate.kernel.interface import PrimitiveModel
from reviewbot.simulate.link import Function
from reviewbot.simulate.lower.ir import Code
from reviewbot.simulate.sharing import READ, WRITE, Sharing


class Shown(Frames):
    """Frames of a task whose events are recorded in `trail` (code, line, what happened) while that is a list."""

    def __init__(self, functions: Sequence[Function], names: Sequence[str], sharing: Sharing) -> None:
        super().__init__(functions, names, sharing)
        self.trail: list[tuple[Code, int, str]] | None = None

    def shared(self, address: int) -> bool:
        """Tell whether several tasks access a cell."""
        seen = self.sharing.seen
        return (
            address in self.sharing.visible
            or sum(any((address, task, kind) in seen for kind in (READ, WRITE)) for task in range(self.tasks)) > 1
        )

    def matters(self, model: PrimitiveModel, values: Sequence[Any]) -> bool:
        """Tell whether others can notice a primitive, or it takes its effect on the task's own way."""
        cells = list(model.touches(self, values))
        return not cells or model.waiting != "blocks" or any(cell in self.sharing.visible for cell, _ in cells)

    def note(self, function: Function, at: int, event: str) -> None:
        """Record an event of a step that is being shown."""
        if self.trail is not None:
            self.trail.append((function.code, function.code.lines[at], event))
