"""What a script says of its numbers: names that it assigns once to a number, with or without unit.

Read from the source; nothing is run.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType


@dataclass(frozen=True)
class Literal:
    """``tau = 20*ms  # membrane``: a name, its number, unit and comment.

    unit : as the script spells it, without the name of a package: "ms", "uF/cm**2"; "1" for none
    read : lines that use the name, other than as the duration of a run
    """

    name: str
    number: float | int
    unit: str
    line: int
    comment: str
    read: tuple[int, ...]


def literals(source: str | bytes) -> dict[str, Literal]:
    """Names that are assigned exactly once in the whole script, to a number."""
    tree = ast.parse(source)
    comments = _comments(source)
    times: Counter[str] = Counter()
    reads: dict[str, list[int]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            times[node.id] += 1
        elif isinstance(node, ast.arg):
            times[node.arg] += 1
    for node in _without_runs(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            reads.setdefault(node.id, []).append(node.lineno)
    found = {}
    for name, value, line in assignments(tree):
        parts = _number_and_unit(value)
        if times[name] != 1 or parts is None:
            continue
        number, unit = parts
        if unit is not None and any(times[n] for n in _names(unit)):
            continue  # ``2*tau``: no unit, but another number of the script
        text = "1" if unit is None else re.sub(r"\b[A-Za-z_]\w*\.", "", ast.unparse(unit))
        comment = comments.get(line, "")
        found[name] = Literal(name, number, text, line, comment, tuple(sorted(reads.get(name, ()))))
    return found


def compiled(
    source: str | bytes, path: Path, values: Mapping[str, float | int] | None = None
) -> CodeType:
    """The code of a script, with other numbers in the place of some of its literals.

    values : name -> number, in the unit that the script gives it
    raises : SyntaxError
    """
    tree = ast.parse(source, str(path))
    if values:
        tree = ast.fix_missing_locations(_Replace(values).visit(tree))
    return compile(tree, str(path), "exec")


def with_values(source: str | bytes, values: Mapping[str, float | int]) -> str:
    """The text of a script, with other numbers in the place of some of its literals.

    values : as for `compiled`, which runs the same
    """
    text = source if isinstance(source, str) else decoded(source)
    lines = [line.encode() for line in text.splitlines(keepends=True)]
    edits = []
    for name, value, _ in assignments(ast.parse(text)):
        parts = _number_and_unit(value)
        if name in values and parts is not None:
            number = repr(values[name])
            unit = "" if parts[1] is None else f"*({ast.unparse(parts[1])})"
            edits.append((value, number + unit))
    for value, new in sorted(edits, key=lambda e: (e[0].lineno, e[0].col_offset), reverse=True):
        first, last = value.lineno - 1, (value.end_lineno or value.lineno) - 1
        after = lines[last][value.end_col_offset :]
        lines[first : last + 1] = [lines[first][: value.col_offset] + new.encode() + after]
    return b"".join(lines).decode()


def decoded(source: bytes) -> str:
    """The text of a script, which may say how it is encoded."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    return source.decode(encoding)


class _Replace(ast.NodeTransformer):
    def __init__(self, values: Mapping[str, float | int]):
        self.values = values

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        for name, value, _ in _pairs(node):
            parts = _number_and_unit(value)
            if name in self.values and parts is not None:
                number: ast.expr = ast.Constant(self.values[name])
                unit = parts[1]
                new = number if unit is None else ast.BinOp(number, ast.Mult(), unit)
                _put(node, value, new)
        return node


def _put(node: ast.Assign, old: ast.expr, new: ast.expr) -> None:
    ast.copy_location(new, old)
    if node.value is old:
        node.value = new
    elif isinstance(node.value, ast.Tuple):
        node.value.elts = [new if e is old else e for e in node.value.elts]


def assignments(tree: ast.AST) -> list[tuple[str, ast.expr, int]]:
    """Name, value and line of each ``a = 1``, and of both parts of ``a, b = 1, 2``."""
    return [p for n in ast.walk(tree) if isinstance(n, ast.Assign) for p in _pairs(n)]


def _pairs(node: ast.Assign) -> list[tuple[str, ast.expr, int]]:
    """Name, value and line of ``a = 1`` and of ``a, b = 1, 2``."""
    if len(node.targets) != 1:
        return []
    target = node.targets[0]
    if isinstance(target, ast.Name):
        return [(target.id, node.value, node.value.lineno)]
    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
        pairs = zip(target.elts, node.value.elts, strict=False)
        return [(t.id, v, v.lineno) for t, v in pairs if isinstance(t, ast.Name)]
    return []


def _number_and_unit(value: ast.expr) -> tuple[float | int, ast.expr | None] | None:
    """``-60*mV`` as -60 and ``mV``; None for what is not a number times a unit."""
    if isinstance(value, ast.Constant):
        plain = type(value.value) in (int, float)
        return (value.value, None) if plain else None  # type: ignore[return-value]
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub | ast.UAdd):
        inner = _number_and_unit(value.operand)
        if inner is None:
            return None
        return (-inner[0] if isinstance(value.op, ast.USub) else inner[0]), inner[1]
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Mult | ast.Div):
        return None
    left = _number_and_unit(value.left)
    if left is None or not _is_unit(value.right):
        return None
    number, unit = left
    if unit is None:
        if isinstance(value.op, ast.Mult):
            return number, value.right
        return number, ast.BinOp(ast.Constant(1), ast.Div(), value.right)
    return number, ast.BinOp(unit, value.op, value.right)


def _is_unit(node: ast.expr) -> bool:
    """Names, products, quotients and whole powers of them."""
    if isinstance(node, ast.Name):
        return True
    if isinstance(node, ast.Attribute):
        return isinstance(node.value, ast.Name)
    if not isinstance(node, ast.BinOp):
        return False
    if isinstance(node.op, ast.Pow):
        power = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
        return _is_unit(node.left) and isinstance(power, ast.Constant)
    return isinstance(node.op, ast.Mult | ast.Div) and _is_unit(node.left) and _is_unit(node.right)


def _names(node: ast.expr) -> list[str]:
    return [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]


def _without_runs(tree: ast.AST) -> list[ast.AST]:
    """All nodes but those in the arguments of a ``run(...)``."""
    found: list[ast.AST] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        found.append(node)
        if isinstance(node, ast.Call) and _called(node) == "run":
            waiting.append(node.func)
        else:
            waiting += ast.iter_child_nodes(node)
    return found


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def _comments(source: str | bytes) -> dict[int, str]:
    """Line -> the comment at its end."""
    data = source if isinstance(source, bytes) else source.encode()
    try:
        tokens = list(tokenize.tokenize(io.BytesIO(data).readline))
    except (tokenize.TokenError, IndentationError):
        return {}
    return {
        t.start[0]: t.string.lstrip("#: ").strip() for t in tokens if t.type == tokenize.COMMENT
    }
