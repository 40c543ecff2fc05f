# SPDX-License-Identifier: GPL-2.0-or-later
"""Parsing kernel C: what the front end makes of functions, declarations and macros."""

from __future__ import annotations

from reviewbot.csource import syntax as c
from reviewbot.csource.parse import Unit, parse
from reviewbot.model.tree import SourceFile


def unit(text: str) -> Unit:
    data = text.encode()
    return parse(SourceFile("pond/gate.c", data, str(hash(data))))


def body(text: str) -> tuple[c.Stmt, ...]:
    return unit(f"void f(void)\n{{\n{text}\n}}\n").functions[0].body.body


def expr(text: str) -> c.Expr:
    (stmt,) = body(f"x = {text};")
    assert isinstance(stmt, c.ExprStmt)
    assert isinstance(stmt.expr, c.Assign)
    return stmt.expr.value


def test_a_function_has_its_name_lines_parameters_and_locals() -> None:
    (function,) = unit(
        "/* first */\nstatic struct pond *dig(int depth, char **names)\n{\n\tint i, *p = 0;\n}\n"
    ).functions
    assert (function.name, function.start_line, function.end_line) == ("dig", 2, 5)
    assert function.is_static
    assert function.returns == c.CType("struct pond", 1)
    assert [(p.name, str(p.type)) for p in function.params] == [("depth", "int"), ("names", "char **")]
    assert [(v.name, v.type.pointers, v.init) for v in function.locals] == [("i", 0, None), ("p", 1, c.Number("0", 0))]


def test_a_postfix_decrement_binds_tighter_than_not() -> None:
    assert expr("!tries--") == c.Unary("!", c.Update("--", False, c.Name("tries")))
    assert expr("-a->b++") == c.Unary("-", c.Update("++", False, c.Member(c.Name("a"), "b", True)))


def test_a_sign_is_an_operator_and_no_part_of_a_number() -> None:
    assert expr("-1L") == c.Unary("-", c.Number("1L", 1))
    assert expr("depth -1") == c.Binary("-", c.Name("depth"), c.Number("1", 1))


def test_inline_assembly_has_outputs_and_inputs() -> None:
    text = (
        'register long r0 __asm__("r0") = 1; __asm__ volatile("x %[cc]" : [cc] "=r" (cc), "+m" (m) : "r" (r0) : "cc");'
    )
    declared, asm = body(text)
    assert isinstance(declared, c.Declare)
    assert isinstance(asm, c.Asm)
    assert (asm.outputs, asm.inputs) == ((c.Name("cc"), c.Name("m")), (c.Name("r0"),))


def test_a_cast_of_a_scalar_type_name_is_no_call_and_no_subtraction() -> None:
    assert expr("(u64)(depth)") == c.Cast(c.CType("u64"), c.Name("depth"))
    assert expr("(u64)-1") == c.Cast(c.CType("u64"), c.Unary("-", c.Number("1", 1)))
    assert expr("(depth)-1") == c.Binary("-", c.Name("depth"), c.Number("1", 1))


def test_types_as_macro_arguments_are_types() -> None:
    assert expr("container_of(node, struct pond, link)") == c.Call(
        c.Name("container_of"), (c.Name("node"), c.TypeArg(c.CType("struct pond")), c.Name("link"))
    )


def test_an_iterator_macro_keeps_its_name_arguments_and_body() -> None:
    (loop,) = body("list_for_each_entry(p, &ponds, link) { if (p->dry) continue; drain(p); }")
    assert isinstance(loop, c.ForEach)
    assert loop.macro == "list_for_each_entry"
    assert loop.args[1] == c.Unary("&", c.Name("ponds"))
    (single,) = body("for_each_online_gate(g)\n\topen_gate(g);")
    assert isinstance(single, c.ForEach)
    assert single.body == c.ExprStmt(c.Call(c.Name("open_gate"), (c.Name("g"),)))


def test_a_system_call_macro_is_a_function_with_typed_parameters() -> None:
    (function,) = unit("SYSCALL_DEFINE2(drain, unsigned int, fd, char __user *, name)\n{\n\treturn 0;\n}\n").functions
    assert (function.name, function.macro) == ("drain", "SYSCALL_DEFINE2")
    assert [(p.name, str(p.type)) for p in function.params] == [("fd", "unsigned int"), ("name", "char *")]


def test_macro_declared_objects_are_variables() -> None:
    found = unit("static DEFINE_MUTEX(gate_lock);\nDECLARE_WAIT_QUEUE_HEAD(waiters);\nstatic int open = 1;\n").globals
    assert [(v.name, str(v.type), v.storage) for v in found] == [
        ("gate_lock", "struct mutex", ("static",)),
        ("waiters", "wait_queue_head_t", ()),
        ("open", "int", ("static",)),
    ]
    (declared,) = body("DEFINE_WAIT(wait);")
    assert isinstance(declared, c.Declare)
    assert declared.variables[0].macro == "DEFINE_WAIT"


def test_both_branches_of_a_conditional_are_kept_apart() -> None:
    (choice,) = body("#ifdef CONFIG_POND\n\ta();\n#else\n\tb();\n#endif")
    assert isinstance(choice, c.Choice)
    assert choice.conditions == ("#ifdef CONFIG_POND", "#else")
    assert [len(branch.body) for branch in choice.branches] == [1, 1]


def test_a_branch_that_cuts_a_statement_in_two_leaves_the_first_one_and_a_note() -> None:
    found = unit("int f(int a)\n{\n#ifdef X\n\tif (a) {\n#else\n\tif (!a) {\n#endif\n\t\tg();\n\t}\n\treturn 0;\n}\n")
    assert found.errors == ()
    assert [note.line for note in found.masked.notes] == [3]
    first = found.functions[0].body.body[0]
    assert isinstance(first, c.If)
    assert first.cond == c.Name("a")


def test_structures_know_their_fields_widths_and_anonymous_parts() -> None:
    structs = unit("struct pond { int deep:3, wide:2; union { u64 all; }; DECLARE_BITMAP(fish, 8); };\n").structs
    assert [(f.name, f.bits) for f in structs["pond"].fields] == [("deep", 3), ("wide", 2), ("", None), ("fish", None)]
    anonymous = structs["pond"].fields[2].type.struct
    assert anonymous is not None
    assert [f.name for f in structs[anonymous].fields] == ["all"]


def test_constants_follow_from_macros_and_enumerations() -> None:
    found = unit("#define DEPTH 4\n#define AREA (DEPTH * DEPTH | BIT(1))\nenum { SHUT, AJAR = DEPTH, OPEN };\n")
    assert dict(found.constants) == {"DEPTH": 4, "AREA": 18, "SHUT": 0, "AJAR": 4, "OPEN": 5}


def test_what_cannot_be_parsed_is_counted_with_its_line() -> None:
    found = unit("int a(void)\n{\n\treturn 0;\n}\n\nint b(void)\n{\n\tx = = 3 4;\n}\n")
    assert [(e.line, e.function) for e in found.errors] == [(8, "b")]
    assert [(f.name, f.errors > 0) for f in found.functions] == [("a", False), ("b", True)]


def test_guards_ranges_and_fallthrough_have_their_own_statements() -> None:
    assert body("guard(mutex)(&gate_lock);") == (c.Guard("mutex", (c.Unary("&", c.Name("gate_lock")),)),)
    (scoped,) = body("scoped_guard(spinlock, &gate_lock) x++;")
    assert isinstance(scoped, c.ScopedGuard)
    (switch,) = body("switch (x) { case 1 ... 3: y(); fallthrough; default: break; }")
    assert isinstance(switch, c.Switch)
    assert isinstance(switch.body, c.Block)
    assert [type(s).__name__ for s in switch.body.body] == ["Case", "ExprStmt", "Fallthrough", "Case", "Break"]
    assert switch.body.body[0] == c.Case(c.Number("1", 1), c.Number("3", 3))


def test_the_same_file_is_parsed_once() -> None:
    source = SourceFile("a.c", b"int f(void) { return 1; }\n", "one key")
    assert parse(source) is parse(source)


def test_each_variable_of_a_declaration_has_its_own_cleanup() -> None:
    (stmt,) = body("char *p __free(kfree) = NULL, *name, *q __cleanup(drop) = 0;")
    assert isinstance(stmt, c.Declare)
    assert [(v.name, v.cleanup) for v in stmt.variables] == [("p", "kfree"), ("name", None), ("q", "drop")]


def test_a_call_with_an_indented_statement_below_it_is_a_loop() -> None:
    (loop, call) = body("\twalk_all(box, lid)\n\t\tclose(lid);\n\topen(box);")
    assert isinstance(loop, c.ForEach)
    assert isinstance(call, c.ExprStmt)


def test_a_macro_without_a_semicolon_is_no_loop_when_nothing_is_indented_below_it() -> None:
    statements = body("\tWALK_ALL(box, lid)\n\tclose(lid);")
    assert not any(isinstance(stmt, c.ForEach) for stmt in statements)
