# SPDX-License-Identifier: GPL-2.0-or-later
"""Planting defects of values and waiting: errors, pointers, bounds, flags, wake-ups."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bench.mutate.lines import ALLOCATES, LEAVES, Body, Plant


def dropped_error_code(body: Body) -> Iterator[Plant]:
    """A failure jumps out with no error set."""
    for at, match in body.find(r"(ret|err|error|rc|retval|result) = -E\w+;"):
        returned = re.search(rf"return (?:\w+ \? )?{match[1]}\b", body.text)
        if returned and body.line(at + 1).strip().startswith("goto ") and body.line(at - 1).rstrip().endswith("{"):
            yield body.plant("dropped-error-code", at, at)


def dropped_null_check(body: Body) -> Iterator[Plant]:
    """What was allocated is used without a look."""
    for at, match in body.find(r"if \(!(\w+)\)"):
        above = " ".join(body.lines[max(0, at - 3) : at])
        got = re.search(rf"\b{match[1]} = (?:{ALLOCATES})\(", above)
        used = re.search(rf"\b{match[1]}->", "\n".join(body.lines[at + 2 : at + 12]))
        if got and used and LEAVES.fullmatch(body.line(at + 1)):
            yield body.plant("dropped-null-check", at, at + 1)


def late_null_check(body: Body) -> Iterator[Plant]:
    """A pointer is used, and then asked whether it is NULL; a field's address is no use."""
    for at, match in body.find(r"if \(!(\w+)\)"):
        use = body.line(at + 2) or body.line(at + 3)
        blank = not body.line(at + 2).strip()
        use = body.line(at + 3) if blank else body.line(at + 2)
        if (
            LEAVES.fullmatch(body.line(at + 1))
            and re.fullmatch(rf"\s*[\w>.-]+ = [^;&]*\b{match[1]}->\w+[^;]*;", use)
            and body.alone(at)
        ):
            yield body.plant("late-null-check", at, at + 2 + blank, use, body.lines[at], body.lines[at + 1])


def wrong_error_test(body: Body) -> Iterator[Plant]:
    """An error pointer is tested for NULL."""
    for at, match in body.find(r"if \(IS_ERR\((\w+)\)\)( \{)?"):
        got = re.search(rf"\b{match[1]} = (\w+)\(", " ".join(body.lines[max(0, at - 3) : at]))
        if got and got[1] not in ("ERR_PTR", "ERR_CAST"):
            yield body.plant("wrong-error-test", at, at, f"{body.indent(at)}if (!{match[1]}){match[2] or ''}")


def dropped_initialiser(body: Body) -> Iterator[Plant]:
    """A variable that only some ways set has no value on the others."""
    for at, match in body.find(r"((?:int|long|bool|unsigned long|ssize_t|unsigned int) )(\w+) = [^;,]*;"):
        name = match[2]
        own = re.compile(rf"(?<![\w>.]){name} (?:[-+|&]?=)[^=]|&{name}\b|{name}(?:\+\+|--)|(?:\+\+|--){name}")
        sets = [k for k, line in enumerate(body.lines) if k > at and own.search(line)]
        reads = re.search(rf"\n\treturn {name};", body.text)
        if reads and sets and all(body.indent(k).count("\t") > 1 for k in sets):
            yield body.plant("dropped-initialiser", at, at, f"{body.indent(at)}{match[1]}{name};")


def unsigned_result(body: Body) -> Iterator[Plant]:
    """A variable that is asked whether it is negative cannot be."""
    for at, match in body.find(r"(?:int|long|ssize_t) (ret|err|error|rc|n|len|res|nr)( = 0)?;"):
        if re.search(rf"\b{match[1]} < 0\b", body.text):
            yield body.plant("unsigned-result", at, at, f"{body.indent(at)}unsigned int {match[1]}{match[2] or ''};")


def off_by_one(body: Body) -> Iterator[Plant]:
    """A loop over an array takes one round too many."""
    for at, line in enumerate(body.lines):
        match = re.search(r"for \(\w+ = 0; (\w+) < ARRAY_SIZE\((\w+)\);", line)
        if match and f"{match[2]}[{match[1]}]" in body.text:
            yield body.plant("off-by-one", at, at, line.replace(" < ARRAY_SIZE", " <= ARRAY_SIZE", 1))


def size_of_pointer(body: Body) -> Iterator[Plant]:
    """Memory for a pointer is taken where that for an object is meant."""
    for at, line in enumerate(body.lines):
        match = re.search(rf"\b(\w+) = (?:{ALLOCATES})\(.*sizeof\(\*(\w+)\)|memset\((\w+), 0, sizeof\(\*(\w+)\)", line)
        name = match and (match[1] or match[3])
        # the size of a pointer to a pointer is that of what it points to
        deep = any(v.name == name and v.type.pointers > 1 for v in (*body.function.locals, *body.function.params))
        if match and name == (match[2] or match[4]) and not deep:
            yield body.plant("size-of-pointer", at, at, line.replace("sizeof(*", "sizeof(", 1))


def unsafe_iteration(body: Body) -> Iterator[Plant]:
    """A list is walked by elements that are freed on the way."""
    for at, match in body.find(r"list_for_each_entry_safe\((\w+), \w+, ([^,()]+(?:\(.*\))?), (\w+)\) \{"):
        inside = "\n".join(body.lines[at + 1 : at + 14])
        gone = re.search(rf"(?:kfree|list_del\w*|list_move\w*)\(&?{match[1]}\b", inside)
        if gone and "break;" not in inside and "return" not in inside:
            head = f"{body.indent(at)}list_for_each_entry({match[1]}, {match[2]}, {match[3]}) {{"
            yield body.plant("unsafe-iteration", at, at, head)


def dropped_break(body: Body) -> Iterator[Plant]:
    """A case runs on into the next."""
    for at, _ in body.find(r"break;"):
        falls = re.match(r"\s*case .*:$", body.line(at + 1)) and body.line(at - 1).rstrip().endswith(";")
        if falls and body.indent(at) == body.indent(at + 1) + "\t":
            yield body.plant("dropped-break", at, at)


def copied_field(body: Body) -> Iterator[Plant]:
    """The second of two lines alike copies the field of the first."""
    pattern = r"(\w+)(->|\.)(\w+) = (\w+)(->|\.)(\w+);"
    for at, match in body.find(pattern):
        other = re.fullmatch(rf"\s*{pattern}\s*", body.line(at + 1))
        alike = other and (other[1], other[4], other[5]) == (match[1], match[4], match[5])
        if alike and other and other[3] == other[6] and match[3] == match[6] and other[6] != match[6]:
            line = body.lines[at + 1].replace(f"{other[5]}{other[6]};", f"{other[5]}{match[6]};")
            yield body.plant("copied-field", at + 1, at + 1, line)


def dropped_wake(body: Body) -> Iterator[Plant]:
    """What sleepers wait for changes, and they are not told."""
    for at, match in body.find(r"wake_up\w*\((&?[\w>.-]+)\);"):
        if body.alone(at) and not match[1].startswith("wake_up_process") and body.line(at - 1).rstrip().endswith(";"):
            yield body.plant("dropped-wake", at, at)


def dropped_state(body: Body) -> Iterator[Plant]:
    """A task calls schedule() and runs on."""
    for at, _ in body.find(r"_?_?set_current_state\(TASK_(?:UN)?INTERRUPTIBLE\);"):
        if any("schedule" in line and "(" in line for line in body.lines[at + 1 : at + 4]) and body.alone(at):
            yield body.plant("dropped-state", at, at)


def dropped_advance(body: Body) -> Iterator[Plant]:
    """A loop does not get any nearer to its end."""
    for at, match in body.find(r"while \((\w+)(?: [<>!]=? \w+)?\) \{"):
        name = match[1]
        steps = [k for k, _ in body.find(rf"{name}(?:\+\+|--| [-+]= [^;]*| = {name}->\w+);|(?:\+\+|--){name};")]
        inside = [k for k in steps if k > at and body.indent(k) == body.indent(at) + "\t"]
        if len(inside) == 1 and len(steps) == 1 and body.alone(inside[0]):
            yield body.plant("dropped-advance", inside[0], inside[0])


def reset_counter(body: Body) -> Iterator[Plant]:
    """A count that others take part in is set to nothing."""
    for at, match in body.find(r"atomic(?:_long)?_dec\((&[\w>.-]+)\);"):
        line = body.lines[at].replace("_dec(", "_set(").replace(f"{match[1]})", f"{match[1]}, 0)")
        yield body.plant("reset-counter", at, at, line)


PLANTERS = (
    dropped_error_code, dropped_null_check, late_null_check, wrong_error_test, dropped_initialiser, unsigned_result,
    off_by_one, size_of_pointer, unsafe_iteration, dropped_break, copied_field, dropped_wake, dropped_state,
    dropped_advance, reset_counter,
)  # fmt: skip
