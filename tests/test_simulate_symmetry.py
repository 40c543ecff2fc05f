# SPDX-License-Identifier: GPL-2.0-or-later
"""Equal tasks: the search that stores their states once sees every real state, and finds what the full search finds."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from reviewbot.simulate.backends import Backend, Way
from reviewbot.simulate.choose import choose_source
from reviewbot.simulate.exploration import Exploration
from reviewbot.simulate.explore import Explorer
from reviewbot.simulate.likeness import find_symmetry
from reviewbot.simulate.native.client import explore_native
from reviewbot.simulate.run import run_scenario
from reviewbot.simulate.scenario import Scenario
from reviewbot.simulate.symmetry import NotSymmetricError, Symmetry
from reviewbot.simulate.trace import replay
from reviewbot.simulate.verdict import judge
from reviewbot.simulate.world import World
from tests.simulatekit import TextSnapshot, prepared, scenario
from tests.test_simulate_litmus import LITMUS

MOST = 100_000
EQUAL = [name for name, (tasks, *_) in LITMUS.items() if " x" in tasks]
PROPS = ("no-deadlock", "no-lost-wakeup", "no-livelock", "everybody-goes-on")
BY_NUMBER = (
    "static int n[4], next; static int left;\n"
    "void world_task(struct task_struct *task, void *group) { task->sim_flags = ++next << 8; }\n"
    "task a(void) { int i = current->sim_flags >> 8; n[i] = i; n[0] += n[1] > n[2] ? 1 : i;"
    " if (!left) left = i; }"
)
POLLS = (
    "static int go; static atomic_t n;\n"
    "task a(void) { while (!READ_ONCE(go)) msleep(1); atomic_inc(&n); }\n"
    "task b(void) { WRITE_ONCE(go, 1); if (atomic_read(&n)) WRITE_ONCE(go, 0); }"
)


def merged(case: Scenario, *, everything: bool = False, pays: int = 0) -> tuple[World, Exploration]:
    """Search a scenario with symmetry."""
    world, _ = prepared(case, everything=everything)
    few = Explorer(world.machine, world.initial, 20).explore()
    symmetry = find_symmetry(world, few.states)
    assert symmetry is not None
    symmetry.pays = pays
    return world, Explorer(world.machine, world.initial, MOST, look=False, symmetry=symmetry).explore()


def verdicts(world: World, seen: Exploration) -> set[tuple[str, str]]:
    """The verdict on each property."""
    return {(outcome.prop, outcome.verdict) for outcome in judge(world, seen, PROPS, frozenset())}


def assert_same(case: Scenario, *, everything: bool = False) -> tuple[Exploration, Exploration]:
    """Search with symmetry and without, from the same knowledge of what is shared; compare all that is real in both."""
    world, seen = merged(case, everything=everything)
    other, _ = prepared(case, everything=everything)
    other.machine.sharing.visible |= world.machine.sharing.visible
    other.machine.sharing.asked |= world.machine.sharing.asked
    other.machine.sharing.stacks = world.machine.sharing.stacks
    full = Explorer(other.machine, other.initial, MOST, look=False).explore()
    assert full.complete and seen.complete
    assert {seen.states[number] for number in seen.edges} == set(full.states)
    outcomes = [
        [(o.prop, o.verdict) for o in judge(w, s, PROPS, frozenset())] for w, s in ((world, seen), (other, full))
    ]
    assert sorted(outcomes[0]) == sorted(outcomes[1])
    assert {p: (f.preemptions, len(f.schedule)) for p, f in seen.found.items()} == {
        p: (f.preemptions, len(f.schedule)) for p, f in full.found.items()
    }
    assert (set(seen.cut), set(seen.unknown)) == (set(full.cut), set(full.unknown))
    for prop, found in seen.found.items():
        assert replay(world, found.schedule).violation in (None, (prop, found.text))
    return seen, full


def in_both(case: Scenario, *, everything: bool = False) -> tuple[Exploration, Exploration]:
    """Search with symmetry, by the interpreter and by the compiled explorer."""
    _, interpreted = merged(case, everything=everything)
    world, _ = prepared(case, everything=everything)
    few = Explorer(world.machine, world.initial, 20).explore()
    symmetry = find_symmetry(world, few.states)
    assert symmetry is not None
    symmetry.pays = 0
    return interpreted, explore_native(world, MOST, all_states=True, symmetry=symmetry)


def assert_same_in_c(one: Exploration, other: Exploration) -> None:
    """Compare everything that the two saw."""
    assert (len(one.states), one.transitions, one.expanded) == (len(other.states), other.transitions, other.expanded)
    assert one.edges == other.edges
    assert all(one.states[number] == other.states[number] for number in one.edges)
    assert (one.found, list(one.found), one.cut) == (other.found, list(other.found), other.cut)
    assert (one.unknown, one.too_big) == (other.unknown, other.too_big)
    assert dict(one.costs) == dict(other.costs)
    assert dict(one.came) == dict(other.came)


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("name", EQUAL)
def test_a_litmus_test_with_equal_tasks_gives_the_same_in_c(tmp_path: Path, name: str, everything: bool) -> None:
    tasks, text, _, _ = LITMUS[name]
    assert_same_in_c(*in_both(scenario(tmp_path, tasks, text), everything=everything))


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("name", EQUAL)
def test_a_litmus_test_with_equal_tasks_has_the_same_states_and_stores_fewer(
    tmp_path: Path, name: str, everything: bool
) -> None:
    tasks, text, _, _ = LITMUS[name]
    seen, full = assert_same(scenario(tmp_path, tasks, text), everything=everything)
    assert len(seen.states) < len(full.states)
    assert seen.transitions < full.transitions


def test_three_equal_tasks_are_nearly_six_times_fewer_states(tmp_path: Path) -> None:
    text = "static int n; static spinlock_t l;\ntask a(void) { n++; spin_lock(&l); n++; spin_unlock(&l); n++; }"
    seen, full = assert_same(scenario(tmp_path, "a() x3", text))
    assert len(seen.states) * 5 < len(full.states)


def test_tasks_that_their_numbers_tell_apart_are_not_taken_for_each_other(tmp_path: Path) -> None:
    seen, full = assert_same(scenario(tmp_path, "a() x3", BY_NUMBER))
    assert len(seen.states) <= len(full.states)
    assert seen.states.symmetry.tight  # type: ignore[attr-defined]


def test_cycles_are_judged_by_who_really_goes_round(tmp_path: Path) -> None:
    seen, _ = assert_same(scenario(tmp_path, "a() x2, b()", POLLS))
    assert "everybody-goes-on" in seen.found and "no-livelock" not in seen.found


def test_a_search_for_equal_tasks_that_soon_differ_is_given_up(tmp_path: Path) -> None:
    text = "static int n, first; static void *who; task a(void) { int i; for (i = 0; i < 20; i++) n++; }"
    order = "\nvoid world_task(struct task_struct *task, void *group) { task->sim_flags = ++first << 8; }"
    use = "\ntask b(void) { int i; for (i = 0; i < 20; i++) n += current->sim_flags; }"
    with pytest.raises(NotSymmetricError):
        merged(scenario(tmp_path, "b() x2, a()", text + order + use), pays=150)


@pytest.mark.parametrize("backend", ["python", "c", "auto"])
@pytest.mark.parametrize("text", ["static int n; task a(void) { int i; for (i = 0; i < 2; i++) n++; }", BY_NUMBER])
def test_every_backend_comes_to_the_outcomes_of_a_search_without(tmp_path: Path, backend: Backend, text: str) -> None:
    case = scenario(tmp_path, "a() x3", text, "no-deadlock, no-livelock")
    source = choose_source(case, TextSnapshot({}), ())
    assert not isinstance(source, str)
    runs = [run_scenario(case, source, set(), way=Way(backend, symmetric=on)) for on in (True, False)]
    reference = run_scenario(case, source, set(), way=Way("python", symmetric=True))
    assert [(o.prop, o.verdict) for o in runs[0].outcomes] == [(o.prop, o.verdict) for o in runs[1].outcomes]
    assert (runs[0].states, runs[0].transitions) == (reference.states, reference.transitions)
    assert runs[0].states <= runs[1].states


def test_what_has_too_many_states_is_searched_again_with_symmetry(tmp_path: Path) -> None:
    text = "static int n; task a(void) { n++; n++; }"
    case = scenario(tmp_path, "a() x3", text, more=" * states: 500\n")
    source = choose_source(case, TextSnapshot({}), ())
    assert not isinstance(source, str)
    runs = [run_scenario(case, source, set(), way=Way(symmetric=on)) for on in (False, None)]
    assert [run.outcomes[0].verdict for run in runs] == ["inconclusive", "holds"]
    assert runs[1].states < 500 and "every interleaving" in runs[1].bounds


def test_turning_a_state_twice_is_turning_it_by_the_product() -> None:
    symmetry = Symmetry([(0, 2, 3)], 4)
    base = 1 << 20
    assert symmetry.add(0, (base + 1, base + 2, base + 3)) and not symmetry.add(0, (base + 3, base + 4, base + 5))
    symmetry.settle()
    idle = ((), (), ())
    state = ((0, base + 2, 7, (base + 1, base + 3)), (idle, ((), (5,), ()), ((), (base + 3,), ()), idle, idle))
    for one in range(6):
        assert symmetry.turn(symmetry.inverse[one], symmetry.turn(one, state)) == state
        for other in range(6):
            turned = symmetry.turn(one, symmetry.turn(other, state))
            assert turned == symmetry.turn(symmetry.product[one][other], state)


STATEMENTS = (
    "n++;", "atomic_inc(&c);", "spin_lock(&l); n += 2; spin_unlock(&l);", "mutex_lock(&m); n--; mutex_unlock(&m);",
    "who = current;", "if (who == current) n = 5;", "mine[atomic_inc_return(&c) & 3]++;", "if (n > 1) return;",
    "{ DEFINE_WAIT(e); prepare_to_wait(&q, &e, 1); if (!n) schedule(); finish_wait(&q, &e); }", "wake_up(&q);",
    "{ int *p = kmalloc(sizeof(int), GFP_KERNEL); *p = n; n = *p; kfree(p); }", "assert_that(n != 3, \"not-three\");",
    "if (who) send_sig(SIGTERM, who, 0);", "n = choose(2);", "if (!last || current < last) last = current;",
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(
    some.lists(some.sampled_from(STATEMENTS), min_size=1, max_size=3),
    some.lists(some.sampled_from(STATEMENTS), max_size=2),
    some.integers(2, 3),
)
def test_any_equal_tasks_have_the_same_real_states(one: list[str], other: list[str], count: int) -> None:
    text = (
        "static int n, mine[4]; static atomic_t c; static spinlock_t l; static struct mutex m;"
        " static struct task_struct *who, *last; static wait_queue_head_t q;\n"
        f"task a(void) {{ {' '.join(one if count == 2 else one[:2])} }}\ntask b(void) {{ {' '.join(other)} }}"
    )
    with TemporaryDirectory() as folder:
        case = scenario(Path(folder), f"a() x{count}, b()", text)
        assert_same(case)
        assert_same_in_c(*in_both(case))
