"""Convert Brian2 equations and statements to LaTeX, in their original form.

Brian2's expressions are a subset of Python's, so Python's parser reads them. Nothing is rearranged
or simplified, so that an equation resembles that of the paper.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from .symbols import symbol, unit

_OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _POWER, _ATOM = range(8)
_COMPARISONS = {
    ast.Lt: "<", ast.Gt: ">", ast.LtE: "\\le", ast.GtE: "\\ge", ast.Eq: "=", ast.NotEq: "\\ne",
}  # fmt: skip
_FUNCTIONS = {
    "exp": "\\exp", "log": "\\ln", "log10": "\\log_{10}", "sin": "\\sin", "cos": "\\cos",
    "tan": "\\tan", "sinh": "\\sinh", "cosh": "\\cosh", "tanh": "\\tanh", "arcsin": "\\arcsin",
    "arccos": "\\arccos", "arctan": "\\arctan", "sign": "\\mathrm{sgn}",
}  # fmt: skip
_BETWEEN = {
    "abs": ("\\lvert ", "\\rvert"),
    "floor": ("\\lfloor ", "\\rfloor"),
    "ceil": ("\\lceil ", "\\rceil"),
}
_RANDOM = {"rand": "\\mathcal{U}(0, 1)", "randn": "\\mathcal{N}(0, 1)"}
_EQUATION = re.compile(
    r"(?P<left>d(?P<state>\w+)/dt|\w+)\s*(?:=\s*(?P<right>.+?))?\s*:\s*(?P<unit>[^:()]+?)"
    r"\s*(?:\((?P<flags>[^()]*)\))?$"
)

# Factor that Brian2 inserts for the flag "unless refractory", which is shown instead.
_REFRACTORY = re.compile(r"^int\(not_refractory\)\s*\*\s*")

Symbols = Mapping[str, str]
Tree = TypeVar("Tree", bound=ast.AST)
_NONE: Symbols = {}
Kind = Literal["differential", "given", "variable"]


@dataclass(frozen=True)
class EquationLine:
    """One line of a model.

    kind  : "differential"; "given" for a subexpression; "variable" for a parameter
    latex : the equation without its unit; for a variable its symbol
    unit  : as written;  flags: such as ("unless refractory",)
    """

    kind: Kind
    name: str
    latex: str
    unit: str = "1"
    flags: tuple[str, ...] = ()


def equations(text: str, symbols: Symbols = _NONE) -> list[EquationLine]:
    """Convert the lines of a Brian2 model; lines that are not equations are skipped.

    symbols : name -> symbol in the paper, such as "τ_m"; other names are formatted as they are
    """
    found = []
    for raw in text.splitlines():
        match = _EQUATION.match(raw.split("#")[0].strip())
        if match is None:
            continue
        flags = tuple(f.strip() for f in (match["flags"] or "").split(",") if f.strip())
        name, right = match["state"] or match["left"], match["right"]
        if right is None:
            found.append(
                EquationLine("variable", name, _symbol(name, symbols), match["unit"].strip(), flags)
            )
            continue
        if "unless refractory" in flags:
            right = _REFRACTORY.sub("", right)
        value = expression(right, symbols, _PRODUCT if "summed" in flags else _OR)
        value = f"\\sum {value}" if "summed" in flags else value
        if match["state"]:
            left, kind = (
                f"\\frac{{\\mathrm{{d}}{_symbol(name, symbols)}}}{{\\mathrm{{d}}t}}",
                "differential",
            )
        else:
            left, kind = _symbol(name, symbols), "given"
        line = EquationLine(kind, name, f"{left} = {value}", match["unit"].strip(), flags)  # type: ignore[arg-type]
        found.append(line)
    return found


def expression(text: str, symbols: Symbols = _NONE, level: int = _OR) -> str:
    """Convert an expression to LaTeX; invalid expressions are set verbatim, in typewriter.

    level : add parentheses if the expression has a lower precedence than this
    """
    try:
        tree = _renamed(ast.parse(" ".join(text.split()), mode="eval"), symbols)
        return _held(tree.body, level)
    except (SyntaxError, NotImplementedError, ValueError, KeyError):
        return _verbatim(text)


def statements(code: str, symbols: Symbols = _NONE) -> list[str]:
    """Convert each statement of a reset or of a pathway to LaTeX."""
    found = []
    for part in re.split(r"[\n;]", code):
        line = part.split("#")[0].strip()
        if not line:
            continue
        try:
            found.append(_statement(_renamed(ast.parse(line), symbols).body[0]))
        except (SyntaxError, NotImplementedError, ValueError, KeyError):
            found.append(_verbatim(line))
    return found


def _renamed(tree: Tree, symbols: Symbols) -> Tree:
    """Replace the names of variables by their symbols."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = _known(node.id, symbols)
    return tree


def _known(name: str, symbols: Symbols) -> str:
    for side in ("_pre", "_post"):
        plain = name.removesuffix(side)
        if plain != name and plain in symbols:
            return symbols[plain] + side
    return symbols.get(name, name)


def _symbol(name: str, symbols: Symbols) -> str:
    return symbol(_known(name, symbols))


def _statement(node: ast.stmt) -> str:
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        value: ast.expr = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
    elif isinstance(node, ast.Assign) and len(node.targets) == 1:
        value = node.value
    else:
        raise NotImplementedError(type(node).__name__)
    target = node.target if isinstance(node, ast.AugAssign) else node.targets[0]
    return f"{_write(target)[0]} \\leftarrow {_write(value)[0]}"


def _write(node: ast.expr) -> tuple[str, int]:
    """LaTeX of a subexpression, and its precedence."""
    match node:
        case ast.Constant(value=bool() as truth):
            return symbol(str(truth)), _ATOM
        case ast.Constant(value=(int() | float()) as number):
            return _number(number)
        case ast.Name(id=name):
            return unit(name) or symbol(name), _ATOM
        case ast.BinOp():
            return _binary(node)
        case ast.UnaryOp(op=ast.Not()):
            return f"\\neg {_held(node.operand, _NOT)}", _NOT
        case ast.UnaryOp(op=ast.USub()):
            return f"-{_held(node.operand, _PRODUCT)}", _SUM
        case ast.UnaryOp(op=ast.UAdd()):
            return _write(node.operand)
        case ast.BoolOp(op=op):
            level, word = (_AND, "\\land") if isinstance(op, ast.And) else (_OR, "\\lor")
            return f" {word} ".join(_held(v, level + 1) for v in node.values), level
        case ast.Compare():
            text = _held(node.left, _SUM)
            for sign, right in zip(node.ops, node.comparators, strict=True):
                text += f" {_COMPARISONS[type(sign)]} {_held(right, _SUM)}"
            return text, _COMPARE
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _call(name, arguments), _ATOM
    raise NotImplementedError(type(node).__name__)


def _held(node: ast.expr, level: int) -> str:
    """LaTeX of a subexpression, with parentheses if its precedence is below ``level``."""
    text, own = _write(node)
    return text if own >= level else _between("(", text, ")")


def _between(left: str, text: str, right: str) -> str:
    """Brackets around LaTeX; they grow only with what is higher than a line.

    Setting a bracket that grows takes twice the time of what is in it, and so does each around it.
    """
    if "\\frac" in text or "\\sqrt" in text:
        return f"\\left{left}{text}\\right{right}"
    return f"{left}{text}{right}"


def _binary(node: ast.BinOp) -> tuple[str, int]:
    left, right = node.left, node.right
    match node.op:
        case ast.Add():
            return f"{_held(left, _SUM)} + {_held(right, _PRODUCT)}", _SUM
        case ast.Sub():
            return f"{_held(left, _SUM)} - {_held(right, _PRODUCT)}", _SUM
        case ast.Div() | ast.FloorDiv():
            over, under, sign = left, right, ""
            if isinstance(left, ast.UnaryOp) and isinstance(left.op, ast.USub):
                over, sign = left.operand, "-"
            text = f"{sign}\\frac{{{_write(over)[0]}}}{{{_write(under)[0]}}}"
            if isinstance(node.op, ast.FloorDiv):
                floor, end = _BETWEEN["floor"]
                return _between(floor, text, end), _ATOM
            return text, _SUM if sign else _PRODUCT
        case ast.Mult():
            return _product(left, right)
        case ast.Mod():
            return f"{_held(left, _PRODUCT)} \\;\\mathrm{{mod}}\\; {_held(right, _POWER)}", _SUM
        case ast.Pow():
            base = _held(left, _ATOM)
            if isinstance(left, ast.Name) and "^" in base:
                base = _between("(", base, ")")  # c^pre to the power of n
            return f"{base}^{{{_write(right)[0]}}}", _POWER
    raise NotImplementedError(type(node.op).__name__)


def _product(left: ast.expr, right: ast.expr) -> tuple[str, int]:
    sign = ""
    if isinstance(left, ast.UnaryOp) and isinstance(left.op, ast.USub):
        left, sign = left.operand, "-"
    a, b = _held(left, _PRODUCT), _held(right, _PRODUCT)
    between = " \\cdot " if b[:1].isdigit() else "\\,"
    return f"{sign}{a}{between}{b}", _SUM if sign else _PRODUCT


def _call(name: str, arguments: list[ast.expr]) -> str:
    inside = [_write(a)[0] for a in arguments]
    if name in _RANDOM:
        return _RANDOM[name]
    if name == "sqrt" and len(inside) == 1:
        return f"\\sqrt{{{inside[0]}}}"
    if name in _BETWEEN and len(inside) == 1:
        left, right = _BETWEEN[name]
        return _between(left, inside[0], right)
    if name == "int" and len(arguments) == 1 and isinstance(arguments[0], ast.Compare | ast.BoolOp):
        return _between("[", inside[0], "]")  # Iverson bracket: 1 if true, else 0
    word = _FUNCTIONS.get(name) or _upright(name)
    return word + _between("(", ", ".join(inside), ")")


def _upright(name: str) -> str:
    return f"\\mathrm{{{name.replace('_', chr(92) + '_')}}}" if len(name) > 1 else name


def _number(value: int | float) -> tuple[str, int]:
    mantissa, _, power = f"{value:.6g}".partition("e")
    if not power:
        return mantissa, _ATOM
    ten = f"10^{{{int(power)}}}"
    return (ten, _POWER) if mantissa == "1" else (f"{mantissa} \\times {ten}", _PRODUCT)


def _verbatim(text: str) -> str:
    special = {"\\": "\\backslash ", "^": "\\hat{}", "~": "\\sim "}
    escaped = "".join(
        special.get(c, f"\\{c}" if c in "_%&#${}" else c) for c in " ".join(text.split())
    )
    return f"\\mathtt{{{escaped.replace(' ', chr(92) + ' ')}}}"
