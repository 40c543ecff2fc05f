# SPDX-License-Identifier: GPL-2.0-or-later
"""The cheapest way to pair off two sets, some members of which may stay alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Pair = tuple[int, int]


def pair_off(alone_left: Sequence[int], alone_right: Sequence[int], together: Mapping[Pair, int]) -> dict[int, int]:
    """Return which left member goes with which right one so that the sum of all costs is least.

    `alone_left` and `alone_right` are what each member costs that stays alone; `together` what the pairs (left, right)
    cost that may be made at all. Members that no worthwhile pair connects are solved apart, so that long series stay
    cheap.
    """
    useful = {pair: cost for pair, cost in together.items() if cost <= alone_left[pair[0]] + alone_right[pair[1]]}
    found: dict[int, int] = {}
    for lefts, rights in _components(useful):
        found.update(_solve(lefts, rights, alone_left, alone_right, useful))
    return found


def _components(pairs: Mapping[Pair, int]) -> list[tuple[list[int], list[int]]]:
    """Split the members that pairs connect into groups that have no pair in common."""
    by_left: dict[int, list[int]] = {}
    by_right: dict[int, list[int]] = {}
    for left, right in pairs:
        by_left.setdefault(left, []).append(right)
        by_right.setdefault(right, []).append(left)
    groups = []
    seen: set[int] = set()
    for start in by_left:
        if start in seen:
            continue
        seen.add(start)
        lefts, rights, waiting = [start], dict[int, None](), [start]
        while waiting:
            for right in by_left[waiting.pop()]:
                if right in rights:
                    continue
                rights[right] = None
                fresh = [left for left in by_right[right] if left not in seen]
                seen.update(fresh)
                lefts += fresh
                waiting += fresh
        groups.append((sorted(lefts), sorted(rights)))
    return groups


def _solve(
    lefts: Sequence[int],
    rights: Sequence[int],
    alone_left: Sequence[int],
    alone_right: Sequence[int],
    together: Mapping[Pair, int],
) -> dict[int, int]:
    """Solve one group: each left member has a stand-in of its own on the right, and the other way round."""
    never = sum(alone_left[one] for one in lefts) + sum(alone_right[one] for one in rights) + 1
    rows = [
        [together.get((left, right), never) for right in rights] + [alone_left[left]] * len(lefts) for left in lefts
    ]
    rows += [[alone_right[right] for right in rights] + [0] * len(lefts) for _ in rights]
    chosen = cheapest(rows)
    return {
        left: rights[chosen[at]]
        for at, left in enumerate(lefts)
        if chosen[at] < len(rights) and (left, rights[chosen[at]]) in together
    }


def cheapest(cost: Sequence[Sequence[int]]) -> list[int]:
    """Return for each row of a square matrix its column, no column twice, with the least sum of costs.

    Shortest augmenting paths with potentials: R. Jonker, A. Volgenant, "A shortest augmenting path algorithm for dense
    and sparse linear assignment problems", Computing 38 (1987). Time is cubic in the number of rows.
    """
    size = len(cost)
    of_row, of_column = [0] * size, [0] * size
    row_at: list[int | None] = [None] * size
    for row in range(size):
        _augment(cost, row, of_row, of_column, row_at)
    chosen = [0] * size
    for column, owner in enumerate(row_at):
        if owner is not None:
            chosen[owner] = column
    return chosen


def _augment(
    cost: Sequence[Sequence[int]], start: int, of_row: list[int], of_column: list[int], row_at: list[int | None]
) -> None:
    """Give row `start` a column along the cheapest path over rows that have one already; update the potentials."""
    size = len(cost)
    distance: list[int | None] = [None] * size
    reached_from: list[int | None] = [None] * size
    settled: list[int] = []
    open_columns = set(range(size))
    row, length, at = start, 0, None
    while True:
        for column in open_columns:
            step = length + cost[row][column] - of_row[row] - of_column[column]
            known = distance[column]
            if known is None or step < known:
                distance[column], reached_from[column] = step, at
        length, at = min((far, column) for column in open_columns if (far := distance[column]) is not None)
        open_columns.remove(at)
        owner = row_at[at]
        if owner is None:
            break
        settled.append(at)
        row = owner
    of_row[start] += length
    for column in settled:
        owner, far = row_at[column], distance[column]
        if owner is not None and far is not None:
            of_row[owner] += length - far
            of_column[column] -= length - far
    while at is not None:
        before = reached_from[at]
        row_at[at] = start if before is None else row_at[before]
        at = before
