# SPDX-License-Identifier: GPL-2.0-or-later
"""Definite assignment and what facts along paths rule out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.csource import ranges
from reviewbot.csource.assignment import definite_assignment
from reviewbot.csource.cfg import Cfg, build_cfg
from reviewbot.csource.parse import parse
from reviewbot.csource.paths import feasible_path
from reviewbot.model.tree import SourceFile


def graph(body: str, before: str = "") -> Cfg:
    data = f"{before}int f(int a, struct pond *p)\n{{\n{body}\n}}\n".encode()
    unit = parse(SourceFile("pond/gate.c", data, str(hash(data))))
    assert unit.errors == ()
    return build_cfg(unit.functions[-1])


def unset(body: str, before: str = "") -> list[str]:
    return [found.name for found in definite_assignment(graph(body, before))]


@pytest.mark.parametrize(
    "body",
    [
        "int x; return x;",
        "int x; if (a) x = 1; return x;",
        "int x; if (a) x = 1; if (!a) return x; return 0;",
        "int x; for (;;) { if (a) break; x = 1; } return x;",
        "int x; switch (a) { case 1: x = 1; break; default: break; } return x;",
        "int x; x += a; return a;",
        "int x; goto out; x = 1; out: return x;",
        "int x, y = x + 1; return y;",
        "struct pond *q; if (a) q = p; return q->depth;",
        "int x; if (a) x = 1; a = 0; g(); if (!p) return x; return 0;",
    ],
)
def test_a_read_before_any_assignment_is_found(body: str) -> None:
    assert set(unset(body)) in ({"x"}, {"q"})


@pytest.mark.parametrize(
    "body",
    [
        "int x; x = a; return x;",
        "int x; fill(&x); return x;",
        "int x; if (a) x = 1; else return 0; return x;",
        "int x; if (a) x = 1; h(); if (a) return x; return 0;",
        "int x; if (a > 3) x = 1; if (a == 4) return x; return 0;",
        "int x; if (p) x = 1; if (!p) return 0; return x;",
        "int x; int r = -EINVAL; if (a) { x = 1; r = 0; } if (r) return r; return x;",
        "int x; if (p->deep) x = 1; look(p); if (p->deep) return x; return 0;",
        "int x; if (is_deep(p)) x = 1; if (is_deep(p)) return x; return 0;",
        "int x; BUG_ON(!a); if (a) x = 1; return x;",
        "int x; switch (a) { case 1: x = 1; break; default: BUG(); } return x;",
        "unsigned long flags; spin_lock_irqsave(&p->lock, flags); spin_unlock_irqrestore(&p->lock, flags);",
        "int x; list_for_each_entry(q, &p->list, x) look(q);",
        "struct pond *q; q = kzalloc(sizeof(*q), GFP_KERNEL); return !q;",
        "struct pond *q; long n = POND_CHUNKSIZEOF(*q); q = kzalloc(n, GFP_KERNEL); return !q;",
        "struct pond *q = container_of(p, struct pond, q); return 0;",
        "int x[3]; return x[0];",
        "nodemask_t mask; nodes_clear(mask); return look(&mask);",
        "int x; return a && ({ x = 1; x; });",
        "int x = x; return x;",
        "int x;\n#ifdef DEEP\nx = 1;\n#endif\na = 2;\n#ifdef DEEP\nreturn x;\n#endif\nreturn 0;",
        "int x;\n#if defined(DEEP)\nx = 1;\n#else\nreturn 0;\n#endif\nreturn x;",
        "struct pond q; int i; for (i = 0; i < 3; i++) q.depth[i] = i; look(&q); return 0;",
        "struct item *x; trace_assign_type(x, p); return x->y;",
    ],
)
def test_an_assignment_on_every_way_that_can_be_taken_is_enough(body: str) -> None:
    assert unset(body) == []


def test_a_macro_of_the_file_may_assign_what_it_is_given_by_name() -> None:
    body = "int flags; trylock_prepare(flags); return flags;"
    assert unset(body) == ["flags"]
    assert unset(body, "#define trylock_prepare(f) do { (f) = 1; } while (0)\n") == []


def test_a_macro_of_the_file_may_assign_what_its_body_names() -> None:
    body = "int ret; define_field(a); return ret;"
    assert unset(body) == ["ret"]
    assert unset(body, "#define define_field(f) ret = trace_field(f)\n") == []


def test_the_witness_says_when_it_needs_an_empty_loop_or_an_unlisted_value() -> None:
    (found,) = definite_assignment(graph("int x; for (i = 0; i < a; i++) x = i; return x;"))
    assert found.empty_loop
    (found,) = definite_assignment(graph("int x; switch (a) { case 1: x = 1; break; case 2: x = 2; break; } return x;"))
    assert (found.empty_loop, found.skipped_switch) == (False, True)


def node(cfg: Cfg, name: str) -> int:
    return next(
        n.id for n in cfg.nodes if n.expr is not None and f"name='{name}'" in repr(n.expr) and "Call" in repr(n.expr)
    )


def test_correlated_conditions_leave_no_way_that_skips_the_unlock() -> None:
    cfg = graph("if (p) lock(); work(); if (p) unlock(); return 0;")
    assert feasible_path(cfg, node(cfg, "lock"), [cfg.exit], avoiding=[node(cfg, "unlock")]) is None
    cfg = graph("if (p) lock(); p = next(); if (p) unlock(); return 0;")
    assert feasible_path(cfg, node(cfg, "lock"), [cfg.exit], avoiding=[node(cfg, "unlock")]) is not None


def test_a_value_may_be_one_of_a_few_constants() -> None:
    body = "if (a) { m = M_HALF; lock(); } else if (p) { m = M_FULL; lock(); } else { m = M_FREE; }"
    cfg = graph(f"int m; {body} if (m == M_HALF) unlock(); else if (m == M_FULL) unlock(); return 0;")
    unlocks = [n.id for n in cfg.nodes if n.expr is not None and "'unlock'" in repr(n.expr)]
    assert feasible_path(cfg, node(cfg, "lock"), [cfg.exit], avoiding=unlocks) is None


def test_what_a_call_may_change_is_forgotten() -> None:
    cfg = graph("if (p->on) lock(); work(); if (p->on) unlock(); return 0;")
    assert feasible_path(cfg, node(cfg, "lock"), [cfg.exit], avoiding=[node(cfg, "unlock")]) is not None
    cfg = graph("if (p->on) lock(); a = 1; if (p->on) unlock(); return 0;")
    way = feasible_path(cfg, node(cfg, "lock"), [cfg.exit], avoiding=[node(cfg, "unlock")])
    # lock() itself is such a call
    assert way is not None


@st.composite
def values(draw: st.DrawFn) -> ranges.Range:
    low = draw(st.none() | st.integers(-3, 3))
    high = draw(st.none() | st.integers(-3, 3))
    no = frozenset(draw(st.lists(st.integers(-3, 3), max_size=2)))
    return ranges.Range(low, high, no, draw(st.none() | st.frozensets(st.integers(-3, 3), min_size=1, max_size=3)))


def holds(range_: ranges.Range, number: int) -> bool:
    above = range_.low is None or number >= range_.low
    below = range_.high is None or number <= range_.high
    return above and below and number not in range_.no and (range_.points is None or number in range_.points)


@given(values(), values(), st.integers(-5, 5))
def test_ranges_lose_no_value_when_they_meet_or_join(a: ranges.Range, b: ranges.Range, number: int) -> None:
    met = ranges.meet(a, b)
    if holds(a, number) and holds(b, number):
        assert met is not None
        assert holds(met, number)
    if holds(a, number) or holds(b, number):
        assert holds(ranges.join(a, b), number)


@given(values(), st.integers(-5, 5))
def test_sign_and_zero_are_only_told_when_every_value_has_them(a: ranges.Range, number: int) -> None:
    if holds(a, number):
        assert a.zero in (None, number == 0)
        assert a.negative in (None, number < 0)
