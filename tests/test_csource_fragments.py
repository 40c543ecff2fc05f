# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions of which only some lines are known."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.csource import syntax as c
from reviewbot.csource.assignment import definite_assignment
from reviewbot.csource.cfg import build_cfg, known
from reviewbot.csource.functions import Function
from reviewbot.csource.parse import Unit, parse
from reviewbot.csource.partial import introduced_locals
from reviewbot.model.tree import SourceFile

SLUICE = """\
static int set_level(struct pond *pond, int level)
{
	int tries = 5;
	int ret = 0;
	int raised;

	tries = pond_tries(pond);
	look(pond);
	/* one round for each try */
	while (tries) {
		if (signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		mutex_lock(&pond->lock);
		if (pond->level < level)
			raised = 1;
		ret = pond_store(pond, level);
		mutex_unlock(&pond->lock);
		if (!ret) {
			if (raised && pond_waiters(pond))
				pond_wake(pond);
			break;
		}
		if (pond_waiters(pond)) {
			ret = -EBUSY;
			continue;
		}
		drain(pond, GFP_KERNEL,
			DRAIN_SLOWLY);
		tries--;
	}
	return ret;
}

static int after_all(void)
{
	return 0;
}
"""
HEAD = "static int set_level(struct pond *pond, int level)"


def partly(text: str, *ranges: tuple[int, int], stripped: bool = False) -> SourceFile:
    """The file with only the lines of `ranges` known, as a mailer that eats white space would leave them if asked."""
    lines = text.split("\n")
    if stripped:
        lines = [" ".join(line.split()) for line in lines]
    shown = [line if any(a <= n <= b for a, b in ranges) else "" for n, line in enumerate(lines, 1)]
    data = "\n".join(shown).encode()
    return SourceFile("pond/sluice.c", data, f"{hash(data)}{ranges}", ranges)


def fragment(unit: Unit) -> Function:
    (function,) = [f for f in unit.functions if f.fragment]
    assert function.errors == 0
    return function


@pytest.mark.parametrize("stripped", [False, True])
def test_pieces_of_one_function_are_joined_by_gaps(stripped: bool) -> None:
    source = partly(SLUICE, (3, 6), (13, 18), (20, 29), stripped=stripped)
    function = fragment(parse(source, {3: HEAD, 13: HEAD, 20: HEAD}))
    assert (function.name, function.header_known, function.end_known) == ("set_level", False, False)
    assert function.known == ((3, 6), (13, 18), (20, 29))
    assert [v.name for v in function.locals] == ["tries", "ret", "raised"]
    assert len([gap for gap in function.gaps if not gap.cut]) == 4
    assert {c.line for c in function.calls if c.name == "pond_wake"} == {22}


@pytest.mark.parametrize("stripped", [False, True])
def test_a_name_that_unseen_code_cannot_know_is_unassigned_across_gaps(stripped: bool) -> None:
    source = partly(SLUICE, (3, 6), (13, 18), (20, 29), stripped=stripped)
    cfg = build_cfg(fragment(parse(source, {3: HEAD, 13: HEAD, 20: HEAD})))
    (found,) = definite_assignment(cfg, frozenset({"raised"}))
    assert (found.name, found.line) == ("raised", 21)
    assert {3, 16, 21} <= {cfg.nodes[n].line for n in found.path}
    assert definite_assignment(cfg) == ()


def test_names_are_introduced_if_the_file_did_not_mention_them_before() -> None:
    before = partly(SLUICE.replace("raised", "tries"), (3, 6), (13, 18))
    function = fragment(parse(partly(SLUICE, (3, 6), (13, 18)), {3: HEAD, 13: HEAD}))
    assert introduced_locals(function, before) == {"raised"}
    assert introduced_locals(function, None) == {"tries", "ret", "raised"}


def test_a_continue_without_its_loop_may_only_lead_into_unseen_code() -> None:
    cfg = build_cfg(fragment(parse(partly(SLUICE, (24, 30)), {24: HEAD})))
    (jump,) = [n for n in cfg.nodes if isinstance(n.stmt, c.Continue)]
    edges = cfg.successors(jump.id)
    assert edges
    assert all(not known(edge) and cfg.nodes[edge.target].kind == "gap" for edge in edges)


def test_a_loop_that_is_not_seen_to_end_may_go_round_in_unseen_code() -> None:
    cfg = build_cfg(fragment(parse(partly(SLUICE, (7, 12), (25, 28)), {7: HEAD, 25: HEAD})))
    (head,) = [n.id for n in cfg.nodes if isinstance(n.stmt, c.While) and n.kind == "join"]
    (jump,) = [n.id for n in cfg.nodes if isinstance(n.stmt, c.Continue)]
    assert cfg.reaches(jump, head)
    assert not any(known(edge) for edge in cfg.successors(jump))


def test_calls_cut_in_two_keep_what_is_seen_of_them() -> None:
    ends = fragment(parse(partly(SLUICE, (24, 29)), {24: HEAD}))
    assert [site.name for site in ends.calls] == ["pond_waiters", "drain"]
    begins = fragment(parse(partly(SLUICE, (30, 33)), {30: HEAD}))
    assert c.Name("DRAIN_SLOWLY") in begins.expressions
    assert begins.calls == ()


def test_whole_functions_and_objects_of_a_known_range_are_whole() -> None:
    source = partly("static DEFINE_MUTEX(m);\n" + SLUICE, (1, 1), (33, 40))
    unit = parse(source, {33: HEAD})
    shown = [(f.name, f.fragment, f.start_line) for f in unit.functions]
    assert shown == [("set_level", True, 33), ("after_all", False, 37)]
    assert fragment(unit).end_known
    assert [v.name for v in unit.globals] == ["m"]
    assert unit.errors == ()


def test_a_head_without_its_end_is_known_as_a_head() -> None:
    function = fragment(parse(partly(SLUICE, (1, 5))))
    assert (function.name, function.header_known, function.end_known) == ("set_level", True, False)
    assert [p.name for p in function.params] == ["pond", "level"]
    assert function.is_static


def test_a_range_that_begins_among_the_parameters_has_the_body_after_them() -> None:
    text = "int fill(struct pond *p,\n\tint level, char *by)\n{\n\tint x;\n\treturn level;\n}\n"
    function = fragment(parse(partly(text, (2, 6)), {2: "int fill(struct pond *p,"}))
    assert (function.name, [p.name for p in function.params]) == ("fill", ["level", "by"])
    assert (function.header_known, function.end_known) == (False, True)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("\t} else {\n\t\ta();\n\t}\n\tb();", {"a", "b"}),
        ("else\n\ta();\nb();", {"a", "b"}),
        ("} while (x);\na();", {"a"}),
        ("case 3:\n\ta();\n\tbreak;\ndefault:\n\tb();", {"a", "b"}),
        ("\t&& x) {\n\t\ta();\n\t}\n\tb();", {"a", "b"}),
        ("a rest of a comment */\n\ta();\n/* and the beginning\n", {"a"}),
        (" * a line inside of a comment\n", set()),
        ("\t\ti++) {\n\t\ta(i);\n\t}", {"a"}),
        ("\tif (a() &&", {"a"}),
        ("\tfor (a(); x;", {"a"}),
        ("\tret = a() |", {"a"}),
        ("\tif (a())", {"a"}),
        ("out:", set()),
        ("#endif\n\ta();\n#ifdef X\n", {"a"}),
        ("\tlist_for_each_entry(p, &q, r) {\n\t\ta();", {"a"}),
        ("\telse", set()),
        ("\t\ta();\n\telse {\n\t\tb();\n\t}", {"a", "b"}),
        ("\t\t| x))\n\t\ta();", {"a"}),
        ("\ta();\n\tdo {\n\t\tb();", {"a", "b"}),
        ("\ta(); // the end", {"a"}),
        ("\ta();\n#ifdef X", {"a"}),
        ("\tx = 1; \\\n} while (0)\n", set()),
        ("\t: a();", {"a"}),
    ],
)
def test_statements_cut_anywhere_are_read_as_far_as_they_are_seen(text: str, kinds: set[str]) -> None:
    lines = text.count("\n") + 1
    source = partly("\n" * 9 + text, (10, 9 + lines))
    unit = parse(source, {10: "void dig(int depth)"})
    names = {site.name for f in unit.functions for site in f.calls}
    assert names == kinds
    assert all(f.errors == 0 for f in unit.functions)


def test_a_hunk_is_not_joined_to_a_function_of_another_name() -> None:
    unit = parse(partly(SLUICE, (3, 6), (13, 18)), {3: HEAD, 13: "static int other(void)"})
    assert [f.name for f in unit.functions] == ["set_level", "other"]
    unit = parse(partly(SLUICE, (3, 6), (13, 18)))
    assert [f.name for f in unit.functions] == ["", ""]


def test_a_label_as_section_names_the_function_that_jumps_there() -> None:
    text = "void f(int a)\n{\n\tif (a)\n\t\tgoto out;\n\tx();\n\tx();\n\tx();\nout:\n\ty();\n\tz();\n\tw();\n}\n"
    unit = parse(partly(text, (1, 4), (10, 11)), {10: "out:"})
    assert fragment(unit).known == ((1, 4), (10, 11))
    unit = parse(partly(text, (1, 4), (10, 11)), {10: "elsewhere:"})
    assert [f.name for f in unit.functions] == ["f", ""]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=2, max_size=8, unique=True), st.booleans())
def test_any_choice_of_lines_gives_functions_without_errors_on_their_own_lines(cuts: list[int], stripped: bool) -> None:
    cuts = sorted(cuts)[: len(cuts) // 2 * 2]
    ranges = tuple(zip(cuts[::2], cuts[1::2], strict=True))
    source = partly(SLUICE, *ranges, stripped=stripped)
    unit = parse(source, dict.fromkeys((a for a, _ in ranges if a < 35), HEAD))
    lines = SLUICE.split("\n")
    for function in unit.functions:
        assert function.errors == 0
        cfg = build_cfg(function)
        assert cfg.reachable | set(cfg.dead) | {cfg.exit} == set(range(len(cfg.nodes)))
        for site in function.calls:
            assert re.search(rf"\b{site.name}\b", lines[site.line - 1])
