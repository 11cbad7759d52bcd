"""What `mutations.py` changes in a model: where numbers, units and signs stand in its files.

A change is a place in the text of a file and what stands there instead. `code_changes` reads the
strings that are code for Brian2, `named_constants` the numbers that a file gives a name,
`default_changes` the declarations of parameters; `mutations_of` collects them all.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mutations_declared import CODE, FACTORS, KNOWN, UNITS

from workbench.model.time_step import NAME as STEP

MODELS = Path(__file__).resolve().parent.parent / "models"


_NUMBER = re.compile(r"(?<![\w.])(\d+\.\d+|\d+)(?![\w.])")
_SIGN = re.compile(r"(?<![eE(,])(?<!\d[eE])[+-](?==)|(?<!\d[eE])[+-]")
_TEXT_KEYS = {"doc", "source", "symbol", "title", "name", "purpose", "group", "verb"}
_FLAGS = re.compile(r"\((unless refractory|shared|summed|event-driven)\)|\b(or|and|not)\b|#[^\n]*")
_PROSE = re.compile(r"[A-Za-z]{2,},? [a-z]{2,}|\((?:19|20)\d\d\)")  # or the year of a paper


@dataclass(frozen=True)
class Mutation:
    """Text ``start:stop`` of a file of ``models`` is replaced by ``new``."""

    slug: str
    kind: str
    label: str
    file: str
    start: int
    stop: int
    new: str

    def apply(self, text: str) -> str:
        return text[: self.start] + self.new + text[self.stop :]


def strings(text: str) -> Iterator[tuple[int, str]]:
    """Place and source of each string that is code for Brian2."""
    lines = [0]
    for line in text.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    middle = getattr(tokenize, "FSTRING_MIDDLE", -1)
    skipped, before = False, (tokenize.NEWLINE, tokenize.NEWLINE)
    key = ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.STRING, middle):
            if before[0] != tokenize.STRING:
                starts_line = before[0] in (tokenize.NEWLINE, tokenize.INDENT, tokenize.NL)
                skipped = key in _TEXT_KEYS or (starts_line and token.string.startswith('"""'))
            if not skipped and is_code(token.string):
                yield lines[token.start[0] - 1] + token.start[1], token.string
            before = (tokenize.STRING, token.type)
            continue
        if token.type in (tokenize.NL, tokenize.COMMENT) and before[0] == tokenize.STRING:
            continue
        if token.type == tokenize.NAME:
            key = token.string
        elif token.string != "=" and not token.string.isspace():
            key = ""
        before = (token.type, token.type)


def is_code(source: str) -> bool:
    inside = source.strip("frbuFRBU").strip("\"'").strip()
    bare = _FLAGS.sub("", inside)
    return (
        bool(re.search(r"[=*/(]", inside) or inside[:1] in "+-")
        and bool(_SIGN.search(inside) or _NUMBER.search(inside))
        and not any(_PROSE.search(line) for line in bare.splitlines())
    )


def code_changes(slug: str, file: str, text: str) -> Iterator[Mutation]:
    """A sign or a number, in each place of the code in a file."""
    for start, source in strings(text):
        hidden = [m.span() for m in re.finditer(r"\{[^{}]*\}", source)]
        comments = [m.span() for m in re.finditer(r"#[^\n]*", source)]

        def visible(k: int, spans: Any = (*hidden, *comments)) -> bool:
            return not any(a <= k < b for a, b in spans)

        def label(k: int, source: str = source) -> str:
            begin = source.rfind("\n", 0, k) + 1
            end = source.find("\n", k)
            line = source[begin : end if end >= 0 else len(source)]
            return f"{line.strip()[:90]} @{k - begin - len(line) + len(line.lstrip())}"

        for m in _SIGN.finditer(source):
            k = m.start()
            if visible(k) and not source[max(0, k - 12) : k].endswith(("when", "-")):
                other = "-" if source[k] == "+" else "+"
                yield Mutation(slug, "sign", f"{label(k)}: {other}", file, start + k,
                               start + k + 1, other)  # fmt: skip
        for m in _NUMBER.finditer(source):
            k = m.start()
            ahead, behind = source[m.end() :].lstrip()[:1], source[:k].rstrip()[-1:]
            if not visible(k) or behind in ("<", ">", ":") or ahead in ("<", ">"):
                continue  # a switch, or the unit 1 of a variable
            if re.search(r"\d[eE][+-]$", source[:k]):
                continue
            if re.search(r"clip\([^\n]*$", source[:k]) and ahead in (",", ")"):
                continue
            value = float(m.group())
            if value:
                new = f"{value * FACTORS[0]:.9g}"
                yield Mutation(slug, "constant", f"{label(k)}: {m.group()} → {new}", file,
                               start + k, start + m.end(), new)  # fmt: skip


def named_constants(slug: str, file: str, text: str) -> Iterator[Mutation]:
    """Module-level ``NAME = number``."""
    lines = [0]
    for line in text.encode().splitlines(keepends=True):
        lines.append(lines[-1] + len(line))

    def at(node: Any, end: bool = False) -> int:
        row, column = (
            (node.end_lineno, node.end_col_offset) if end else (node.lineno, node.col_offset)
        )
        return len(text.encode()[: lines[row - 1] + column].decode())

    for node in ast.parse(text).body:
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target = node.targets[0]
        pairs = [(target, node.value)]
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = list(zip(target.elts, node.value.elts, strict=True))
        for name, value in pairs:
            if not isinstance(name, ast.Name) or not re.fullmatch(r"_?[A-Z][A-Z_0-9]*", name.id):
                continue
            source = text[at(value) : at(value, True)]
            if not re.fullmatch(r"[\d.\s+*/e()-]+", source):
                continue
            number = eval(compile(ast.Expression(value), file, "eval"))  # digits and signs only
            if len(pairs) > 1 and float(number).is_integer():
                continue  # an order of events
            new = repr(float(f"{number * FACTORS[0]:.12g}"))
            yield Mutation(slug, "constant", f"{name.id} = {source} → {new}", file,
                           at(value), at(value, True), new)  # fmt: skip


def default_changes(slug: str, files: dict[str, str], parameters: Any) -> Iterator[Mutation]:
    """Each parameter's default, and its unit."""
    for name, parameter in parameters.items():
        pattern = re.compile(rf"^    {name} = \w+\(\s*", re.M)
        file = next((f for f, text in files.items() if pattern.search(text)), None)
        if file is None:
            raise LookupError(f"{slug}: the declaration of {name} was not found in {list(files)}.")
        text = files[file]
        found = pattern.search(text)
        assert found is not None
        start, stop = found.end(), found.end() + first_argument(text[found.end() :])
        for value in others(parameter):
            yield Mutation(slug, "default", f"{name} = {parameter.default:g} → {value:g}", file,
                           start, stop, repr(value))  # fmt: skip
        body = text[stop : stop + 250]
        unit = re.search(r'^[^"]*?unit="(\w+)"', body)
        if unit and unit.group(1) in UNITS and parameter.default:
            new = UNITS[unit.group(1)]
            yield Mutation(slug, "unit", f"{name} in {new} instead of {unit.group(1)}", file,
                           stop + unit.start(1), stop + unit.end(1), new)  # fmt: skip


def first_argument(text: str) -> int:
    depth = 0
    for k, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if depth < 0 or (c == "," and depth == 0):
            return k
    raise LookupError("a declaration without an end")


def others(parameter: Any) -> list[Any]:
    """Neighbouring values of a default that its limits allow."""
    default = parameter.default
    if parameter.choices:
        return [(int(default) + 1) % len(parameter.choices)]
    if parameter.integer and abs(default) < 10:
        found = [int(default) + 1, int(default) - 1]
    elif parameter.integer:
        found = [round(default * f) for f in FACTORS]
    elif default == 0:
        low, high = parameter.softbounds or parameter.bounds
        found = [round(0.1 * (high - low), 9)]
    else:
        found = [float(f"{default * f:.12g}") for f in FACTORS]
    low, high = parameter.bounds
    inside = [v for v in found if (low is None or v >= low) and (high is None or v <= high)]
    return inside[:2]


def mutations_of(slug: str) -> list[Mutation]:
    """Everything that is changed in one model; to be called where ``models`` may be imported."""
    from workbench.model.registry import model_class

    files = {f: (MODELS / f).read_text(encoding="utf-8") for f in CODE[slug]}
    cls = model_class(slug)
    # The step is no part of the source as other defaults are; `check --convergence` changes it.
    parameters = {name: p for name, p in cls.parameters().items() if name != STEP}
    found = list(default_changes(slug, files, parameters))
    for file, text in files.items():
        found += code_changes(slug, file, text)
        found += named_constants(slug, file, text)
    for owner, label, file, old, new in KNOWN:
        if owner == slug:
            text = (MODELS / file).read_text(encoding="utf-8")
            if text.count(old) != 1:
                raise LookupError(f"{label}: {old!r} is not once in {file}.")
            at = text.index(old)
            found.append(Mutation(slug, "known", label, file, at, at + len(old), new))
    return found
