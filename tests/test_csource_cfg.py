# SPDX-License-Identifier: GPL-2.0-or-later
"""Control-flow graphs of small functions."""

from __future__ import annotations

from itertools import pairwise

from reviewbot.csource import syntax as c
from reviewbot.csource.cfg import Cfg, build_cfg
from reviewbot.csource.parse import parse
from reviewbot.model.tree import SourceFile


def graph(body: str) -> Cfg:
    """The graph of a function whose first statement is on line 2."""
    data = f"int f(int a, int b)\n{{ {body} }}\n".encode()
    (function,) = parse(SourceFile("pond/gate.c", data, str(hash(data)))).functions
    return build_cfg(function)


def shown(cfg: Cfg) -> dict[str, int]:
    """Expression nodes by how a call in them is named."""
    found = {}
    for node in cfg.nodes:
        if isinstance(node.expr, c.Call) and isinstance(node.expr.function, c.Name):
            found[node.expr.function.name] = node.id
        elif isinstance(node.expr, c.Name):
            found[node.expr.name] = node.id
    return found


def flows(cfg: Cfg, a: str, b: str) -> list[str]:
    """Labels of the edges on a shortest way from one to the other."""
    at = shown(cfg)
    path = cfg.path(at[a], at[b])
    if path is None:
        return []
    pairs = pairwise(path)
    return [next(e.label for e in cfg.successors(x) if e.target == y) for x, y in pairs]


def test_short_circuits_are_conditions_of_their_own() -> None:
    cfg = graph("if (a && !b) x(); else y();")
    at = shown(cfg)
    assert cfg.nodes[at["a"]].kind == cfg.nodes[at["b"]].kind == "condition"
    assert flows(cfg, "a", "x") == ["true", "false"]
    assert flows(cfg, "a", "y") == ["false"]


def test_hints_are_taken_off_and_constants_decide() -> None:
    cfg = graph("if (unlikely(a)) x(); while (1) { y(); } z();")
    assert flows(cfg, "a", "x") == ["true"]
    assert shown(cfg)["z"] in cfg.dead


def test_continue_goes_to_the_step_and_break_behind_the_loop() -> None:
    cfg = graph("for (i(); a; s()) { if (b) continue; if (c) break; x(); } y();")
    assert flows(cfg, "b", "s")[0] == "true"
    assert cfg.reaches(shown(cfg)["c"], shown(cfg)["y"], avoiding=[shown(cfg)["a"]])
    (loop,) = cfg.loops
    assert {shown(cfg)[name] for name in "abcxs"} <= loop.body
    assert not {shown(cfg)[name] for name in "iy"} & loop.body


def test_continue_in_a_do_loop_goes_to_its_condition() -> None:
    cfg = graph("do { if (a) continue; x(); } while (b); y();")
    assert cfg.reaches(shown(cfg)["a"], shown(cfg)["b"], avoiding=[shown(cfg)["x"]])


def test_cases_fall_through_and_a_switch_without_default_may_be_skipped() -> None:
    cfg = graph("switch (a) { case 1: x(); case 2: y(); break; case 3 ... 5: z(); } w();")
    assert flows(cfg, "x", "y") == ["fallthrough", "next"]
    assert flows(cfg, "a", "w") == ["default"]
    assert not cfg.reaches(shown(cfg)["y"], shown(cfg)["z"])
    values = [(e.value, e.high) for e in cfg.successors(shown(cfg)["a"]) if e.label == "case"]
    assert values[2] == (c.Number("3", 3), c.Number("5", 5))


def test_goto_reaches_its_label_forwards_and_backwards() -> None:
    cfg = graph("again: x(); if (a) goto out; if (b) goto again; y(); out: z();")
    assert "goto" in flows(cfg, "a", "z")
    assert not cfg.reaches(shown(cfg)["a"], shown(cfg)["y"], avoiding=[shown(cfg)["b"]])
    assert len(cfg.loops) == 1


def test_a_macro_that_is_given_a_label_may_jump_there() -> None:
    cfg = graph("unsafe_put_user(a, b, fault); x(); return 0; fault: y();")
    assert flows(cfg, "unsafe_put_user", "y")[0] == "goto"


def test_nothing_follows_a_bug_and_a_failed_assertion() -> None:
    cfg = graph("BUG_ON(!a); x(); if (b) BUG(); y();")
    assert flows(cfg, "a", "x") == ["true"]
    assert cfg.successors(shown(cfg)["BUG"]) == ()


def test_guards_are_released_on_every_way_out_of_their_block() -> None:
    cfg = graph("{ guard(mutex)(&lock); if (a) return 1; if (b) goto out; x(); } out: y();")
    released = [node.id for node in cfg.nodes if node.kind == "unguard"]
    assert len(released) == 3
    assert not cfg.reaches(shown(cfg)["a"], cfg.exit, avoiding=released)


def test_both_branches_of_a_preprocessor_choice_lead_on() -> None:
    cfg = graph("\n#ifdef A\nx();\n#else\ny();\n#endif\nz();")
    at = shown(cfg)
    assert cfg.reaches(at["x"], at["z"])
    assert cfg.reaches(at["y"], at["z"])
    assert not cfg.reaches(at["x"], at["y"])


def test_statement_expressions_run_before_what_uses_them() -> None:
    cfg = graph("use(({ if (a) x(); b; })); if (a && ({ y(); c; })) z();")
    assert cfg.dominates(shown(cfg)["b"], shown(cfg)["use"])
    assert not cfg.dominates(shown(cfg)["y"], cfg.exit)


def test_an_iterator_may_have_no_round() -> None:
    cfg = graph("list_for_each_entry(p, &head, link) { if (a) break; x(); } y();")
    assert not cfg.dominates(shown(cfg)["x"], shown(cfg)["y"])
    assert len(cfg.loops) == 1


def test_every_node_is_reachable_or_reported_dead() -> None:
    cfg = graph("return 1; x(); while (a) { break; y(); } goto out; z(); out: w();")
    assert cfg.reachable | set(cfg.dead) | {cfg.exit} == set(range(len(cfg.nodes)))
    assert {shown(cfg)[name] for name in ("x", "y", "z")} <= set(cfg.dead)
