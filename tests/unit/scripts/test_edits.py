"""Texts that are changed at places of their syntax tree."""

from __future__ import annotations

import ast

import pytest

from workbench.scripts.adopt.edits import Edit, Source, indented, with_arguments


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("f()", "f(k=1)"),
        ("f(a)", "f(a, k=1)"),
        ("f((a), b=(2)\n)", "f((a), b=(2), k=1\n)"),
        ("f(a,  # first\n  b=2,  # (last)\n)", "f(a,  # first\n  b=2, k=1,  # (last)\n)"),
        ("f(k=2)", "f(k=2)"),
        ("f('µ', g(3))", "f('µ', g(3), k=1)"),
    ],
)
def test_a_call_is_given_an_argument(call, expected):
    source = Source(call)
    node = source.tree.body[0].value
    text = source.edited(0, len(call), with_arguments(source, node, {"k": "1"}))
    assert text == expected
    ast.parse(text)


def test_lines_are_indented_but_not_those_of_texts():
    assert indented("a = '''x\ny'''\nif b:\n    c", "  ") == "  a = '''x\ny'''\n  if b:\n      c"


def test_a_statement_has_its_comments():
    source = Source("a = 1\n\n# why\n# so\nb = 2  # here\nc = 3; d = 4\n@e\ndef f(): pass\n")
    parts = [source.text[slice(*source.statement(n))] for n in source.tree.body]
    assert parts == ["a = 1", "# why\n# so\nb = 2  # here", "c = 3", "d = 4", "@e\ndef f(): pass"]


def test_changes_outside_of_a_part_are_not_made():
    source = Source("abc = 1\nd = 2\n")
    edits = [Edit(0, 3, "x"), Edit(8, 9, "y")]
    assert source.edited(8, 13, edits) == "y = 2"
    assert source.edited(0, 13, edits) == "x = 1\ny = 2"
