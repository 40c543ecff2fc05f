# SPDX-License-Identifier: GPL-2.0-or-later
"""The mask: what it makes of macros, what it keeps, and what hostile text cannot do to the front end."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.csource.cfg import build_cfg
from reviewbot.csource.events import events
from reviewbot.csource.mask import mask
from reviewbot.csource.parse import parse
from reviewbot.model.tree import SourceFile


def several(text: str, between: str | None = None) -> list[str]:
    """The parts of a text, one after the other."""
    return text.split(between)


WORDS = st.sampled_from(
    [
        *several("if else while for_each_gate list_for_each_entry switch case default: struct gate int x goto return"),
        *several(
            "DEFINE_MUTEX( SYSCALL_DEFINE2( container_of( __init __must_check noinline typeof( sizeof( asm guard("
        ),
        *several("{ } ( ) ; , * & ... #if #ifdef #else #endif #define \\ /* */ // ' = -> [ ] ? : && || &&out STATIC"),
        *several("volatile static __free(kfree) 'a' 0x1f"),
        *('"', "\n", "\t"),
    ]
)
TEXTS = st.one_of(st.binary(max_size=300), st.lists(WORDS, max_size=80).map(lambda words: " ".join(words).encode()))


def masked(text: str) -> str:
    return mask(text.encode()).text.decode()


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_length_and_line_ends_stay(data: bytes) -> None:
    text = mask(data).text
    assert len(text) == len(data)
    assert [i for i, byte in enumerate(text) if byte == 10] == [i for i, byte in enumerate(data) if byte == 10]


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.booleans())
def test_any_text_is_read_to_the_end(data: bytes, partly: bool) -> None:
    lines = data.count(b"\n") + 1
    source = SourceFile("x.c", data, f"{hash(data)}{partly}", ((1, lines),) if partly else None)
    unit = parse(source)
    _ = (unit.globals, unit.structs, unit.constants, unit.errors, unit.macros)
    for function in unit.functions:
        cfg = build_cfg(function)
        assert all(isinstance(events(cfg, node.id), tuple) for node in cfg.nodes)
        assert cfg.reachable | set(cfg.dead) | {cfg.exit} == set(range(len(cfg.nodes)))


ODDITIES = [
    *several("( { [ * ! ({ ' \" /* f( } ) ="),
    *several("if (x) |else if (x) y;|x + |a ? b : |struct s {|case 1:|for (;;) {|x = {|do {|static |a, |label: ", "|"),
    *several("SYSCALL_DEFINE3(|for_each_x(y) {|unsigned long |a b |return |f(struct x *, |#if X\n|#endif\n", "|"),
    *("#if X\n}\n#else\n{\n", "\\\n", "* a\n", "&& x "),
]


@pytest.mark.parametrize("unit", ODDITIES)
@pytest.mark.parametrize("partly", [False, True])
def test_a_long_repetition_neither_fails_nor_takes_long(unit: str, partly: bool) -> None:
    data = ("int f(int a)\n{\n" + unit * (8_000 // len(unit))).encode()
    source = SourceFile("x.c", data, f"{unit}{partly}", ((2, data.count(b"\n") + 1),) if partly else None)
    start = time.process_time()
    found = parse(source)
    for function in found.functions:
        build_cfg(function)
    _ = (found.errors, found.globals)
    assert time.process_time() - start < 5


def test_annotations_become_blanks() -> None:
    shown = masked("static int __init f(char __user *p) __must_hold(&l);")
    assert " ".join(shown.split()) == "static int f(char *p) ;"
    assert masked("STATIC int\nf(void)").split() == ["int", "f(void)"]
    assert masked("int __odd_thing f(void);").split() == ["int", "f(void);"]


def test_types_that_look_like_annotations_stay() -> None:
    text = "__u32 f(__be16 x, struct __gate *y);"
    assert masked(text) == text


def test_comments_and_literals_are_emptied() -> None:
    assert masked("x = \"a { b\"; /* } */ y = '{'; // {") == "x = \"     \";         y = '0';     "


def test_what_is_left_out_is_noted_with_its_line() -> None:
    notes = mask(b"int a;\nMODULE_THING(x)\nint f(void)\n{\n\tD1(if (x) y(););\n}\n").notes
    assert [(note.line, note.what.split("(")[0]) for note in notes] == [(2, "MODULE_THING"), (5, "D1")]
